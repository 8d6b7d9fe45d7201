import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { OsError } from '../os.ts'
import { listAccounts, lookUp, parsePasswd, personUids, requireAccount, usesDirectory } from './accounts.ts'
import { unifiedMount } from './cgroup.ts'
import { carriesLogin } from './end.ts'
import { classOf, findSudo, osReleaseValue } from './facts.ts'
import { loginLeaders } from './logoff.ts'
import { type ProcessInfo, parseStat, parseUids, unset } from './processes.ts'
import type { Run } from './run.ts'
import { asTerminalLine } from './terminals.ts'

const answers =
  (status: number, stdout = ''): Run =>
  async () => ({ status, stdout, stderr: '' })
const hangs: Run = async () => {
  throw new OsError('command-failed', 'It did not answer.', 'Look why.')
}

describe('accounts', () => {
  test('a line of passwd is an account, and nothing else is', () => {
    assert.deepEqual(parsePasswd('alice:x:1000:1001:Alice A,,,:/home/alice:/bin/zsh'), {
      uid: 1000,
      name: 'alice',
      userId: 'uid:1000:alice',
      gid: 1001,
      home: '/home/alice',
      shell: '/bin/zsh',
    })
    for (const line of ['', 'alice', ':x:1:1:::', 'alice:x:-1:1:::', 'alice:x:one:1:::']) {
      assert.equal(parsePasswd(line), null, line)
    }
  })

  test('a directory that does not answer is unreachable, never gone', async () => {
    assert.equal(await lookUp(hangs, 1000), 'unreachable')
    assert.equal(await lookUp(answers(1), 1000), 'unreachable')
    assert.equal(await lookUp(answers(3), 1000), 'unreachable')
    assert.equal(await lookUp(answers(0, 'garbage'), 1000), 'unreachable')
    await assert.rejects(requireAccount(hangs, 1000), { code: 'directory-unreachable' })
  })

  test('an answer about another uid is not believed', async () => {
    assert.equal(await lookUp(answers(0, 'bob:x:1001:1001::/:/bin/sh\n'), 1000), 'unreachable')
  })

  test('what is no uid belongs to nobody', async () => {
    for (const uid of [-1, 1.5, Number.NaN]) assert.equal(await lookUp(hangs, uid), 'gone')
  })

  test('only local sources can say that an account is gone', () => {
    assert.equal(usesDirectory('passwd: files systemd\n'), false)
    assert.equal(usesDirectory('group: sss\npasswd:\tfiles [NOTFOUND=return] # sss\n'), false)
    assert.equal(usesDirectory(''), false)
    assert.equal(usesDirectory('passwd: files sss\n'), true)
    assert.equal(usesDirectory('passwd: compat winbind\n'), true)
  })

  test('people are told from services by login.defs', async () => {
    assert.deepEqual(personUids('#UID_MIN 5\nUID_MIN\t\t 500\nUID_MAX 600\n'), { lowest: 500, highest: 600 })
    assert.deepEqual(personUids(''), { lowest: 1000, highest: 65_533 })
    const all =
      'b:x:1001:1::/:/bin/sh\nnobody:x:65534:1::/:/bin/sh\nroot:x:0:0::/:/bin/sh\na:x:1000:1::/:/bin/sh\n'
    const listed = await listAccounts(answers(0, all))
    assert.deepEqual(
      listed.map(({ name }) => name),
      ['a', 'b'],
    )
  })
})

describe('the computer', () => {
  test('is named as os-release names it', () => {
    const content = 'NAME="Debian GNU/Linux"\nVERSION_ID=12\nPRETTY_NAME="a \\"b\\""\n'
    assert.equal(osReleaseValue(content, 'NAME'), 'Debian GNU/Linux')
    assert.equal(osReleaseValue(content, 'VERSION_ID'), '12')
    assert.equal(osReleaseValue(content, 'PRETTY_NAME'), 'a "b"')
    assert.equal(osReleaseValue(content, 'ID'), '')
  })

  test('is a virtual machine before it is what its chassis claims', () => {
    assert.equal(classOf('10\n', 'flags\t\t: fpu hypervisor lm'), 'vm')
    assert.equal(classOf('10\n', 'flags\t\t: fpu lm'), 'laptop')
    assert.equal(classOf('3', ''), 'workstation')
    assert.equal(classOf('23', ''), 'server')
    assert.equal(classOf(null, 'model name : hypervisor'), 'unknown')
  })

  test('without sudo has none that could end rights', async () => {
    assert.equal(await findSudo(hangs), null)
    assert.equal(await findSudo(answers(0, 'sudo-rs 0.2.5\n')), null)
  })

  test('has its process groups where the unified hierarchy is mounted', () => {
    const v1 = '31 24 0:27 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n'
    assert.equal(unifiedMount(v1), null)
    assert.equal(
      unifiedMount(`${v1}40 24 0:30 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw`),
      '/sys/fs/cgroup/unified',
    )
  })
})

describe('processes', () => {
  test('a name with blanks and brackets does not shift the fields', () => {
    const fields = Array.from({ length: 30 }, (_, at) => String(at)).join(' ')
    const stat = parseStat(`77 (a) (b c) S 12 ${fields}`)
    assert.equal(stat.name, 'a) (b c')
    assert.equal(stat.state, 'S')
    assert.equal(stat.ppid, 12)
    assert.equal(stat.startedBootMs, 170)
  })

  test('all four uids are read', () => {
    assert.deepEqual(parseUids('Name:\tx\nUid:\t1000\t0\t0\t0\nGid:\t1\t1\t1\t1\n'), [1000, 0, 0, 0])
  })

  const base = { ppid: 1, startedTicks: 0, name: 'x', uids: [1000], loginUid: 1000 }
  const process = (
    pid: number,
    loginSession: number,
    startedBootMs: number,
    exe = '/usr/bin/x',
  ): ProcessInfo => ({
    ...base,
    pid,
    loginSession,
    startedBootMs,
    exe,
  })

  test('a login is carried by the oldest process of its session, and services carry none', () => {
    const all = [
      process(12, 3, 500),
      process(10, 3, 400, '/usr/sbin/sshd'),
      process(20, 4, 300, '/usr/sbin/cron'),
      process(21, 4, 310),
      process(30, unset, 100),
      { ...process(40, 5, 100), loginUid: 1001 },
    ]
    assert.deepEqual(
      loginLeaders(all, 1000).map(({ pid }) => pid),
      [10],
    )
  })

  test('END-7: a login program that somebody in a session started for himself carries no login', () => {
    const sshd = '/usr/sbin/sshd'
    const all = [
      process(10, 3, 400, sshd),
      process(12, 3, 500),
      { ...process(13, 3, 600, sshd), ppid: 12 },
      process(14, 3, 700, sshd),
      process(20, 4, 800, '/usr/sbin/cron'),
    ]
    const carries = carriesLogin(all, 1000)
    assert.deepEqual(
      all.filter(carries).map(({ pid }) => pid),
      [10, 20],
    )
  })
})

test('a line to a terminal carries no commands for it', () => {
  assert.equal(asTerminalLine('ends\u001b[2J\n\u202ein 5 min\u0007'), '\r\n[Stint] ends [2J in 5 min\r\n')
  assert.ok(asTerminalLine('x'.repeat(1_000)).length < 420)
})
