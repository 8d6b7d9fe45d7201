import type { Clock, EndedProcesses, EndOrder, RunningProcess, SessionProcesses } from '../os.ts'
import { groupMembers, groupOf, isPopulated, killGroup, removeGroup } from './cgroup.ts'
import { sessionLeaders } from './logoff.ts'
import {
  allProcesses,
  isInOurUserNamespace,
  isStillThere,
  type ProcessInfo,
  readProcess,
} from './processes.ts'

/** Looking and ending is repeated this often before we say that something refuses to end. */
const maxRounds = 10
const settleMs = 200
const pollMs = 10
const gracePollMs = 100

/**
 * Programs that carry a login and therefore run as root with the person's login id. Ending them would end the
 * person's login, not an elevation. By path: a process can choose its name.
 */
const loginPrograms = new Set([
  '/bin/login',
  '/usr/bin/login',
  '/lib/systemd/systemd',
  '/usr/lib/systemd/systemd',
  '/usr/lib/systemd/systemd-executor',
  '/usr/sbin/sshd',
  '/usr/lib/openssh/sshd-session',
  '/usr/lib/openssh/sshd-auth',
  '/usr/libexec/openssh/sshd-session',
  '/usr/libexec/openssh/sshd-auth',
  '/usr/libexec/gdm-session-worker',
  '/usr/lib/gdm3/gdm-session-worker',
  '/usr/lib/x86_64-linux-gnu/sddm/sddm-helper',
  '/usr/libexec/sddm-helper',
  '/usr/sbin/lightdm',
  '/usr/sbin/cron',
  '/usr/sbin/crond',
  '/usr/sbin/atd',
])

/** Elevated processes of the session: its group, and whoever left the group but still carries the person's login id. */
export async function elevatedProcesses(
  root: string,
  session: SessionProcesses,
): Promise<readonly RunningProcess[]> {
  const members = await groupMembers(groupOf(root, session.sessionId))
  const found = new Map<number, RunningProcess>()
  for (const pid of members) {
    const process = readProcess(pid)
    if (process) found.set(pid, asRunning(process))
  }
  for (const process of escaped(session)) found.set(process.pid, asRunning(process))
  return [...found.values()]
}

/** Elevated processes by login id. There is no way to change it without a record in the kernel's audit. */
function escaped(session: SessionProcesses): readonly ProcessInfo[] {
  const all = allProcesses()
  const own = descendants(all, process.pid)
  const logins = carriesLogin(all, session.uid)
  return all.filter(
    (found) =>
      found.loginUid === session.uid &&
      found.uids.some((uid) => uid !== session.uid) &&
      found.startedBootMs >= session.sinceBootMs &&
      !logins(found) &&
      !own.has(found.pid) &&
      isInOurUserNamespace(found.pid),
  )
}

/**
 * Carries a login: one of those programs, the first of its login session, and not started by anything of the person.
 * Whoever is root can start the same program for himself; that one came out of his own session.
 */
export function carriesLogin(all: readonly ProcessInfo[], uid: number): (found: ProcessInfo) => boolean {
  const leaders = new Set(sessionLeaders(all, uid).map(({ pid }) => pid))
  const ofPerson = new Set(all.filter(({ loginUid }) => loginUid === uid).map(({ pid }) => pid))
  return ({ pid, ppid, exe }) => loginPrograms.has(exe ?? '') && !ofPerson.has(ppid) && leaders.has(pid)
}

/** The agent itself and what it started: it may run under the login id of the administrator who started it. */
function descendants(all: readonly ProcessInfo[], top: number): ReadonlySet<number> {
  const family = new Set([top])
  for (let grown = true; grown; ) {
    grown = false
    for (const { pid, ppid } of all) {
      if (!family.has(ppid) || family.has(pid)) continue
      family.add(pid)
      grown = true
    }
  }
  return family
}

export async function endProcesses(clock: Clock, root: string, order: EndOrder): Promise<EndedProcesses> {
  const group = groupOf(root, order.sessionId)
  const seen = new Map<string, RunningProcess>()
  let running = await look(root, order, seen)
  if (order.graceMs > 0 && running.length > 0) running = await askToLeave(clock, root, order, running, seen)
  for (let round = 0; round < maxRounds; round++) {
    // Whoever had root could make the group refuse this; the signals reach every process by itself.
    await killGroup(group).catch(() => undefined)
    for (const process of running) sendSignal(process, 'SIGKILL')
    running = await settle(clock, root, order, seen)
    if (running.length === 0 && !(await isPopulated(group)) && (await removeGroup(group))) break
  }
  const left = new Set(running.map(key))
  return { ended: [...seen.values()].filter((process) => !left.has(key(process))), running }
}

async function look(
  root: string,
  session: SessionProcesses,
  seen: Map<string, RunningProcess>,
): Promise<readonly RunningProcess[]> {
  const running = await elevatedProcesses(root, session)
  for (const process of running) seen.set(key(process), process)
  return running
}

/** Stopped programs hear SIGTERM only after SIGCONT. No SIGHUP: it would cut short whoever is leaving politely. */
async function askToLeave(
  clock: Clock,
  root: string,
  order: EndOrder,
  first: readonly RunningProcess[],
  seen: Map<string, RunningProcess>,
): Promise<readonly RunningProcess[]> {
  for (const process of first) {
    for (const signal of ['SIGTERM', 'SIGCONT'] as const) sendSignal(process, signal)
  }
  const untilBootMs = clock.now().bootMs + order.graceMs
  let running = first
  while (running.length > 0 && clock.now().bootMs < untilBootMs) {
    await pause(clock, Math.min(gracePollMs, order.graceMs))
    running = await look(root, order, seen)
  }
  return running
}

async function settle(
  clock: Clock,
  root: string,
  order: EndOrder,
  seen: Map<string, RunningProcess>,
): Promise<readonly RunningProcess[]> {
  const untilBootMs = clock.now().bootMs + settleMs
  let running = await look(root, order, seen)
  while (running.length > 0 && clock.now().bootMs < untilBootMs) {
    await pause(clock, pollMs)
    running = await look(root, order, seen)
  }
  return running
}

function sendSignal(target: RunningProcess, signal: NodeJS.Signals): void {
  try {
    if (isStillThere(target)) process.kill(target.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve))
}

function key(process: RunningProcess): string {
  return `${process.pid}@${process.startedBootMs}`
}

function asRunning({ pid, startedBootMs, name, exe }: ProcessInfo): RunningProcess {
  return { pid, startedBootMs, name, exe }
}
