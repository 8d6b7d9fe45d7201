import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SetClock } from '../../clock/fake/set-clock.ts'
import { osContract } from '../os.contract.ts'
import { OsError, type RaiseOrder } from '../os.ts'
import { FakeCrash, FakeOs } from './fake-os.ts'

const uid = 1000

function make(): { os: FakeOs; clock: SetClock; order: RaiseOrder } {
  const clock = new SetClock()
  const os = new FakeOs(clock)
  os.addAccount(uid, 'alice')
  const { wallMs, bootMs } = clock.now()
  const order = { sessionId: 's1', uid, endsAtWallMs: wallMs + 60_000, endsAtBootMs: bootMs + 60_000 }
  return { os, clock, order }
}

const withCode = (code: string) => (error: unknown) => error instanceof OsError && error.code === code

osContract('fake', async () => {
  const { os, clock } = make()
  return {
    os,
    clock,
    person: os.addAccount(1001, 'bob'),
    other: os.addAccount(1002, 'carol', { logins: 0 }),
    nobodyUid: 1999,
    canAct: async (who) => os.canAct(who),
    startElevated: async (who) => os.startElevated(who),
    isRunning: async (pid) => os.isRunning(pid),
    takeAway: async ({ sessionId }) => os.takeAway(sessionId),
    setJob: async (state) => {
      os.system.change('scheduled-job', '/etc/cron.d/new', state)
      return '/etc/cron.d/new'
    },
    quarantine: '/quarantine',
    close: async () => undefined,
  }
})

test('the fake system ends rights at the deadline without anybody asking', async () => {
  const { os, clock, order } = make()
  await os.prepare()
  await os.raise(order)
  clock.advance(59_999)
  assert.equal(os.canAct(uid), true)
  clock.advance(1)
  assert.equal(os.canAct(uid), false)
})

test('turning the wall clock back does not extend rights', async () => {
  const { os, clock, order } = make()
  await os.prepare()
  await os.raise(order)
  clock.turnWall(-3_600_000)
  clock.advance(60_000)
  assert.equal(os.canAct(uid), false)
})

test('every knob fails in the way it is named for', async () => {
  const { os, order } = make()
  os.knobs.failPrepare = 'sudo-unsupported'
  await assert.rejects(os.prepare(), withCode('sudo-unsupported'))
  os.knobs.failPrepare = null
  await os.prepare()
  os.knobs.directoryUnreachable = true
  assert.equal(await os.account(uid), 'unreachable')
  await assert.rejects(os.raise(order), withCode('directory-unreachable'))
  os.knobs.directoryUnreachable = false
  os.knobs.failRaise = 1
  await assert.rejects(os.raise(order), withCode('raise-failed'))
  assert.equal(await os.isRaised(uid), false)
  os.knobs.failRaise = 1
  os.knobs.leaveRaised = true
  await assert.rejects(os.raise(order), withCode('raise-failed'))
  assert.equal(await os.isRaised(uid), true)
  os.knobs.failLower = 1
  await assert.rejects(os.lower(order), withCode('still-raised'))
  assert.equal(await os.lower(order), 'raised')
})

test('a crash happens after its step took effect', async () => {
  const { os, order } = make()
  await os.prepare()
  os.knobs.crashAfter = 'raise'
  await assert.rejects(os.raise(order), FakeCrash)
  assert.equal(await os.isRaised(uid), true)
  os.knobs.crashAfter = 'lower'
  await assert.rejects(os.lower(order), FakeCrash)
  assert.equal(await os.isRaised(uid), false)
})

test('a reused uid is another person', async () => {
  const { os } = make()
  os.removeAccount(uid)
  assert.equal(await os.account(uid), 'gone')
  const found = os.addAccount(uid, 'mallory')
  assert.equal(found.userId, 'uid:1000:mallory')
})

test('undying processes are reported as running, escaped ones are found by login', async () => {
  const { os, clock, order } = make()
  await os.prepare()
  await os.raise(order)
  const sinceBootMs = clock.now().bootMs
  const stubborn = os.startElevated(uid, 'stubborn')
  const escaped = os.startElevated(uid, 'escaped', { escaped: true })
  os.knobs.undying.add(stubborn)
  const { ended, running } = await os.endProcesses({ ...order, sinceBootMs, graceMs: 0 })
  assert.deepEqual(
    ended.map(({ pid }) => pid),
    [escaped],
  )
  assert.deepEqual(
    running.map(({ pid }) => pid),
    [stubborn],
  )
})

test('a logoff is told once and not after the watch was stopped', async () => {
  const { os } = make()
  let told = 0
  await os.watchLogoff(uid, () => told++)
  const stopped = await os.watchLogoff(uid, () => assert.fail('stopped'))
  stopped.stop()
  os.logOff(uid)
  os.logOff(uid)
  assert.equal(told, 1)
})
