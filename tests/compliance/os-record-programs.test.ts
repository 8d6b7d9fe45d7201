/** Every way in which a program can start, and more of them than anybody starts. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { after, before, describe, test } from 'node:test'
import { AuditControl } from '../../apps/agent/src/record/linux/audit-control.ts'
import { loadNative } from '../../apps/agent/src/record/linux/native.ts'
import type { ElevatedProcess, RecordingFact } from '../../apps/agent/src/record/record.ts'
import { startPolkit, until, whyNot, whyNotRecording } from './os-fixture.ts'
import { auditState, RecordedPerson, type Seen } from './recorded-person.ts'

const skip = whyNot('sudo', 'useradd', 'runuser', 'cc') || (await whyNotRecording())
const noPolkit = whyNot('pkexec', 'dbus-daemon', 'pkaction')

describe('programs on a real computer', { skip }, () => {
  let world: RecordedPerson
  let atFirst: unknown
  let marked: string
  before(async () => {
    world = await RecordedPerson.open()
    atFirst = auditState()
    marked = await world.compile('marked', markedSource)
    await world.compile('ways', waysSource)
    await world.compile('storm', stormSource)
    await world.compile('small', smallSource, ['-m32', '-static', '-nostdlib', '-ffreestanding', '-fno-pic'])
  })
  after(async () => {
    try {
      assert.deepEqual(auditState(), atFirst)
    } finally {
      await world?.computer.close()
    }
  })

  const markedWith = (seen: Seen, marker: string): readonly ElevatedProcess[] =>
    seen.processes.filter(({ argv }) => argv[1] === marker)

  for (const way of ['execve', 'execveat', 'fexecve', 'memfd', 'posix_spawn', 'vfork', 'double-fork']) {
    test(`REC-1: a program is recorded that was started by ${way}`, async () => {
      const seen = await world.record(async () => {
        assert.equal(
          (await world.sudo(`${world.dir}/ways ${way} ${marked} ${world.dir}/done-${way}`)).status,
          0,
        )
        await until('it has run', () => existsSync(`${world.dir}/done-${way}`))
      })
      const [found, ...more] = markedWith(seen, `${world.dir}/done-${way}`)
      assert.equal(more.length, 0)
      assert.equal(found?.exe, way === 'memfd' ? '/memfd:copy (deleted)' : marked)
      assert.deepEqual([seen.endOf(found)?.exitCode, seen.endOf(found)?.signal, found?.uid], [42, null, 0])
      assert.deepEqual(seen.gaps, [])
    })
  }

  test('REC-1: a 32-bit program, and what it starts by 32-bit calls', async () => {
    const seen = await world.record(() => world.sudo(`${world.dir}/small ${marked} from-32-bit`))
    const own = seen.processes.filter(({ exe }) => exe === `${world.dir}/small`)
    assert.equal(own.length, 1)
    const [found] = markedWith(seen, 'from-32-bit')
    assert.equal(found?.exe, marked)
    assert.equal(seen.endOf(found)?.exitCode, 42)
  })

  const doors: Readonly<Record<string, (marker: string) => string>> = {
    'sudo -i and its children': (marker) => `sudo -n -i sh -c '${marked} ${marker}; true'`,
    'sudo -u of somebody else': (marker) => `sudo -n -u nobody sh -c '${marked} ${marker}; true'`,
    'su in an elevated shell': (marker) => `sudo -n su -s /bin/sh nobody -c '${marked} ${marker}; true'`,
    'a script without execute permission': (marker) => `sudo -n sh ${world.dir}/script ${marker}`,
  }
  for (const [door, command] of Object.entries(doors)) {
    test(`REC-1: through ${door}`, async () => {
      writeFileSync(`${world.dir}/script`, `${marked} "$1"\ntrue\n`)
      for (const path of [world.person.home, world.dir]) chmodSync(path, 0o755)
      const seen = await world.record(() => world.computer.as(world.person, command('through')))
      const [found, ...more] = markedWith(seen, 'through')
      assert.equal(more.length, 0)
      assert.deepEqual([found?.exe, found?.auid, seen.endOf(found)?.exitCode], [marked, world.person.uid, 42])
    })
  }

  test('REC-1: through pkexec', { skip: noPolkit }, async () => {
    await startPolkit(world.computer)
    const seen = await world.record(() => world.computer.asLogin(world.person, `pkexec ${marked} by-pkexec`))
    const [found] = markedWith(seen, 'by-pkexec')
    assert.deepEqual([found?.exe, seen.endOf(found)?.exitCode], [marked, 42])
  })

  test('REC-8: two storms of 20 000 programs at once lose no start, no argument and no end', async () => {
    const count = 20_000
    const storm = (name: string) => world.sudo(`${world.dir}/storm ${name} ${count}`)
    const seen = await world.record(() => Promise.all([storm('one'), storm('two')]))
    assert.deepEqual(seen.gaps, [])
    for (const name of ['one', 'two']) {
      const children = seen.processes.filter(({ argv }) => argv[1] === 'child' && argv[2] === name)
      assert.equal(children.length, count)
      assert.equal(new Set(children.map(({ argv }) => argv[3])).size, count)
      for (const child of children) {
        const number = Number(child.argv[3])
        const expected = number % 5 === 4 ? [null, number % 2 === 0 ? 9 : 15] : [number % 251, null]
        const end = seen.endOf(child)
        assert.deepEqual(end && [end.exitCode, end.signal], expected, `${name} ${number}`)
        assert.deepEqual([child.argv[4], child.argv.length], [`with blanks ${number}`, 5])
      }
    }
  })

  test('REC-8: a rate limit of the kernel is lifted while recording, and comes back', async () => {
    const control = new AuditControl(loadNative())
    try {
      control.setRateLimit(5)
      const seen = await world.record(() => world.sudo(`${world.dir}/storm one 200`))
      assert.equal(seen.processes.filter(({ argv }) => argv[1] === 'child').length, 200)
      assert.deepEqual(seen.gaps, [])
      assert.equal(control.status().rateLimit, 5)
    } finally {
      control.setRateLimit(0)
      control.close()
    }
  })

  test('REC-7: a program that hides under another login id, or behind a full queue, leaves a gap', async () => {
    const hidden = await world.record(() =>
      world.sudo(`sh -c "echo 0 > /proc/self/loginuid; exec ${marked} hidden"`),
    )
    assert.equal(hidden.processes.filter(({ exe }) => exe === marked).length, 0, 'it is not seen')
    assert.match(hidden.gaps.map(({ detail }) => detail).join(), /took another login id/)
    const control = new AuditControl(loadNative())
    try {
      const dropped = await world.record(async () => control.setBacklogLimit(1))
      assert.match(
        dropped.gaps.map(({ detail }) => detail).join(),
        /made the kernel drop records; it was switched on/,
      )
    } finally {
      control.close()
    }
  })

  test('REC-8: of two recorders each sees everything, and the last one to leave restores', async () => {
    const other = spawn(process.execPath, ['--input-type=module', '-e', otherRecorder], {
      env: { UID: String(world.person.uid), SETTINGS: world.settingsFile },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const answers = createInterface({ input: other.stdout })[Symbol.asyncIterator]()
    try {
      const mine: RecordingFact[] = []
      const recording = await world.recorder.start(world.person.uid, (fact) => mine.push(fact))
      assert.equal((await answers.next()).value, 'recording')
      await world.sudo(`${marked} both`)
      await recording.stop()
      assert.equal((auditState() as { enabled: number }).enabled, 1)
      await world.sudo(`${marked} other-only`)
      other.stdin.end()
      const theirs = JSON.parse(String((await answers.next()).value)) as RecordingFact[]
      const seenIn = (facts: readonly RecordingFact[]) =>
        facts.flatMap((fact) => (fact.kind === 'process' && fact.exe === marked ? [fact.argv[1]] : []))
      assert.deepEqual([seenIn(mine), seenIn(theirs)], [['both'], ['both', 'other-only']])
      const gaps = [...mine, ...theirs].filter(({ kind }) => kind === 'gap')
      assert.deepEqual(gaps, [])
    } finally {
      other.stdin.end()
      if (other.exitCode === null) await once(other, 'exit')
    }
    assert.equal(existsSync(world.settingsFile), false)
    assert.deepEqual(auditState(), atFirst)
  })

  test('REC-1: a program that an earlier recorder saw start is seen to end; another one with its number is not', async () => {
    const startedAtMs = world.computer.clock.now().wallMs
    const [lasting, later] = [
      await world.computer.startElevated(world.person),
      await world.computer.startElevated(world.person),
    ]
    const gone = 4_194_304
    const facts: RecordingFact[] = []
    const recording = await world.recorder.start(world.person.uid, (fact) => facts.push(fact), [
      { id: 'lasting', pid: lasting, startedAtMs: world.computer.clock.now().wallMs },
      { id: 'namesake', pid: later, startedAtMs: startedAtMs - 1_000 },
      { id: 'gone', pid: gone, startedAtMs },
    ])
    for (const pid of [lasting, later]) process.kill(pid, 'SIGTERM')
    await until('the end is told', () => facts.some(({ kind }) => kind === 'ended'))
    await recording.stop()
    assert.deepEqual(
      facts.map((fact) => fact.kind === 'ended' && [fact.id, fact.signal, fact.auid]),
      [['lasting', 15, world.person.uid]],
    )
  })
})

const otherRecorder = `
  import { LinuxRecorder } from '${import.meta.resolve('../../apps/agent/src/record/linux/linux-recorder.ts')}'
  import { SystemClock } from '${import.meta.resolve('../../apps/agent/src/clock/system-clock.ts')}'
  const recorder = new LinuxRecorder({ clock: new SystemClock(), settingsFile: process.env.SETTINGS })
  const facts = []
  const recording = await recorder.start(Number(process.env.UID), (fact) => facts.push(fact))
  console.log('recording')
  for await (const _ of process.stdin);
  await recording.stop()
  console.log(JSON.stringify(facts))`

/** Makes the file that its first argument names, if that is a path, and exits with 42. */
const markedSource = `
#include <fcntl.h>
#include <unistd.h>
int main(int argc, char **argv) {
  if (argc > 1 && argv[1][0] == '/') close(open(argv[1], O_CREAT | O_WRONLY, 0600));
  return 42;
}`

/** WAY PROGRAM MARKER: starts the program with the marker by this way, and waits for it where it can. */
const waysSource = `
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
extern char **environ;
static int by(const char *way, char **child) {
  int file = open(child[0], O_RDONLY | O_CLOEXEC);
  struct stat found;
  fstat(file, &found);
  if (!strcmp(way, "execve")) syscall(SYS_execve, child[0], child, environ);
  if (!strcmp(way, "execveat")) syscall(SYS_execveat, file, "", child, environ, AT_EMPTY_PATH);
  if (!strcmp(way, "fexecve")) fexecve(file, child, environ);
  if (!strcmp(way, "memfd")) {
    int copy = memfd_create("copy", MFD_CLOEXEC);
    sendfile(copy, file, 0, found.st_size);
    fexecve(copy, child, environ);
  }
  return 1;
}
int main(int argc, char **argv) {
  char *way = argv[1], *child[] = {argv[2], argv[3], 0};
  pid_t pid;
  if (!strcmp(way, "posix_spawn")) {
    if (posix_spawn(&pid, child[0], 0, 0, child, environ)) return 1;
  } else if (!strcmp(way, "vfork")) {
    if (!(pid = vfork())) { execve(child[0], child, environ); _exit(1); }
  } else if (!strcmp(way, "double-fork")) {
    if (fork()) return 0;
    setsid();
    if (fork()) return 0;
    usleep(200000);
    return by("execve", child);
  } else if (!(pid = fork())) _exit(by(way, child));
  waitpid(pid, 0, 0);
  return 0;
}`

/** PROGRAM MARKER, without any library: replaces itself by the 32-bit call. */
const smallSource = `
__attribute__((naked, used)) void _start(void) {
  __asm__("mov %esp, %eax\\n"
          "lea 8(%eax), %ecx\\n"
          "mov (%ecx), %ebx\\n"
          "xor %edx, %edx\\n"
          "mov $11, %eax\\n"
          "int $0x80\\n"
          "mov $1, %eax\\n"
          "mov $9, %ebx\\n"
          "int $0x80\\n");
}`

/** NAME N: starts N static children, two at a time, as fast as it can; every fifth dies of a signal. */
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
  if (argc == 5) {
    int number = atoi(argv[3]);
    if (number % 5 == 4) kill(getpid(), number % 2 == 0 ? SIGKILL : SIGTERM);
    return number % 251;
  }
  int running = 0;
  for (int at = 0; at < atoi(argv[2]); at++) {
    char number[16], blanks[32];
    snprintf(number, sizeof number, "%d", at);
    snprintf(blanks, sizeof blanks, "with blanks %d", at);
    char *child[] = {argv[0], "child", argv[1], number, blanks, 0};
    pid_t pid;
    if (posix_spawn(&pid, argv[0], 0, 0, child, environ)) return 1;
    if (++running == 2) { wait(0); running--; }
  }
  while (wait(0) > 0);
  return 0;
}`
