/**
 * A real computer for a test: an installation of its own name, accounts of its own, and a look before and after.
 * Only one test file changes the computer at a time. Everything is put back also when a test fails.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as realTime } from 'node:timers/promises'
import { SystemClock } from '../../apps/agent/src/clock/system-clock.ts'
import { findGroupRoot } from '../../apps/agent/src/os/linux/cgroup.ts'
import { type Layout, layout } from '../../apps/agent/src/os/linux/layout.ts'
import { linuxOs } from '../../apps/agent/src/os/linux/linux-os.ts'
import { allProcesses, isStillThere, readProcess } from '../../apps/agent/src/os/linux/processes.ts'
import type { Account, Os, RaiseOrder } from '../../apps/agent/src/os/os.ts'
import { LinuxRecorder } from '../../apps/agent/src/record/linux/linux-recorder.ts'

/** Program, and the Debian package that has it. */
const packages: Readonly<Record<string, string>> = {
  sudo: 'sudo',
  visudo: 'sudo',
  useradd: 'passwd',
  runuser: 'util-linux',
  setsid: 'util-linux',
  script: 'bsdutils',
  pkexec: 'pkexec',
  pkaction: 'polkitd',
  'dbus-daemon': 'dbus-daemon',
  cc: 'gcc, libc6-dev',
  python3: 'python3-minimal',
}

/**
 * Why these tests cannot run here, or false. On a build machine (`CI=true`) nothing may be missing, so there they
 * run and fail.
 */
export function whyNot(...programs: readonly string[]): string | false {
  if (process.env.CI === 'true') return false
  if (process.platform !== 'linux') return 'skipped: needs Linux'
  if (process.getuid?.() !== 0) return 'skipped: needs root'
  if (!hasProcessGroups()) return 'skipped: needs cgroup v2, writable'
  const missing = programs.filter((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0)
  return missing.length > 0 && `skipped: install ${missing.map((name) => packages[name] ?? name).join(', ')}`
}

function hasProcessGroups(): boolean {
  try {
    accessSync(dirname(findGroupRoot('stint')), constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** As `whyNot`, for tests that need the kernel's audit. */
export async function whyNotRecording(): Promise<string | false> {
  if (process.env.CI === 'true') return false
  const availability = await new LinuxRecorder({ clock: new SystemClock() }).available()
  return !availability.available && `skipped: ${availability.message} ${availability.hint}`
}

export interface Outcome {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export async function run(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Outcome> {
  const child = spawn(program, args, {
    cwd: '/',
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', ...env },
  })
  child.stdin.end()
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
  const [status, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { status, signal, stdout, stderr }
}

async function must(program: string, args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await run(program, args)
  assert.equal(status, 0, `${program} ${args.join(' ')}: ${stderr}`)
  return stdout
}

/** Asks again until the answer is yes; for what the system does in its own time. A server is not asked at every blink. */
export async function until(
  what: string,
  isSo: () => Promise<boolean> | boolean,
  withinMs = 10_000,
  everyMs = 25,
): Promise<void> {
  const clock = new SystemClock()
  for (const lastBootMs = clock.now().bootMs + withinMs; !(await isSo()); await realTime(everyMs)) {
    assert.ok(clock.now().bootMs < lastBootMs, `within ${withinMs} ms: ${what}`)
  }
}

export class Computer {
  readonly clock = new SystemClock()
  readonly paths: Layout
  readonly os: Os
  readonly #lock: ChildProcess
  readonly #before: ReadonlyMap<string, string>
  readonly #accounts: Account[] = []
  readonly #services: ChildProcess[] = []

  private constructor(name: string, lock: ChildProcess, before: ReadonlyMap<string, string>) {
    this.paths = layout(name)
    this.os = linuxOs({ clock: this.clock, name })
    this.#lock = lock
    this.#before = before
  }

  static async open(): Promise<Computer> {
    // In a group of its own: Ctrl-C must not let go of the computer before it is put back.
    const lock = spawn('flock', ['/run/lock/stint-compliance', 'sh', '-c', 'echo held; cat'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: true,
    })
    await once(lock.stdout, 'data')
    return new Computer(`stint${randomBytes(3).toString('hex')}`, lock, lookAround())
  }

  /** A new account without any rights. */
  async addAccount(): Promise<Account> {
    const name = `stint-${randomBytes(4).toString('hex')}`
    await must('useradd', ['--create-home', '--shell', '/bin/bash', name])
    const account = await this.os.account(Number(await must('id', ['-u', name])))
    assert.ok(account !== 'gone' && account !== 'unreachable')
    this.#accounts.push(account)
    return account
  }

  /** Runs a shell script as this person, without a login session of his own. */
  as(person: Account, script: string, env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    return run('runuser', ['-u', person.name, '--', 'sh', '-c', `cd /tmp; ${script}`], env)
  }

  /** Runs a shell script in a login session of this person, as sshd or a desktop would make one. */
  asLogin(person: Account, script: string): Promise<Outcome> {
    const become = `echo ${person.uid} > /proc/self/loginuid; exec runuser -u ${person.name} -- sh -c "$SCRIPT"`
    return run('sh', ['-c', become], { SCRIPT: `cd /tmp; ${script}` })
  }

  async canAct(uid: number): Promise<boolean> {
    const person = this.#accounts.find((account) => account.uid === uid)
    assert.ok(person)
    return (await this.as(person, 'exec sudo -n id -u')).stdout === '0\n'
  }

  /** Starts something elevated that stays; answers the pid that the script prints. */
  async startElevated(
    person: Account,
    script = 'setsid sleep 1000 >/dev/null 2>&1 & echo $!',
  ): Promise<number> {
    const { stdout, stderr } = await this.as(person, `exec sudo -n sh -c '${script}'`)
    const pid = Number(stdout.trim().split('\n').at(-1))
    assert.ok(pid > 0, stderr)
    await until('the program runs', () => readProcess(pid)?.exe?.endsWith('/sleep') ?? false)
    return pid
  }

  order(uid: number, changes: Partial<RaiseOrder> & { lastsMs?: number } = {}): RaiseOrder {
    const { lastsMs = 60_000, ...rest } = changes
    const { wallMs, bootMs } = this.clock.now()
    return { sessionId: 's-1', uid, endsAtWallMs: wallMs + lastsMs, endsAtBootMs: bootMs + lastsMs, ...rest }
  }

  /** Runs a service for as long as the test runs. */
  start(program: string, args: readonly string[]): ChildProcess {
    const service = spawn(program, args, { stdio: 'ignore', cwd: '/' })
    this.#services.push(service)
    return service
  }

  /** Puts everything back, then compares with what was found. */
  async close(): Promise<void> {
    try {
      for (const session of await this.os.raisedSessions()) await this.os.lower(session)
      for (const account of this.#accounts) await this.#remove(account)
      for (const service of this.#services.reverse()) await stop(service)
      await this.os.unprepare()
      assert.deepEqual(Object.fromEntries(lookAround()), Object.fromEntries(this.#before))
    } finally {
      const released = hasEnded(this.#lock) ? null : once(this.#lock, 'exit')
      this.#lock.stdin?.end()
      await released
    }
  }

  /** Removes an account before the end of the test. */
  async forget(account: Account): Promise<void> {
    await this.#remove(account)
    this.#accounts.splice(this.#accounts.indexOf(account), 1)
  }

  async #remove({ uid, name }: Account): Promise<void> {
    const own = allProcesses().filter((found) => found.loginUid === uid || found.uids.includes(uid))
    for (const found of own) if (isStillThere(found)) process.kill(found.pid, 'SIGKILL')
    const root = findGroupRoot(this.paths.name)
    const groups = existsSync(root) ? readdirSync(root, { withFileTypes: true }) : []
    for (const group of groups.filter((entry) => entry.isDirectory())) {
      await this.os.endProcesses({ sessionId: group.name, uid, sinceBootMs: 0, graceMs: 0 })
    }
    await until('the account is free', () => !allProcesses().some((found) => found.uids.includes(uid)))
    await must('userdel', ['--remove', '--force', name]).catch(() => must('userdel', ['--force', name]))
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}

async function stop(service: ChildProcess): Promise<void> {
  if (hasEnded(service)) return
  service.kill('SIGTERM')
  await once(service, 'exit')
}

const watched = ['/etc/sudoers.d', '/etc/pam.d', '/etc/polkit-1', '/etc/tmpfiles.d', '/usr/lib']

/** Everything that a session may touch, by path: mode, owner and content. */
function lookAround(): ReadonlyMap<string, string> {
  const seen = new Map<string, string>()
  for (const dir of watched) look(dir, dir === '/usr/lib', seen)
  for (const file of ['/etc/passwd', '/etc/group', '/etc/sudoers']) seen.set(file, readFileSync(file, 'utf8'))
  const here = (dir: string): string => (existsSync(dir) ? readdirSync(dir).filter(isOurs).join(' ') : '')
  for (const dir of ['/run', '/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/home']) seen.set(dir, here(dir))
  return seen
}

function look(path: string, shallow: boolean, seen: Map<string, string>): void {
  for (const entry of existsSync(path) ? readdirSync(path, { withFileTypes: true }) : []) {
    const child = `${path}/${entry.name}`
    if (shallow && !isOurs(entry.name)) continue
    const { mode, uid, gid } = statSync(child, { throwIfNoEntry: false }) ?? { mode: 0, uid: 0, gid: 0 }
    const content = entry.isFile() ? readFileSync(child, 'latin1') : ''
    seen.set(child, `${mode.toString(8)} ${uid}:${gid} ${content}`)
    if (entry.isDirectory()) look(child, false, seen)
  }
}

function isOurs(name: string): boolean {
  return name.startsWith('stint')
}

/** Starts the system bus and polkit where no service manager has. */
export async function startPolkit(computer: Computer): Promise<void> {
  const socket = '/run/dbus/system_bus_socket'
  if (!existsSync(socket)) {
    mkdirSync('/run/dbus', { recursive: true })
    const bus = computer.start('dbus-daemon', ['--system', '--nofork', '--nopidfile'])
    bus.once('exit', () => rmSync(socket, { force: true }))
    await until('the system bus answers', () => existsSync(socket))
  }
  if ((await run('pkaction', [])).status === 0) return
  const polkitd = ['/usr/lib/polkit-1/polkitd', '/usr/libexec/polkitd', '/usr/lib/policykit-1/polkitd'].find(
    existsSync,
  )
  assert.ok(polkitd, 'polkitd is installed')
  computer.start(polkitd, ['--no-debug'])
  await until('polkit answers', async () => (await run('pkaction', [])).status === 0)
}
