import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { SetClock } from '../../apps/agent/src/clock/fake/set-clock.ts'
import { findGroupRoot } from '../../apps/agent/src/os/linux/cgroup.ts'
import { linuxOs } from '../../apps/agent/src/os/linux/linux-os.ts'
import { allProcesses, readProcess } from '../../apps/agent/src/os/linux/processes.ts'
import type { Account, EndedProcesses } from '../../apps/agent/src/os/os.ts'
import { Computer, until, whyNot } from './os-fixture.ts'

describe('ending what a session started', { skip: whyNot('sudo', 'useradd', 'runuser', 'setsid') }, () => {
  let computer: Computer
  let person: Account
  let other: Account
  let sinceBootMs: number
  before(async () => {
    computer = await Computer.open()
    await computer.os.prepare()
    person = await computer.addAccount()
    other = await computer.addAccount()
  })
  after(async () => {
    await computer?.close()
  })
  beforeEach(async () => {
    sinceBootMs = computer.clock.now().bootMs
    await computer.os.raise(computer.order(person.uid))
  })
  afterEach(async () => {
    await end()
  })

  async function end(graceMs = 0): Promise<EndedProcesses> {
    await computer.os.lower({ sessionId: 's-1', uid: person.uid })
    return computer.os.endProcesses({ sessionId: 's-1', uid: person.uid, sinceBootMs, graceMs })
  }
  const sleepers = (seconds: number): readonly number[] =>
    allProcesses()
      .filter(({ pid, exe }) => exe?.endsWith('/sleep') && commandOf(pid).includes(`\0${seconds}\0`))
      .map(({ pid }) => pid)

  test('END-7: daemons, double forks, nohup and children of su all end, however they were started', async () => {
    const hide = '>/dev/null 2>&1 </dev/null'
    const ways = [
      `setsid sleep 7001 ${hide} &`,
      `(setsid sh -c "sleep 7001 & sleep 7001" ${hide} &) &`,
      `nohup sleep 7001 ${hide} &`,
      `su ${other.name} -s /bin/sh -c "sleep 7001" ${hide} &`,
      `sh -c "trap : TERM HUP INT; while :; do sleep 7001; done" ${hide} &`,
      `unshare --pid --fork --mount-proc sleep 7001 ${hide} &`,
    ]
    const started = await computer.as(person, `sudo -n sh -c '${ways.join(' ')} echo started'`)
    assert.equal(started.stdout, 'started\n', started.stderr)
    await until('all of them run', () => sleepers(7001).length === 7)
    const found = sleepers(7001)
    const { ended, running } = await end()
    assert.deepEqual(running, [])
    assert.deepEqual(sleepers(7001), [])
    for (const pid of found)
      assert.ok(
        ended.some((process) => process.pid === pid),
        `${pid} is among the ended`,
      )
    assert.equal(existsSync(`${findGroupRoot(computer.paths.name)}/s-1`), false)
  })

  test('END-7: a process that left its group is found by its login', async () => {
    const leave = `echo $$ > ${findGroupRoot(computer.paths.name)}/../cgroup.procs; exec setsid sleep 7002 >/dev/null 2>&1`
    await computer.as(person, `sudo -n sh -c '(${leave}) & echo $!'`)
    await until('it runs', () => sleepers(7002).length === 1)
    const [pid] = sleepers(7002)
    const session = { sessionId: 's-1', uid: person.uid, sinceBootMs }
    assert.ok((await computer.os.elevatedProcesses(session)).some((process) => process.pid === pid))
    assert.deepEqual((await end()).running, [])
    assert.deepEqual(sleepers(7002), [])
  })

  test('END-7: a session that made its group refuse to be ended is ended by its login', async () => {
    const root = findGroupRoot(computer.paths.name)
    const leave = `echo $$ > ${root}/../cgroup.procs; echo threaded > ${root}/s-1/cgroup.type`
    const stay = 'exec setsid sleep 7012 >/dev/null 2>&1'
    // The group must be empty to be changed, so sudo itself leaves it as well.
    const empty = `while read -r pid; do echo $pid > ${root}/../cgroup.procs; done < ${root}/s-1/cgroup.procs`
    await computer.as(person, `sudo -n sh -c '${empty}; (${leave}; ${stay}) & echo $!'`)
    await until('it runs', () => sleepers(7012).length === 1)
    assert.equal(readFileSync(`${root}/s-1/cgroup.type`, 'utf8'), 'threaded\n')
    assert.deepEqual((await end()).running, [])
    assert.deepEqual(sleepers(7012), [])
    assert.equal(existsSync(`${root}/s-1`), false)
  })

  test('own processes of the person, and those of others, go on', async () => {
    const own = spawn('runuser', ['-u', person.name, '--', 'sleep', '7003'], { stdio: 'ignore' })
    const others = spawn('runuser', ['-u', other.name, '--', 'sleep', '7003'], { stdio: 'ignore' })
    try {
      await until('both run', () => sleepers(7003).length === 2)
      await computer.startElevated(person)
      assert.deepEqual((await end()).running, [])
      assert.equal(sleepers(7003).length, 2)
    } finally {
      own.kill()
      others.kill()
    }
  })

  test('elevated processes from before the session are nobody’s session', async () => {
    const old = await computer.startElevated(person, 'setsid sleep 7004 >/dev/null 2>&1 & echo $!')
    writeFileSync(`${findGroupRoot(computer.paths.name)}/../cgroup.procs`, String(old))
    const later = { sessionId: 's-1', uid: person.uid, sinceBootMs: computer.clock.now().bootMs + 1_000 }
    assert.deepEqual(await computer.os.elevatedProcesses(later), [])
    assert.deepEqual((await computer.os.endProcesses({ ...later, graceMs: 0 })).ended, [])
    assert.notEqual(readProcess(old), null)
    await end()
    assert.equal(readProcess(old), null)
  })

  test('with a grace, programs may put their affairs in order first', async () => {
    const farewell = `/tmp/${computer.paths.name}-farewell`
    const polite = `trap "echo bye > ${farewell}; exit" TERM; while :; do sleep 0.1; done`
    await computer.as(
      person,
      `sudo -n sh -c 'setsid sh -c "${polite.replaceAll('"', '\\"')}" >/dev/null 2>&1 & echo $!'`,
    )
    try {
      const { running } = await end(5_000)
      assert.deepEqual(running, [])
      assert.equal(existsSync(farewell), true)
    } finally {
      rmSync(farewell, { force: true })
    }
  })

  test('an elevation that races with the end is refused or ended, never left', async () => {
    const racing = computer.as(
      person,
      'for i in $(seq 40); do sudo -n setsid sleep 7005 >/dev/null 2>&1 & done; wait',
    )
    await until('some of them run', () => sleepers(7005).length > 3)
    assert.deepEqual((await end()).running, [])
    await racing
    assert.deepEqual(sleepers(7005), [])
    assert.deepEqual((await end()).ended, [])
  })

  test('END-6: a login session that ends is noticed, and a program it left behind does not hide it', async () => {
    const clock = new SetClock()
    const os = linuxOs({ clock, name: computer.paths.name })
    const become = `echo ${person.uid} > /proc/self/loginuid; setpriv --reuid ${person.uid} --clear-groups setsid sleep 7006 & exec sleep 7006`
    const login = spawn('sh', ['-c', become], { stdio: 'ignore' })
    try {
      await until('the person is logged in', () => sleepers(7006).length === 2)
      let logoffs = 0
      const watch = await os.watchLogoff(person.uid, () => logoffs++)
      assert.equal(watch.state, 'watching')
      clock.advance(10_000)
      assert.equal(logoffs, 0)
      login.kill('SIGKILL')
      await until('the login is over', () => sleepers(7006).length === 1)
      clock.advance(10_000)
      assert.equal(logoffs, 1)
      clock.advance(10_000)
      assert.equal(logoffs, 1)
      watch.stop()
    } finally {
      login.kill('SIGKILL')
      for (const pid of sleepers(7006)) process.kill(pid, 'SIGKILL')
    }
  })
})

/** Arguments between zero bytes; empty when the process has just ended. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1')
  } catch {
    return ''
  }
}
