import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { findGroupRoot } from '../../apps/agent/src/os/linux/cgroup.ts'
import { sudoersFile } from '../../apps/agent/src/os/linux/layout.ts'
import type { Account, RaiseOrder } from '../../apps/agent/src/os/os.ts'
import { Computer, run, until, whyNot } from './os-fixture.ts'

const minuteMs = 60_000

describe('sudo on a real computer', { skip: whyNot('sudo', 'visudo', 'useradd', 'runuser') }, () => {
  let computer: Computer
  let person: Account
  let other: Account
  before(async () => {
    computer = await Computer.open()
    await computer.os.prepare()
    person = await computer.addAccount()
    other = await computer.addAccount()
  })
  after(async () => {
    await computer?.close()
  })
  const lower = () => computer.os.lower({ sessionId: 's-1', uid: person.uid })

  /** Raises from another process, which is killed at once. */
  async function raiseAndDie(order: RaiseOrder): Promise<void> {
    const source = `
      import { linuxOs } from '${import.meta.resolve('../../apps/agent/src/os/linux/linux-os.ts')}'
      import { SystemClock } from '${import.meta.resolve('../../apps/agent/src/clock/system-clock.ts')}'
      await linuxOs({ clock: new SystemClock(), name: '${computer.paths.name}' }).raise(${JSON.stringify(order)})
      process.kill(process.pid, 'SIGKILL')`
    const agent = spawn(process.execPath, ['--input-type=module', '-e', source], {
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    const [, signal] = await once(agent, 'exit')
    assert.equal(signal, 'SIGKILL')
  }

  /** Refused as long as a process of the account is left. */
  async function renamed(from: string, to: string): Promise<void> {
    await until('the account has its other name', async () => {
      return (await run('usermod', ['-l', to, from])).status === 0
    })
  }

  /** Tries sudo until it refuses; answers the wall times of the last yes and of the first no. */
  async function watchItEnd(): Promise<{ lastYesMs: number; firstNoMs: number }> {
    let lastYesMs = 0
    let firstNoMs = 0
    await until('sudo refuses', async () => {
      const askedMs = Date.now()
      if (await computer.canAct(person.uid)) lastYesMs = askedMs
      else firstNoMs = Date.now()
      return firstNoMs > 0
    })
    return { lastYesMs, firstNoMs }
  }

  test('END-1: sudo itself ends the rights at the deadline with the agent dead', async () => {
    const { wallMs, bootMs } = computer.clock.now()
    const endsAtWallMs = wallMs + 3_000
    // The second lock is left open, so that what ends it can only be sudo.
    await raiseAndDie({ sessionId: 's-1', uid: person.uid, endsAtWallMs, endsAtBootMs: bootMs + minuteMs })
    const { lastYesMs, firstNoMs } = await watchItEnd()
    assert.ok(lastYesMs > wallMs, 'it worked before')
    assert.ok(lastYesMs < endsAtWallMs, 'never longer than granted')
    assert.ok(firstNoMs > endsAtWallMs - 2_100, 'at most the begun seconds are cut off')
    await lower()
  })

  test('END-3: the second lock ends the rights by time since boot, whatever the wall clock says', async () => {
    const { wallMs, bootMs } = computer.clock.now()
    // As if somebody had turned the clock back by an hour right after the start.
    const endsAtWallMs = wallMs + 60 * minuteMs
    await raiseAndDie({ sessionId: 's-1', uid: person.uid, endsAtWallMs, endsAtBootMs: bootMs + 3_000 })
    const { lastYesMs } = await watchItEnd()
    assert.ok(lastYesMs > wallMs, 'it worked before')
    assert.ok(lastYesMs < wallMs + 3_000, 'never longer than granted')
    assert.equal((await computer.as(person, 'sudo -n id -u')).status, 1)
    await lower()
  })

  test('END-9: another time zone does not move the deadline', async () => {
    const { wallMs, bootMs } = computer.clock.now()
    const order = {
      sessionId: 's-1',
      uid: person.uid,
      endsAtWallMs: wallMs + 2_000,
      endsAtBootMs: bootMs + minuteMs,
    }
    await computer.os.raise(order)
    await watchItEnd()
    for (const TZ of ['America/Los_Angeles', 'Pacific/Kiritimati', 'XXX+23:59', ':/etc/localtime']) {
      const { status, stdout } = await computer.as(person, 'sudo -n id -u', { TZ })
      assert.deepEqual({ TZ, status, stdout }, { TZ, status: 1, stdout: '' })
    }
    await lower()
  })

  test('a raised person acts as root and as others, and nobody else is affected', async () => {
    await computer.os.raise(computer.order(person.uid))
    assert.equal((await computer.as(person, 'sudo -n id -u')).stdout, '0\n')
    assert.equal((await computer.as(person, `sudo -n -u ${other.name} id -un`)).stdout, `${other.name}\n`)
    assert.equal((await computer.as(other, 'sudo -n id -u')).status, 1)
    await lower()
    assert.equal((await computer.as(person, 'sudo -n id -u')).status, 1)
  })

  test('sudo, sudo -i and sudo -s all land in the group of the session under the login of the person', async () => {
    await computer.os.raise(computer.order(person.uid))
    const look = 'cat /proc/self/loginuid; echo; grep ^0:: /proc/self/cgroup'
    for (const flag of ['', '-i', '-s']) {
      const { stdout, stderr } = await computer.as(person, `sudo -n ${flag} sh -c '${look}'`)
      const group = `${findGroupRoot(computer.paths.name).replace(/^\/sys\/fs\/cgroup(\/unified)?/, '')}/s-1`
      assert.equal(stdout, `${person.uid}\n0::${group}\n`, `sudo ${flag}: ${stderr}`)
    }
    await lower()
  })

  test('END-9: a uid that another name has now opens nothing, with the agent dead', async () => {
    await computer.os.raise(computer.order(person.uid))
    assert.equal(await computer.canAct(person.uid), true)
    const other = `${person.name}-x`
    await renamed(person.name, other)
    try {
      const { status, stdout } = await computer.as({ ...person, name: other }, 'sudo -n id -u')
      assert.deepEqual({ status, stdout }, { status: 1, stdout: '' })
    } finally {
      await renamed(other, person.name)
    }
    assert.equal(await computer.canAct(person.uid), true, 'the name alone made the difference')
    await lower()
  })

  test('GATE-13: a process that must run is that process, not a later one of its number', async () => {
    await computer.os.raise(computer.order(person.uid))
    await computer.os.onlyWhileRuns(person.uid, process.pid)
    assert.equal(await computer.canAct(person.uid), true)
    const file = `${computer.paths.gateDir}/${person.uid}.while`
    const [pid = '', began = ''] = readFileSync(file, 'utf8').trim().split(' ')
    assert.equal(pid, String(process.pid))
    writeFileSync(file, `${pid} ${Number(began) - 1}\n`)
    assert.equal(await computer.canAct(person.uid), false)
    await computer.os.onlyWhileRuns(person.uid, null)
    assert.equal(await computer.canAct(person.uid), true)
    await lower()
  })

  test('without its process group no elevation starts: what cannot be ended may not begin', async () => {
    await computer.os.raise(computer.order(person.uid))
    rmSync(`${computer.paths.groupDir}/${person.uid}`)
    assert.equal(await computer.canAct(person.uid), false)
    await lower()
  })

  test('END-6: emptying /run, as a reboot does, ends the rights', async () => {
    await computer.os.raise(computer.order(person.uid))
    assert.equal(await computer.canAct(person.uid), true)
    rmSync(computer.paths.run, { recursive: true })
    assert.equal(await computer.canAct(person.uid), false)
    assert.equal(await lower(), 'removed-elsewhere')
  })

  test('a shortened session ends earlier', async () => {
    await computer.os.raise(computer.order(person.uid))
    await computer.os.raise(computer.order(person.uid, { lastsMs: 2_000 }))
    const { lastYesMs } = await watchItEnd()
    assert.ok(lastYesMs > 0)
    await lower()
  })

  test('a standing rule makes an administrator, a session does not', async () => {
    const file = `/etc/sudoers.d/${computer.paths.name}-standing`
    assert.equal(await computer.os.isAdministrator(person.uid), false)
    await computer.os.raise(computer.order(person.uid))
    assert.equal(await computer.os.isAdministrator(person.uid), false)
    try {
      writeFileSync(file, `${person.name} ALL=(root) ALL\n`, { mode: 0o440 })
      assert.equal(await computer.os.isAdministrator(person.uid), true)
      writeFileSync(file, `${person.name} ALL=(root) /usr/bin/id\n`)
      assert.equal(await computer.os.isAdministrator(person.uid), false)
    } finally {
      rmSync(file, { force: true })
    }
    await lower()
  })

  test('END-8: lowering leaves an administrator by other means one', async () => {
    const file = `/etc/sudoers.d/${computer.paths.name}-standing`
    try {
      writeFileSync(file, `${person.name} ALL=(ALL) NOPASSWD: ALL\n`, { mode: 0o440 })
      await computer.os.raise(computer.order(person.uid))
      assert.equal(await lower(), 'raised')
      assert.equal(await computer.canAct(person.uid), true)
      assert.equal(await computer.os.isAdministrator(person.uid), true)
    } finally {
      rmSync(file, { force: true })
    }
    assert.equal(await computer.canAct(person.uid), false)
  })

  test('a mistake in another sudoers file neither stops us nor is stopped by us', async () => {
    const file = `/etc/sudoers.d/${computer.paths.name}-broken`
    try {
      writeFileSync(file, 'this is not a rule\n', { mode: 0o440 })
      await computer.os.prepare()
      await computer.os.raise(computer.order(person.uid))
      assert.equal(await computer.canAct(person.uid), true)
    } finally {
      rmSync(file, { force: true })
      await lower()
    }
  })

  test('END-4: a file that cannot be removed is reported as still raised', async () => {
    await computer.os.raise(computer.order(person.uid))
    const file = sudoersFile(computer.paths, person.uid, 's-1')
    rmSync(file)
    mkdirSync(file)
    appendFileSync(`${file}/in-the-way`, '')
    await assert.rejects(lower(), { code: 'still-raised' })
    rmSync(file, { recursive: true })
    assert.equal(await lower(), 'removed-elsewhere')
  })

  test('what others keep in the run folder survives the removal, and ours does not', async () => {
    const theirs = `${computer.paths.run}/of-others`
    try {
      writeFileSync(theirs, '')
      await computer.os.unprepare()
      assert.deepEqual(readdirSync(computer.paths.run), ['of-others'])
    } finally {
      rmSync(theirs, { force: true })
      await computer.os.prepare()
    }
  })

  test('lines of others in the PAM service of polkit survive', async () => {
    const before = readFileSync(computer.paths.pamPolkit, 'utf8')
    try {
      appendFileSync(computer.paths.pamPolkit, '# a line of the administrator\n')
      await computer.os.unprepare()
      const left = readFileSync(computer.paths.pamPolkit, 'utf8')
      assert.match(left, /# a line of the administrator\n$/)
      assert.doesNotMatch(left, new RegExp(computer.paths.joinHelper))
    } finally {
      writeFileSync(computer.paths.pamPolkit, before)
      await computer.os.prepare()
    }
  })
})
