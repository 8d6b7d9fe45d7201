/** Every end of a session on the real system, with programs that do not want to go. */
import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { until, whyNot } from './os-fixture.ts'
import { SessionScene } from './session-scene.ts'

const skip = whyNot('sudo', 'visudo', 'useradd', 'runuser', 'setsid', 'setpriv')

/** A daemon that left its parents and ignores the polite signal, told apart by the seconds that it sleeps. */
const stubborn = (seconds: number) =>
  `(setsid sh -c "trap \\"\\" TERM HUP; sleep ${seconds} & wait; sleep ${seconds}" </dev/null >/dev/null 2>&1 &)`

function sleepers(seconds: number): string[] {
  try {
    return execFileSync('pgrep', ['-f', `sleep ${seconds}`], { encoding: 'utf8' })
      .trim()
      .split('\n')
  } catch {
    return []
  }
}

/** Milliseconds since boot, which nobody can set. */
const upMs = () => Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000

/** Turns the wall clock back by an hour while `work` runs. */
async function anHourBack(work: () => Promise<void>): Promise<void> {
  const ahead = Date.now() - upMs()
  const set = (ms: number) => execFileSync('date', ['-s', `@${(ms / 1000).toFixed(3)}`], { stdio: 'ignore' })
  try {
    set(ahead + upMs() - 3_600_000)
    await work()
  } finally {
    set(ahead + upMs())
  }
}

describe('the ends of a session', { skip }, () => {
  let scene: SessionScene
  let seconds = 8100
  let ends = 0

  before(async () => {
    scene = await SessionScene.open({ graceSeconds: 1 })
  })
  after(() => scene.close())

  /** A session with a stubborn daemon in it, which is over for `reason` after `end`. */
  async function over(reason: string, end: () => Promise<unknown>): Promise<void> {
    seconds += 1
    await scene.raise()
    await scene.elevated(stubborn(seconds))
    await until('the daemon runs', () => sleepers(seconds).length > 0)
    await end()
    ends += 1
    const fact = await scene.awaited('session.end', ends)
    assert.deepEqual([fact.reason, fact.proven, fact.stillRunning], [reason, true, []])
    assert.ok(fact.processesEnded >= 2, `${fact.processesEnded} ended`)
    assert.equal(await scene.computer.canAct(scene.person.uid), false)
    assert.deepEqual(sleepers(seconds), [])
  }

  test('END-6: the deadline', async () => {
    await scene.policy({ graceSeconds: 1, minutesDefault: 1, minutesCeiling: 1 })
    await over('expired', async () => undefined)
    await scene.policy({ graceSeconds: 1 })
  })

  test('END-6: the wish of the user', () => over('ended-by-user', () => scene.user({ call: 'end' })))

  test('END-6: the wish of an administrator', () =>
    over('ended-by-administrator', async () => {
      const { sessionId } = (await scene.facts('session.start')).at(-1) ?? assert.fail('no session')
      const message = { type: 'end-session', sessionId }
      assert.deepEqual(await scene.courier({ call: 'deliver', message }), { done: true })
    }))

  test('END-6: signing out', async () => {
    const { uid } = scene.person
    const become = `echo ${uid} > /proc/self/loginuid; exec setpriv --reuid ${uid} --clear-groups sleep 8000`
    const login: ChildProcess = spawn('sh', ['-c', become], { stdio: 'ignore' })
    try {
      await until('the person is logged in', () => sleepers(8000).length === 1)
      await over('logoff', async () => login.kill('SIGKILL'))
    } finally {
      login.kill('SIGKILL')
    }
  })

  test('END-3, END-6: a clock that is turned back', () =>
    over('clock-tampering', () =>
      anHourBack(() =>
        until(
          'the rights are gone',
          async () => !(await scene.computer.canAct(scene.person.uid)),
          60_000,
          500,
        ),
      ),
    ))

  test('END-2, END-7: kill -9 while programs are being ended, and the next start ends them', () =>
    over('ended-by-user', async () => {
      await scene.policy({ graceSeconds: 20 })
      await scene.user({ call: 'end' })
      await scene.stop('SIGKILL')
      assert.equal(await scene.computer.canAct(scene.person.uid), false)
      assert.notDeepEqual(sleepers(seconds), [], 'still in its grace')
      await scene.start()
      await scene.policy({ graceSeconds: 1 })
    }))

  test('END-7: what a grant lets stay is listed as still running', async () => {
    await scene.raise(5, { end: false })
    await scene.elevated('setsid sleep 8200 >/dev/null 2>&1 &')
    await until('the program runs', () => sleepers(8200).length === 1)
    await scene.user({ call: 'end' })
    ends += 1
    try {
      const { stillRunning, processesEnded } = await scene.awaited('session.end', ends)
      assert.deepEqual(
        stillRunning.map(({ program }) => program.split('/').at(-1)),
        ['sleep'],
      )
      assert.equal(processesEnded, 0)
      assert.equal(await scene.computer.canAct(scene.person.uid), false)
    } finally {
      for (const pid of sleepers(8200)) process.kill(Number(pid), 'SIGKILL')
    }
  })
})
