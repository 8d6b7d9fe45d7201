/** What every backend must do. Runs against the fake always and against the real system where it may change it. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type {
  Account,
  Clock,
  Os,
  OsErrorCode,
  RaisedSession,
  RaiseOrder,
  SnapshotOrder,
  SystemItem,
} from './os.ts'
import { OsError } from './os.ts'

/** A computer with two people on it, prepared for nothing yet. */
export interface OsWorld {
  readonly os: Os
  readonly clock: Clock
  readonly person: Account
  readonly other: Account
  readonly nobodyUid: number
  /** Whether the person can run a program as root now. */
  canAct(uid: number): Promise<boolean>
  /** The raised person starts a program that does not end by itself; answers its pid. */
  startElevated(uid: number): Promise<number>
  isRunning(pid: number): Promise<boolean>
  /** Somebody else takes the rights of the session away. */
  takeAway(session: RaisedSession): Promise<void>
  /** Somebody writes a scheduled job, or with null removes it; answers what it is called. Different states differ. */
  setJob(state: string | null): Promise<string>
  /** Folder that new files may be moved into. */
  readonly quarantine: string
  /** Leaves the computer as it was found. */
  close(): Promise<void>
}

const minuteMs = 60_000
const whole: SnapshotOrder = { part: 'settings', copies: [], sessions: [], sinceWallMs: null }

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: a suite of tests that share one computer
export function osContract(
  name: string,
  makeWorld: () => Promise<OsWorld>,
  skip: string | false = false,
): void {
  // biome-ignore lint/complexity/noExcessiveLinesPerFunction: as above
  describe(`the operating system port: ${name}`, { skip }, () => {
    let world: OsWorld
    before(async () => {
      world = await makeWorld()
    })
    after(async () => {
      await world?.close()
    })

    const order = (changes: Partial<RaiseOrder> = {}): RaiseOrder => {
      const { wallMs, bootMs } = world.clock.now()
      const ends = { endsAtWallMs: wallMs + minuteMs, endsAtBootMs: bootMs + minuteMs }
      return { sessionId: 'session-1', uid: world.person.uid, ...ends, ...changes }
    }
    const refuses = async (code: OsErrorCode, act: () => Promise<unknown>): Promise<void> => {
      await assert.rejects(act, (error) => {
        assert.ok(error instanceof OsError, String(error))
        assert.equal(error.code, code)
        assert.ok(error.message.length > 0 && error.hint.length > 0)
        return true
      })
    }

    test('a computer that was not prepared raises nobody: not-prepared', async () => {
      await refuses('not-prepared', () => world.os.raise(order()))
      assert.deepEqual(await world.os.raisedSessions(), [])
    })

    test('GATE-9: preparing twice grants nothing to anybody', async () => {
      await world.os.prepare()
      await world.os.prepare()
      assert.deepEqual(await world.os.raisedSessions(), [])
      assert.equal(await world.canAct(world.person.uid), false)
    })

    test('a person is found with a stable id and is listed', async () => {
      assert.deepEqual(await world.os.account(world.person.uid), world.person)
      assert.equal(world.person.userId, `uid:${world.person.uid}:${world.person.name}`)
      const listed = await world.os.accounts()
      assert.ok(listed.some(({ userId }) => userId === world.person.userId))
    })

    test('a uid that nobody has is gone, and nothing is concluded about its rights', async () => {
      assert.equal(await world.os.account(world.nobodyUid), 'gone')
      await refuses('account-gone', () => world.os.isAdministrator(world.nobodyUid))
      await refuses('account-gone', () => world.os.raise(order({ uid: world.nobodyUid })))
    })

    test('raising lets this person act and nobody else, and lowering ends it', async () => {
      await world.os.raise(order())
      assert.equal(await world.canAct(world.person.uid), true)
      assert.equal(await world.canAct(world.other.uid), false)
      assert.equal(await world.os.isRaised(world.person.uid), true)
      assert.equal(await world.os.isRaised(world.other.uid), false)
      assert.deepEqual(await world.os.raisedSessions(), [{ sessionId: 'session-1', uid: world.person.uid }])
      assert.equal(await world.os.lower(order()), 'raised')
      assert.equal(await world.canAct(world.person.uid), false)
      assert.deepEqual(await world.os.raisedSessions(), [])
    })

    test('GATE-13: a person who may act only while a process runs may not once it is gone', async () => {
      const { uid } = world.person
      await world.os.raise(order())
      await world.os.onlyWhileRuns(uid, process.pid)
      assert.equal(await world.canAct(uid), true)
      await world.os.onlyWhileRuns(uid, null)
      const needed = await world.startElevated(uid)
      await world.os.onlyWhileRuns(uid, needed)
      assert.equal(await world.canAct(uid), true)
      await world.os.endProcesses({ ...order(), sinceBootMs: 0, graceMs: 0 })
      assert.equal(await world.isRunning(needed), false)
      assert.equal(await world.canAct(uid), false)
      await world.os.lower(order())
      await world.os.raise(order())
      assert.equal(await world.canAct(uid), true, 'lowering forgets it')
      await world.os.lower(order())
    })

    test('raised rights do not make a person an administrator of their own', async () => {
      assert.equal(await world.os.isAdministrator(0), true)
      assert.equal(await world.os.isAdministrator(world.person.uid), false)
      await world.os.raise(order())
      assert.equal(await world.os.isAdministrator(world.person.uid), false)
      await world.os.lower(order())
    })

    test('lowering again, or after somebody else did, answers removed-elsewhere', async () => {
      assert.equal(await world.os.lower(order()), 'removed-elsewhere')
      await world.os.raise(order())
      await world.takeAway(order())
      assert.equal(await world.canAct(world.person.uid), false)
      assert.equal(await world.os.lower(order()), 'removed-elsewhere')
      assert.deepEqual(await world.os.raisedSessions(), [])
    })

    test('raising the same session again moves its deadline', async () => {
      await world.os.raise(order())
      const { wallMs, bootMs } = world.clock.now()
      await world.os.raise(
        order({ endsAtWallMs: wallMs + 2 * minuteMs, endsAtBootMs: bootMs + 2 * minuteMs }),
      )
      assert.equal((await world.os.raisedSessions()).length, 1)
      assert.equal(await world.canAct(world.person.uid), true)
      await world.os.lower(order())
    })

    test('a second session of the same person is refused: already-raised', async () => {
      await world.os.raise(order())
      await refuses('already-raised', () => world.os.raise(order({ sessionId: 'session-2' })))
      assert.deepEqual(await world.os.raisedSessions(), [{ sessionId: 'session-1', uid: world.person.uid }])
      await world.os.lower(order())
    })

    test('a deadline that has passed on either clock is refused: deadline-passed', async () => {
      const { wallMs, bootMs } = world.clock.now()
      await refuses('deadline-passed', () => world.os.raise(order({ endsAtWallMs: wallMs - 1 })))
      await refuses('deadline-passed', () => world.os.raise(order({ endsAtBootMs: bootMs - 1 })))
      await refuses('deadline-passed', () => world.os.raise(order({ endsAtWallMs: Number.NaN })))
      assert.equal(await world.canAct(world.person.uid), false)
    })

    test('ids that system files cannot hold are refused: bad-order', async () => {
      for (const sessionId of ['', '../x', 'a.b', 'a b', 'x'.repeat(65)]) {
        await refuses('bad-order', () => world.os.raise(order({ sessionId })))
      }
      await refuses('bad-order', () => world.os.raise(order({ uid: 0 })))
      assert.deepEqual(await world.os.raisedSessions(), [])
    })

    test('what is raised must be lowered before the computer can be unprepared: still-raised', async () => {
      await world.os.raise(order())
      await refuses('still-raised', () => world.os.unprepare())
      await world.os.lower(order())
    })

    test('elevated processes are listed and ended, once', async () => {
      const sinceBootMs = world.clock.now().bootMs
      await world.os.raise(order())
      const pid = await world.startElevated(world.person.uid)
      const session = { ...order(), sinceBootMs }
      const listed = await world.os.elevatedProcesses(session)
      assert.ok(listed.some((process) => process.pid === pid))
      await world.os.lower(order())
      assert.equal(await world.isRunning(pid), true)
      const { ended, running } = await world.os.endProcesses({ ...session, graceMs: 0 })
      assert.ok(ended.some((process) => process.pid === pid))
      assert.deepEqual(running, [])
      assert.equal(await world.isRunning(pid), false)
      assert.deepEqual(await world.os.endProcesses({ ...session, graceMs: 0 }), { ended: [], running: [] })
    })

    test('a person without a login session cannot log off and has no terminal', async () => {
      const watch = await world.os.watchLogoff(world.other.uid, () => assert.fail('nobody logged off'))
      assert.equal(watch.state, 'no-login-session')
      watch.stop()
      assert.equal(await world.os.notify(world.other.uid, 'five minutes left'), 0)
    })

    test('each person has a socket folder of his own', async () => {
      const mine = await world.os.userSocketDir(world.person.uid)
      assert.equal(await world.os.userSocketDir(world.person.uid), mine)
      assert.notEqual(await world.os.userSocketDir(world.other.uid), mine)
    })

    const job = async (): Promise<SystemItem | null> => {
      const what = await world.setJob('first')
      const { items } = await world.os.snapshot({ ...whole, copies: ['scheduled-job'] })
      return items.find((item) => item.kind === 'scheduled-job' && item.what === what) ?? null
    }

    test('END-11: two looks at the same thing are equal, and a change shows', async () => {
      const first = await job()
      assert.ok(first)
      assert.equal((await job())?.mark, first.mark)
      await world.setJob('second')
      const { items } = await world.os.snapshot(whole)
      const second = items.find((item) => item.what === first.what)
      assert.ok(second && second.mark !== first.mark && second.copy === undefined)
    })

    test('END-13: what changed is put back from its copy, what is new is taken away, and without a copy nothing is', async () => {
      const { quarantine } = world
      const before = (await job()) ?? assert.fail('no job')
      await world.setJob('second')
      const found = (await world.os.snapshot(whole)).items
      const after = found.find(({ what }) => what === before.what) ?? assert.fail('no second job')
      const { copy: _copy, ...bare } = before
      assert.equal(await world.os.restore({ difference: { before: bare, after }, quarantine }), false)
      assert.equal(await world.os.restore({ difference: { before, after }, quarantine }), true)
      const restored = (await world.os.snapshot({ ...whole, copies: ['scheduled-job'] })).items
      assert.ok(restored.some(({ what, mark }) => what === before.what && mark === before.mark))
      assert.equal(await world.os.restore({ difference: { before: null, after: before }, quarantine }), true)
      const { items } = await world.os.snapshot(whole)
      assert.ok(!items.some(({ what }) => what === before.what))
    })

    test('an unprepared computer raises nobody again', async () => {
      await world.os.unprepare()
      await refuses('not-prepared', () => world.os.raise(order()))
    })
  })
}
