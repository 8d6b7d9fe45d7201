import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs'
import { after, before, describe, test } from 'node:test'
import type { Account } from '../../apps/agent/src/os/os.ts'
import { AuditControl, auditProtocol, execRules } from '../../apps/agent/src/record/linux/audit-control.ts'
import { LinuxRecorder } from '../../apps/agent/src/record/linux/linux-recorder.ts'
import { loadNative } from '../../apps/agent/src/record/linux/native.ts'
import { NetlinkDialogue, openNetlink } from '../../apps/agent/src/record/linux/netlink.ts'
import { recorderContract } from '../../apps/agent/src/record/record.contract.ts'
import type {
  ElevatedProcess,
  ProcessEnded,
  RecordingFact,
  RecordingGap,
} from '../../apps/agent/src/record/record.ts'
import { Computer, run, until, whyNot, whyNotRecording } from './os-fixture.ts'

// Numbers of linux/audit.h, written out here so that the tests do not repeat the product's own.
const addRule = 1011
const removeRule = 1012
const taskFilter = 1
const actionAt = 4
const actionNever = 0
const ruleBytes = 1040

const skip = whyNot('sudo', 'useradd', 'runuser', 'cc') || (await whyNotRecording())
const quote = (argument: string): string => `'${argument.replaceAll("'", `'\\''`)}'`

/** The kernel's audit as it stands: settings and rules. */
function auditState(): unknown {
  const control = new AuditControl(loadNative())
  try {
    const { enabled, pid, backlogLimit } = control.status()
    return { enabled, pid, backlogLimit, rules: control.rules().map(({ key }) => key) }
  } finally {
    control.close()
  }
}

async function openComputer(
  people: number,
): Promise<{ computer: Computer; accounts: Account[]; recorder: LinuxRecorder }> {
  const computer = await Computer.open()
  await computer.os.prepare()
  const accounts: Account[] = []
  for (let at = 0; at < people; at++) {
    const account = await computer.addAccount()
    accounts.push(account)
    await computer.os.raise(computer.order(account.uid, { sessionId: `s-${at}`, lastsMs: 600_000 }))
  }
  const settingsFile = `${computer.paths.run}/audit-before.json`
  return { computer, accounts, recorder: new LinuxRecorder({ clock: computer.clock, settingsFile }) }
}

recorderContract(
  'Linux',
  async () => {
    const { computer, accounts, recorder } = await openComputer(2)
    const [person, other] = accounts
    assert.ok(person && other)
    return {
      recorder,
      uid: person.uid,
      otherUid: other.uid,
      runElevated: async (uid, argv, exitCode) => {
        const who = uid === person.uid ? person : other
        const command = ['sh', '-c', `exit ${exitCode}`, ...argv].map(quote).join(' ')
        assert.equal((await computer.as(who, `sudo -n ${command}`)).status, exitCode)
      },
      close: () => computer.close(),
    }
  },
  skip,
)

describe('recording on a real computer', { skip }, () => {
  let computer: Computer
  let person: Account
  let recorder: LinuxRecorder
  let atFirst: unknown
  let dir: string
  before(async () => {
    const opened = await openComputer(1)
    computer = opened.computer
    recorder = opened.recorder
    const [account] = opened.accounts
    assert.ok(account)
    person = account
    atFirst = auditState()
    dir = `${person.home}/programs`
    mkdirSync(dir)
    await compile('storm', stormSource)
    await compile('argv', argvSource)
  })
  after(async () => {
    try {
      assert.deepEqual(auditState(), atFirst)
    } finally {
      await computer?.close()
    }
  })

  async function compile(name: string, source: string): Promise<void> {
    writeFileSync(`${dir}/${name}.c`, source)
    const built = await run('cc', ['-static', '-O1', '-o', `${dir}/${name}`, `${dir}/${name}.c`])
    assert.equal(built.status, 0, built.stderr)
  }

  interface Recorded {
    readonly processes: readonly ElevatedProcess[]
    readonly gaps: readonly RecordingGap[]
    endOf(process: ElevatedProcess | undefined): ProcessEnded | undefined
  }

  /** Records while `act` goes on. */
  async function record(act: () => Promise<unknown>): Promise<Recorded> {
    const facts: RecordingFact[] = []
    const recording = await recorder.start(person.uid, (fact) => facts.push(fact))
    try {
      await act()
    } finally {
      await recording.stop()
    }
    const ends = new Map(facts.filter((fact) => fact.kind === 'ended').map((fact) => [fact.id, fact]))
    return {
      processes: facts.filter((fact) => fact.kind === 'process'),
      gaps: facts.filter((fact) => fact.kind === 'gap'),
      endOf: (process) => ends.get(process?.id ?? ''),
    }
  }
  const sudo = (script: string) => computer.as(person, `sudo -n ${script}`)

  test('REC-1: arguments are recorded byte for byte', async () => {
    const argv = [
      'a b',
      'line\nbreak',
      'ü€𝄞',
      '',
      '"quoted"',
      "it's",
      '\\x41',
      'x'.repeat(20_000),
      `${'y'.repeat(20_000)} z`,
    ]
    const { processes, gaps } = await record(() => sudo(`${dir}/argv ${argv.map(quote).join(' ')}`))
    const found = processes.find(({ exe }) => exe === `${dir}/argv`)
    assert.deepEqual(found?.argv, [`${dir}/argv`, ...argv])
    assert.deepEqual(found?.argvEscaped, [])
    assert.deepEqual(gaps, [])
  })

  test('bytes that are no text are recorded too', async () => {
    const { processes } = await record(() => sudo(`${dir}/argv "$(printf '\\377\\\\z')"`))
    const found = processes.find(({ exe }) => exe === `${dir}/argv`)
    assert.deepEqual([found?.argv[1], found?.argvEscaped], ['\\xff\\\\z', [1]])
  })

  test('REC-1: who, where, when and which content are recorded', async () => {
    const fromMs = computer.clock.now()
    const { processes } = await record(() => computer.as(person, `cd ${dir} && sudo -n ./argv here`))
    const toMs = computer.clock.now()
    const found = processes.find(({ exe }) => exe === `${dir}/argv`)
    assert.ok(found)
    assert.deepEqual([found.cwd, found.uid, found.auid], [dir, 0, person.uid])
    assert.equal(
      found.sha256,
      createHash('sha256')
        .update(readFileSync(`${dir}/argv`))
        .digest('hex'),
    )
    assert.ok(found.startedAtMs >= fromMs.wallMs - 10 && found.startedAtMs <= toMs.wallMs)
  })

  test('REC-1: exit codes and signals are recorded', async () => {
    const script = `${quote(`${dir}/argv exit 0; ${dir}/argv exit 42; ${dir}/argv exit 255; ${dir}/argv kill 9; ${dir}/argv kill 15; true`)}`
    const { processes, endOf } = await record(() => sudo(`sh -c ${script}`))
    const ends = processes.filter(({ exe }) => exe === `${dir}/argv`).map((process) => endOf(process))
    assert.deepEqual(
      ends.map((end) => end && [end.exitCode, end.signal]),
      [
        [0, null],
        [42, null],
        [255, null],
        [null, 9],
        [null, 15],
      ],
    )
  })

  test('a script is recorded with its own path among the arguments of its interpreter', async () => {
    writeFileSync(`${dir}/script`, '#!/bin/sh\nexit 5\n')
    chmodSync(`${dir}/script`, 0o755)
    const { processes, endOf } = await record(() => sudo(`${dir}/script one`))
    const found = processes.find(({ argv }) => argv.includes(`${dir}/script`))
    assert.match(found?.exe ?? '', /\/(dash|sh|bash)$/)
    assert.deepEqual(found?.argv.slice(-2), [`${dir}/script`, 'one'])
    assert.equal(endOf(found)?.exitCode, 5)
  })

  test('a program that replaces itself is recorded once for each, and a daemon after its sudo has ended', async () => {
    const { processes } = await record(async () => {
      await sudo(`sh -c ${quote(`exec sh -c "exec ${dir}/argv replaced"`)}`)
      const marker = `${dir}/daemon-done`
      await sudo(
        `sh -c ${quote(`(setsid sh -c "sleep 0.2; ${dir}/argv daemon; touch ${marker}" >/dev/null 2>&1 &)`)}`,
      )
      await until('the daemon has done its work', () => existsSync(marker))
    })
    const replaced = processes.filter(
      ({ pid }) => pid === processes.find(({ argv }) => argv[1] === 'replaced')?.pid,
    )
    assert.equal(replaced.length, 3)
    assert.ok(processes.some(({ argv }) => argv[1] === 'daemon'))
  })

  test('what the person runs without raised rights is not recorded', async () => {
    const { processes } = await record(() => computer.asLogin(person, `${dir}/argv plain`))
    assert.deepEqual(
      processes.filter(({ argv }) => argv.includes('plain')),
      [],
    )
  })

  test('REC-1: of 2000 programs in a storm none is lost, nor any argument, nor any end', async () => {
    const count = 2_000
    const { processes, gaps, endOf } = await record(() => sudo(`${dir}/storm ${count}`))
    const children = processes.filter(({ argv }) => argv[1] === 'child')
    assert.equal(children.length, count)
    assert.equal(new Set(children.map(({ argv }) => argv[2])).size, count)
    for (const child of children) {
      const number = Number(child.argv[2])
      const end = endOf(child)
      const expected = number % 10 === 9 ? [null, 9] : [number % 251, null]
      assert.deepEqual(end && [end.exitCode, end.signal], expected, `child ${number}`)
    }
    assert.deepEqual(gaps, [])
  })

  test('REC-2: somebody who removes the rules is recorded, and recording goes on', async () => {
    const { processes, gaps } = await record(async () => {
      const control = new AuditControl(loadNative())
      try {
        for (const rule of control.rules()) control.removeRule(rule.bytes)
        await until('the rules are back', () => control.rules().length === 2)
      } finally {
        control.close()
      }
      await sudo(`${dir}/argv later`)
    })
    assert.ok(processes.some(({ argv }) => argv[1] === 'later'))
    assert.ok(gaps.length > 0 && gaps.every(({ cause }) => cause === 'switched-off'))
  })

  test('REC-2: somebody who turns the audit off is recorded, and it is turned on again', async () => {
    const { processes, gaps } = await record(async () => {
      const control = new AuditControl(loadNative())
      try {
        control.setEnabled(0)
        await until('audit is on again', () => control.status().enabled === 1)
      } finally {
        control.close()
      }
      await sudo(`${dir}/argv later`)
    })
    assert.ok(processes.some(({ argv }) => argv[1] === 'later'))
    assert.deepEqual(
      gaps.map(({ cause }) => cause),
      ['switched-off'],
    )
  })

  test('REC-2: a foreign rule that hides programs is a gap', async () => {
    const [foreign] = execRules(person.uid, 'hide', process.arch)
    assert.ok(foreign)
    foreign[actionAt] = actionNever
    const { processes, gaps } = await record(async () => {
      const control = new AuditControl(loadNative())
      try {
        control.addRule(foreign)
        await sudo(`${dir}/argv hidden`)
        control.removeRule(foreign)
      } finally {
        control.close()
      }
    })
    assert.ok(!processes.some(({ argv }) => argv[1] === 'hidden'), 'it stood in front of ours')
    assert.deepEqual(
      gaps.map(({ cause }) => cause),
      ['switched-off'],
    )
  })

  test('REC-3: where an older rule hides every program, recording says so and does not start', async () => {
    const native = loadNative()
    const socket = openNetlink(native, auditProtocol, 0)
    const dialogue = new NetlinkDialogue(native, socket)
    const hideAllTasks = new Uint8Array(ruleBytes)
    hideAllTasks[0] = taskFilter
    dialogue.ask(addRule, hideAllTasks)
    try {
      const availability = await recorder.available()
      assert.equal(availability.available, false)
      assert.equal(!availability.available && availability.obstacle, 'tasks-excluded')
      await assert.rejects(
        recorder.start(person.uid, () => assert.fail('nothing is recorded')),
        { code: 'tasks-excluded' },
      )
    } finally {
      dialogue.ask(removeRule, hideAllTasks)
      native.close(socket)
    }
    assert.equal((await recorder.available()).available, true)
  })

  test('REC-2: a reading thread that fails is replaced, and the time between is a gap', async () => {
    const facts: RecordingFact[] = []
    const earlier = new Set(auditSockets())
    const recording = await recorder.start(person.uid, (fact) => facts.push(fact))
    try {
      // Two sockets are new: the first asks, the second reads.
      const [, reading] = auditSockets().filter((fd) => !earlier.has(fd))
      loadNative().close(Number(reading))
      await sudo(`${dir}/argv lost`)
      await until('the gap is told', () => facts.some(({ kind }) => kind === 'gap'))
      await sudo(`${dir}/argv later`)
    } finally {
      await recording.stop()
    }
    const gaps = facts.filter((fact) => fact.kind === 'gap')
    assert.deepEqual(
      gaps.map(({ cause }) => cause),
      ['recorder-stopped'],
    )
    assert.ok(facts.some((fact) => fact.kind === 'process' && fact.argv[1] === 'later'))
  })

  test('beside another audit daemon everything is recorded too, and the daemon stays', async () => {
    const daemon = computer.start(process.execPath, ['--input-type=module', '-e', otherDaemon])
    await until(
      'the other daemon has the records',
      () => (auditState() as { pid: number }).pid === daemon.pid,
    )
    assert.deepEqual(await recorder.available(), {
      available: true,
      source: 'beside',
      exits: true,
      x32: false,
    })
    const { processes, gaps } = await record(() => sudo(`${dir}/storm 300`))
    assert.equal(processes.filter(({ argv }) => argv[1] === 'child').length, 300)
    assert.deepEqual(gaps, [])
    assert.equal((auditState() as { pid: number }).pid, daemon.pid)
    daemon.kill('SIGKILL')
    await until('it has ended', () => daemon.signalCode !== null)
  })

  test('rules and settings that a crash left behind are cleared away', async () => {
    const settingsFile = `${computer.paths.run}/audit-before.json`
    const crash = `
      import { LinuxRecorder } from '${import.meta.resolve('../../apps/agent/src/record/linux/linux-recorder.ts')}'
      import { SystemClock } from '${import.meta.resolve('../../apps/agent/src/clock/system-clock.ts')}'
      const recorder = new LinuxRecorder({ clock: new SystemClock(), settingsFile: '${settingsFile}' })
      await recorder.start(${person.uid}, () => undefined)
      process.kill(process.pid, 'SIGKILL')`
    for (const clear of [() => recorder.recover(), () => record(async () => undefined)]) {
      const { signal, stderr } = await run(process.execPath, ['--input-type=module', '-e', crash])
      assert.equal(signal, 'SIGKILL', stderr)
      assert.equal(existsSync(settingsFile), true)
      await clear()
      const { pid: _, ...left } = auditState() as { pid: number }
      const { pid: __, ...found } = atFirst as { pid: number }
      assert.deepEqual(left, found)
      assert.equal(existsSync(settingsFile), false)
    }
    // The kernel forgets a receiver that died only when the next one signs off.
    assert.deepEqual(auditState(), atFirst)
  })
})

/** Open files of this process that talk to the kernel's audit, lowest first. */
function auditSockets(): readonly number[] {
  const audit = new Set(
    readFileSync('/proc/net/netlink', 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, protocol]) => protocol === '9')
      .map((columns) => `socket:[${columns.at(-1)}]`),
  )
  const open = readdirSync('/proc/self/fd').map(Number)
  return open.filter((fd) => audit.has(linkOf(fd))).sort((a, b) => a - b)
}

function linkOf(fd: number): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return ''
  }
}

const otherDaemon = `
  import { loadNative } from '${import.meta.resolve('../../apps/agent/src/record/linux/native.ts')}'
  import { openNetlink } from '${import.meta.resolve('../../apps/agent/src/record/linux/netlink.ts')}'
  import { becomeReceiver } from '${import.meta.resolve('../../apps/agent/src/record/linux/audit-control.ts')}'
  const native = loadNative()
  const fd = openNetlink(native, 9, 0)
  becomeReceiver(native, fd, process.pid, () => undefined)
  const into = new Uint8Array(16384)
  for (;;) { native.poll([fd], -1); while (native.receive(fd, into) >= 0); }`

/** Ends as its arguments say: nothing, \`exit N\`, or \`kill N\`. */
const argvSource = `
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(int argc, char **argv) {
  if (argc == 3 && !strcmp(argv[1], "exit")) return atoi(argv[2]);
  if (argc == 3 && !strcmp(argv[1], "kill")) kill(getpid(), atoi(argv[2]));
  return 0;
}`

/** Starts N static children, two at a time: every tenth dies of SIGKILL, the others exit with their number % 251. */
const stormSource = `
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
extern char **environ;
int main(int argc, char **argv) {
  if (argc == 3 && !strcmp(argv[1], "child")) {
    int number = atoi(argv[2]);
    if (number % 10 == 9) kill(getpid(), SIGKILL);
    return number % 251;
  }
  int running = 0;
  for (int at = 0; at < atoi(argv[1]); at++) {
    char number[16];
    snprintf(number, sizeof number, "%d", at);
    char *child[] = {argv[0], "child", number, 0};
    pid_t pid;
    if (posix_spawn(&pid, argv[0], 0, 0, child, environ)) return 1;
    if (++running == 2) { wait(0); running--; }
  }
  while (wait(0) > 0);
  return 0;
}`
