import type { Alarm } from '../../clock/clock.ts'
import type { Clock, LogoffWatch, RunningProcess } from '../os.ts'
import { allProcesses, isStillThere, type ProcessInfo, unset } from './processes.ts'

const lookEveryMs = 5_000

/** Sessions of these are not a person sitting at the computer. */
const notALogin = new Set([
  '/usr/sbin/cron',
  '/usr/sbin/crond',
  '/usr/sbin/atd',
  '/lib/systemd/systemd',
  '/usr/lib/systemd/systemd',
  '/usr/lib/systemd/systemd-executor',
])

/** Of those, whoever is a person sitting at the computer. */
export function loginLeaders(all: readonly ProcessInfo[], uid: number): readonly RunningProcess[] {
  return sessionLeaders(all, uid).filter((leader) => !notALogin.has(leader.exe ?? ''))
}

/**
 * The oldest process of each of the person's login sessions. It is the one that set the login id (sshd's monitor,
 * login, the display manager's worker) and it stays exactly as long as the login; what it started may outlive it.
 */
export function sessionLeaders(all: readonly ProcessInfo[], uid: number): readonly RunningProcess[] {
  const leaders = new Map<number, ProcessInfo>()
  for (const process of all) {
    if (process.loginUid !== uid || process.loginSession === unset) continue
    const leader = leaders.get(process.loginSession)
    if (leader === undefined || isOlder(process, leader)) leaders.set(process.loginSession, process)
  }
  return [...leaders.values()]
}

function isOlder(a: ProcessInfo, b: ProcessInfo): boolean {
  return a.startedBootMs === b.startedBootMs ? a.pid < b.pid : a.startedBootMs < b.startedBootMs
}

/** Looks only while a session is active: one look costs 3 to 9 ms. */
export function watchLogoff(clock: Clock, uid: number, onLogoff: () => void): LogoffWatch {
  const leaders = loginLeaders(allProcesses(), uid)
  if (leaders.length === 0) return { state: 'no-login-session', stop: () => undefined }
  let alarm: Alarm = clock.after(lookEveryMs, look)
  function look(): void {
    if (leaders.some(isStillThere)) alarm = clock.after(lookEveryMs, look)
    else onLogoff()
  }
  return { state: 'watching', stop: () => alarm.cancel() }
}
