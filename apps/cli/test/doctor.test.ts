import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type AgentReading, judgeAgent } from '../src/doctor/agent-check.ts'
import { type ClockReading, judgeClock } from '../src/doctor/clock-check.ts'
import type { Finding, State } from '../src/doctor/finding.ts'
import { judgePolkit } from '../src/doctor/polkit.ts'
import { judgeRecording, type RecordingReading } from '../src/doctor/recording.ts'
import { type EndsReading, judgeEnds } from '../src/doctor/session-ends.ts'
import { type FolderReading, judgeFolder } from '../src/doctor/state-folder.ts'
import { judgeSudo, type SudoReading } from '../src/doctor/sudo.ts'
import { thisSystem } from '../src/doctor/system.ts'
import { unreachable } from '../src/ending.ts'
import { type FakeDoor, openFakeDoor, userStatus } from './fake-door/fake-door.ts'
import { stint } from './fake-door/stint.ts'

function the(findings: readonly Finding[], check: string): Finding {
  return findings.find((finding) => finding.check === check) ?? assert.fail(`nothing about ${check}`)
}

/** Whoever is told that something is not well is told what it costs and what to do. */
function says(finding: Finding, state: State, found: RegExp): void {
  assert.deepEqual([finding.state, found.test(finding.found)], [state, true], JSON.stringify(finding))
  if (state === 'weak' || state === 'broken') assert.ok(finding.means && finding.next, finding.check)
}

describe('what the doctor says of sudo', () => {
  const reading: SudoReading = {
    version: 'Sudo version 1.9.13p3\nSudoers policy plugin version 1.9.13p3',
    checked: '/etc/sudoers: parsed OK\n/etc/sudoers.d/zz-stint: parsed OK',
    sudoers: 'root ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n',
  }
  const versions: readonly [string | null, State, RegExp][] = [
    [reading.version, 'good', /^sudo 1\.9\.13p3 ends rights/],
    ['Sudo version 1.8.20', 'good', /1\.8\.20/],
    ['Sudo version 1.8.19p2', 'broken', /too old/],
    ['sudo-rs 0.2.8', 'broken', /sudo-rs/],
    ['something else', 'broken', /does not say its version/],
    [null, 'broken', /not installed/],
  ]
  for (const [version, state, found] of versions)
    test(`${version?.split('\n')[0]} is ${state}`, () =>
      says(the(judgeSudo({ ...reading, version }), 'sudo'), state, found))

  test('a main file without the folder is broken, with a mistake too, for others than root not looked at', () => {
    const rules = (change: Partial<SudoReading>) => the(judgeSudo({ ...reading, ...change }), 'sudo rules')
    says(rules({}), 'good', /reads/)
    says(
      rules({ sudoers: 'root ALL=(ALL:ALL) ALL', checked: '/etc/sudoers: parsed OK' }),
      'broken',
      /does not read/,
    )
    says(
      rules({ checked: '/etc/sudoers.d/x:1:4: syntax error' }),
      'broken',
      /sudoers\.d\/x:1:4: syntax error/,
    )
    says(rules({ sudoers: null, checked: null }), 'unseen', /not looked at/)
  })
})

test('polkit without rules in JavaScript is weak, one that reads them is good', () => {
  says(judgePolkit({ version: 'pkaction version 122', rules: true }), 'good', /122/)
  says(judgePolkit({ version: 'pkaction version 0.106', rules: true }), 'good', /0\.106/)
  says(judgePolkit({ version: 'pkaction version 0.105', rules: true }), 'weak', /no rules/)
  says(judgePolkit({ version: 'pkaction version 122', rules: false }), 'weak', /no rules/)
  says(judgePolkit({ version: null, rules: false }), 'weak', /not installed/)
})

describe('what the doctor says of recording', () => {
  const reading: RecordingReading = {
    loginUid: '1000',
    commandLine: 'root=/dev/vda1 ro quiet',
    status: 'enabled 1\npid 0\nloginuid_immutable 1 locked\n',
    rules: 'No rules\n',
    isRoot: true,
    holder: null,
    connector: true,
    fanotify: true,
    nativeProblem: null,
  }
  const judged = (check: string, change: Partial<RecordingReading> = {}) =>
    the(judgeRecording({ ...reading, ...change }), check)

  test('all there is good', () => {
    assert.deepEqual(new Set(judgeRecording(reading).map(({ state }) => state)), new Set(['good']))
  })
  const audit: readonly [Partial<RecordingReading>, State, RegExp][] = [
    [{ loginUid: null }, 'broken', /no audit/],
    [{ commandLine: 'ro audit=0 quiet' }, 'broken', /switched off/],
    [{ status: 'enabled 2\npid 0\n' }, 'broken', /locked/],
    [{ rules: '-a never,task\n' }, 'broken', /for all programs/],
    [{ holder: 'auditd' }, 'good', /^auditd has the kernel's records/],
    [{ status: null, isRoot: false }, 'unseen', /not looked at/],
  ]
  for (const [change, state, found] of audit)
    test(`audit with ${JSON.stringify(change)} is ${state}`, () =>
      says(judged('audit', change), state, found))

  test('login ids that root can change, ends that nobody reports and no question before a start are weak', () => {
    says(
      judged('login id', { status: 'enabled 1\nloginuid_immutable 0 unlocked\n' }),
      'weak',
      /Root can change/,
    )
    says(judged('ends', { connector: false }), 'weak', /does not report/)
    says(judged('denying', { fanotify: false }), 'weak', /does not ask/)
    says(judged('denying', { fanotify: null }), 'unseen', /Nothing here tells/)
  })
  test('native calls that do not load are broken, with why', () =>
    says(judged('native calls', { nativeProblem: 'Error: no such file' }), 'broken', /Error: no such file/))
})

test('process groups, the second lock and the log-off: what is missing is said', () => {
  const reading: EndsReading = {
    mounts: 'cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n',
    kernel: '6.1.0-25-amd64',
    ...{ gate: true, agentRuns: true, systemd: true, logind: true },
  }
  const judged = (check: string, change: Partial<EndsReading> = {}) =>
    the(judgeEnds({ ...reading, ...change }), check)
  for (const check of ['process groups', 'second lock', 'log-off']) says(judged(check), 'good', /./)
  says(judged('process groups', { kernel: '5.10.0' }), 'weak', /no cgroup\.kill/)
  says(judged('process groups', { mounts: 'cgroup /x cgroup rw 0 0\n' }), 'broken', /not mounted/)
  says(judged('second lock', { gate: false }), 'broken', /removed/)
  says(judged('second lock', { gate: false, agentRuns: false }), 'weak', /not in place/)
  says(judged('log-off', { logind: false, systemd: false }), 'weak', /no systemd/)
})

test('a poor clock, one that nobody keeps right and one that was turned back are said', () => {
  const reading: ClockReading = { source: 'tsc', synchronised: true, nowMs: 1e12, highestMs: 1e12 - 1 }
  const judged = (check: string, change: Partial<ClockReading> = {}) =>
    the(judgeClock({ ...reading, ...change }), check)
  for (const check of ['clock', 'time', 'time before']) says(judged(check), 'good', /./)
  says(judged('clock', { source: 'refined-jiffies' }), 'weak', /refined-jiffies/)
  says(judged('time', { synchronised: false }), 'weak', /not kept right/)
  says(judged('time', { synchronised: null }), 'unseen', /No service says/)
  says(judged('time before', { highestMs: 1e12 + 60_000 }), 'broken', /60 seconds earlier/)
  says(judged('time before', { highestMs: null }), 'unseen', /not looked at/)
})

test('a full disk and a read-only one are broken, a small one is weak', () => {
  const reading: FolderReading = {
    path: '/var/lib/stint',
    ...{ exists: true, isRoot: true, whyNotWritable: null, freeBytes: 2 ** 40 },
  }
  says(judgeFolder(reading), 'good', /MB are left/)
  says(judgeFolder({ ...reading, freeBytes: 2 ** 27 }), 'weak', /^128 MB/)
  says(judgeFolder({ ...reading, freeBytes: 4096 }), 'broken', /^0 MB/)
  says(judgeFolder({ ...reading, whyNotWritable: 'EROFS' }), 'broken', /is read-only/)
  says(judgeFolder({ ...reading, exists: false }), 'weak', /There is no/)
  says(judgeFolder({ ...reading, exists: false, isRoot: false }), 'unseen', /not looked at/)
})

describe('what the doctor says of the agent', () => {
  const reading: AgentReading = {
    status: { ok: true, value: userStatus() },
    ...{ kept: null, sockets: true, nowMs: Date.parse('2026-11-22T10:30:00.000Z') },
  }
  test('one that does not run is broken, and nothing more is said of it', () => {
    const failure = unreachable({ code: 'agent-not-running', message: 'It does not run.', hint: 'Start it.' })
    const [only, ...more] = judgeAgent({ ...reading, status: failure })
    assert.ok(only && more.length === 0)
    says(only, 'broken', /It does not run/)
  })
  test('a server that is out of reach is weak, with for how long', () => {
    const device = { ...userStatus().device, online: false }
    const status = { ok: true, value: userStatus({ device }) } as const
    says(the(judgeAgent({ ...reading, status }), 'contact'), 'weak', /for 30 minutes/)
  })
  test('for root it is read from what the agent keeps: enrolment, and how old the policy is', () => {
    const kept = {
      ...{ identity: 'enrolled', policySerial: 7, waiting: 3, highestMs: null },
      policyMs: reading.nowMs - 9 * 86_400_000,
    }
    const found = judgeAgent({ ...reading, status: null, kept })
    says(the(found, 'enrolment'), 'good', /connected/)
    says(the(found, 'policy'), 'weak', /^Policy 7, signed 9 days ago; 3 entries/)
    says(the(judgeAgent({ ...reading, status: null, sockets: false }), 'agent'), 'broken', /does not run/)
  })
})

describe('stint doctor on this computer', { timeout: 120_000 }, () => {
  let door: FakeDoor
  before(async () => {
    door = await openFakeDoor()
  })
  after(() => door.close())

  const expected = ['agent', 'enrolment', 'contact', 'sudo', 'sudo rules', 'polkit', 'process groups']
  test('gives one object with a finding for each thing, and the exit code says whether something is broken', async () => {
    const ran = await stint(['doctor', '--json', '--run', door.runDir])
    const { healthy, findings }: { healthy: boolean; findings: readonly Finding[] } = JSON.parse(ran.stdout)
    assert.deepEqual(
      findings.slice(0, expected.length).map(({ check }) => check),
      expected,
    )
    assert.equal(new Set(findings.map(({ check }) => check)).size, findings.length)
    const anyBroken = findings.some(({ state }) => state === 'broken')
    assert.deepEqual([healthy, ran.code], [!anyBroken, anyBroken ? 1 : 0])
    for (const { check, state, next } of findings)
      assert.ok(state === 'good' || next !== '', `${check} says what to do`)
    assert.equal(ran.stderr, '')
  })

  test('changes nothing and asks for nothing that does not end', async () => {
    const system = thisSystem(process.getuid?.() ?? null, ['/usr/sbin', '/usr/bin', '/sbin', '/bin'])
    assert.equal((await system.run('sh', ['-c', 'echo out; echo err >&2; exit 3']))?.status, 3)
    assert.equal(await system.run('no-such-program-anywhere', []), null)
    assert.equal(system.text('/no/such/file'), null)
    assert.equal(system.exists('/proc'), true)
    assert.equal(system.exists('/no/such/file'), false)
  })
})
