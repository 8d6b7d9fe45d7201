/** A computer with a raised person, programs to deny, and ways to start them past a rule. */
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import type { ProgramPolicy, ProgramRule } from '@stint/elevation'
import type { DeniedStart, Denying, UntoldDenials } from '../../apps/agent/src/deny/deny.ts'
import { LinuxDenier } from '../../apps/agent/src/deny/linux/linux-denier.ts'
import type { Account } from '../../apps/agent/src/os/os.ts'
import { Computer, type Outcome, run, whyNot } from './os-fixture.ts'

export const skip = whyNot('sudo', 'useradd', 'runuser', 'setsid', 'cc') || (await whyNotDenying())

async function whyNotDenying(): Promise<string | false> {
  if (process.env.CI === 'true') return false
  const { SystemClock } = await import('../../apps/agent/src/clock/system-clock.ts')
  const availability = await new LinuxDenier({ clock: new SystemClock() }).available()
  return !availability.available && `skipped: ${availability.message} ${availability.hint}`
}

const toolSource = `#include <stdio.h>
int main(void) { puts("ran"); return 0; }
`

/** Ways to start a program that no shell has. */
const trickSource = `#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(int argc, char **argv) {
  char *const to[] = { argv[2], NULL };
  char *const none[] = { NULL };
  if (!strcmp(argv[1], "raw")) syscall(SYS_execve, argv[2], to, none);
  if (!strcmp(argv[1], "descriptor")) {
    int fd = open(argv[2], O_PATH);
    if (fd >= 0) syscall(SYS_execveat, fd, "", to, none, AT_EMPTY_PATH);
  }
  if (!strcmp(argv[1], "memory")) {
    int from = open(argv[2], O_RDONLY), fd = memfd_create("m", 0);
    char block[65536];
    if (from < 0) { perror("open"); return 1; }
    for (ssize_t n; (n = read(from, block, sizeof block)) > 0; ) write(fd, block, n);
    syscall(SYS_execveat, fd, "", to, none, AT_EMPTY_PATH);
  }
  perror("exec");
  return 1;
}
`

export class DenyBench {
  readonly computer: Computer
  readonly person: Account
  readonly other: Account
  readonly denier: LinuxDenier
  /** Folder of the programs; root's. */
  readonly dir: string
  facts: (DeniedStart | UntoldDenials)[] = []
  lost: string[] = []
  #denying: Denying | null = null

  private constructor(computer: Computer, person: Account, other: Account) {
    const { paths, clock } = computer
    this.computer = computer
    this.person = person
    this.other = other
    this.dir = `/var/tmp/${paths.name}`
    this.denier = new LinuxDenier({ clock, name: paths.name, helpers: [paths.gateHelper, paths.joinHelper] })
  }

  static async open(): Promise<DenyBench> {
    const computer = await Computer.open()
    await computer.os.prepare()
    const bench = new DenyBench(computer, await computer.addAccount(), await computer.addAccount())
    for (const [at, { uid }] of [bench.person, bench.other].entries())
      await computer.os.raise(computer.order(uid, { sessionId: `s-${at + 1}`, lastsMs: 900_000 }))
    mkdirSync(bench.dir)
    await bench.compile('tool', toolSource)
    await bench.compile('other', toolSource)
    await bench.compile('static', toolSource, '-static')
    await bench.compile('trick', trickSource)
    writeFileSync(`${bench.dir}/script`, '#!/bin/sh\necho ran\n')
    chmodSync(`${bench.dir}/script`, 0o755)
    return bench
  }

  async compile(name: string, source: string, ...flags: readonly string[]): Promise<void> {
    const file = `${this.dir}/${name}`
    writeFileSync(`${file}.c`, `/* ${name} */\n${source}\nconst char *called = "${name}";\n`)
    const { status, stderr } = await run('cc', ['-O1', ...flags, '-o', file, `${file}.c`])
    assert.equal(status, 0, stderr)
  }

  deny(match: ProgramRule['match'], id = 'no'): ProgramRule {
    return { id, effect: 'deny', match, note: 'Ask the desk.' }
  }

  allow(match: ProgramRule['match'], id = 'yes'): ProgramRule {
    return { id, effect: 'allow', match, note: '' }
  }

  /** From now on, until the next call or `disarm`. */
  async arm(
    rules: readonly ProgramRule[],
    otherwise: ProgramPolicy['otherwise'] = 'allow',
  ): Promise<Denying> {
    await this.disarm()
    this.facts = []
    this.lost = []
    const order = { uid: this.person.uid, sessionId: 's-1', policy: { otherwise, rules } }
    const listener = {
      onDenied: (fact: DeniedStart | UntoldDenials) => this.facts.push(fact),
      onLost: (why: string) => this.lost.push(why),
    }
    this.#denying = await this.denier.arm(order, listener)
    return this.#denying
  }

  async disarm(): Promise<void> {
    await this.#denying?.stop()
    this.#denying = null
  }

  /** A shell script with raised rights, in a login session of the person. */
  elevated(script: string, person = this.person): Promise<Outcome> {
    return this.computer.asLogin(person, `exec sudo -n sh -c '${script.replaceAll("'", `'\\''`)}'`)
  }

  /** Did it start? Anything but "ran" and a refusal is a mistake of the test. */
  async ran(script: string): Promise<boolean> {
    const { stdout, stderr } = await this.elevated(script)
    if (stdout.includes('ran')) return true
    assert.match(stderr, /not permitted/, `${script}: ${stdout}${stderr}`)
    return false
  }

  async close(): Promise<void> {
    await this.disarm()
    await run('rm', ['-rf', this.dir])
    await this.computer.close()
  }
}
