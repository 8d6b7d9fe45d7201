import { readFileSync } from 'node:fs'

/** The process that a thread belongs to, as far as rights and origin go. */
export interface Asking {
  readonly pid: number
  readonly parentPid: number
  /** Real, effective, saved and file-system uid. */
  readonly uids: readonly number[]
  /** Holds capabilities beyond the one that desktops give to everybody. */
  readonly capable: boolean
}

/** CAP_WAKE_ALARM: systemd gives it to people's desktop sessions. */
const wakeAlarm = 1n << 35n

/** Reads `/proc/<tid>/status`. */
export function parseAsking(status: string): Asking {
  const field = (line: RegExp): string => line.exec(status)?.[1] ?? ''
  const permitted = field(/^CapPrm:\t(.*)$/m)
  return {
    pid: Number(field(/^Tgid:\t(.*)$/m)),
    parentPid: Number(field(/^PPid:\t(.*)$/m)),
    uids: field(/^Uid:\t(.*)$/m)
      .split('\t')
      .map(Number),
    capable: permitted !== '' && (BigInt(`0x${permitted}`) & ~wakeAlarm) !== 0n,
  }
}

/** Does this process have rights that its person does not have? */
export function isElevated({ uids, capable }: Asking, uid: number): boolean {
  return capable || uids.some((other) => other !== uid)
}

/** True when `/proc/<tid>/cgroup` says that a process is in this group or below it. */
export function isInGroup(cgroup: string, group: string): boolean {
  const path = /^0::(.*)$/m.exec(cgroup)?.[1] ?? ''
  return `${path}/`.includes(`${group}/`)
}

/** Login id of a thread; null when it is gone. */
export function readLoginUid(tid: number): number | null {
  const text = readOrNull(`/proc/${tid}/loginuid`)
  return text === null ? null : Number(text)
}

export function readAsking(tid: number): Asking | null {
  const status = readOrNull(`/proc/${tid}/status`)
  return status === null ? null : parseAsking(status)
}

export function readGroup(tid: number): string {
  return readOrNull(`/proc/${tid}/cgroup`) ?? ''
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return null
    throw error
  }
}
