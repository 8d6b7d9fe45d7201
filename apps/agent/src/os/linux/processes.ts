import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import type { RunningProcess } from '../os.ts'

/** What the kernel writes where no login id or login session was ever set. */
export const unset = 4_294_967_295

const ticksPerSecond = 100

export interface ProcessInfo extends RunningProcess {
  readonly ppid: number
  /** Since boot, as the kernel counts and writes it. */
  readonly startedTicks: number
  /** Real, effective, saved and file-system uid. */
  readonly uids: readonly number[]
  readonly loginUid: number
  readonly loginSession: number
}

interface Stat {
  readonly name: string
  readonly state: string
  readonly ppid: number
  readonly startedTicks: number
  readonly startedBootMs: number
}

/** Reads one line of `/proc/<pid>/stat`. The name may hold blanks and brackets, so the last bracket counts. */
export function parseStat(line: string): Stat {
  const open = line.indexOf('(')
  const close = line.lastIndexOf(')')
  const rest = line.slice(close + 2).split(' ')
  return {
    name: line.slice(open + 1, close),
    state: rest[0] ?? '',
    ppid: Number(rest[1]),
    startedTicks: Number(rest[19]),
    startedBootMs: (Number(rest[19]) * 1000) / ticksPerSecond,
  }
}

export function parseUids(status: string): readonly number[] {
  const line = /^Uid:\t(.*)$/m.exec(status)?.[1] ?? ''
  return line.split('\t').map(Number)
}

/** `null` when there is no such process, or only what is left of one (zombie). */
export function readProcess(pid: number): ProcessInfo | null {
  try {
    const dir = `/proc/${pid}`
    const stat = parseStat(readFileSync(`${dir}/stat`, 'latin1'))
    if (stat.state === 'Z' || stat.state === 'X') return null
    return {
      pid,
      ppid: stat.ppid,
      startedTicks: stat.startedTicks,
      name: stat.name,
      startedBootMs: stat.startedBootMs,
      exe: linkOrNull(`${dir}/exe`),
      uids: parseUids(readFileSync(`${dir}/status`, 'latin1')),
      loginUid: numberOr(`${dir}/loginuid`, unset),
      loginSession: numberOr(`${dir}/sessionid`, unset),
    }
  } catch (error) {
    if (isGone(error)) return null
    throw error
  }
}

export function allProcesses(): readonly ProcessInfo[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.map((pid) => readProcess(Number(pid))).filter((found) => found !== null)
}

/** The pid is still the same process and not a later one with the same number. */
export function isStillThere(process: RunningProcess): boolean {
  return readProcess(process.pid)?.startedBootMs === process.startedBootMs
}

/** Processes in a user namespace of their own (rootless containers) hold other uids but no rights over the host. */
export function isInOurUserNamespace(pid: number): boolean {
  const own = linkOrNull('/proc/self/ns/user')
  return own !== null && linkOrNull(`/proc/${pid}/ns/user`) === own
}

function numberOr(path: string, otherwise: number): number {
  try {
    return Number(readFileSync(path, 'latin1'))
  } catch (error) {
    if (isGone(error)) return otherwise
    throw error
  }
}

function linkOrNull(path: string): string | null {
  try {
    return readlinkSync(path)
  } catch {
    return null
  }
}

function isGone(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code
  return code === 'ENOENT' || code === 'ESRCH'
}
