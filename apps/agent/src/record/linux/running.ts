import { readFileSync } from 'node:fs'
import type { Instant } from '../../clock/clock.ts'
import type { RunningProgram } from '../record.ts'

/** The kernel counts starts of processes in hundredths of a second, on every machine. */
const tickMs = 10
/** A program starts in a process that is there already; more than this later it is another one with its number. */
const slackMs = 50

/** Whether this program's process is there. After a jump of the wall clock it says no rather than name a wrong one. */
export function isRunning({ pid, startedAtMs }: RunningProgram, now: Instant): boolean {
  const beganBootMs = processBeganMs(pid)
  return beganBootMs !== null && beganBootMs <= now.bootMs - (now.wallMs - startedAtMs) + slackMs
}

/** Milliseconds from boot to the start of a process; null when there is none, or only its remains. */
function processBeganMs(pid: number): number | null {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return null
  }
  // The name before it is anything, also blanks and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, ticks] = [fields[0], fields[19]]
  return state === 'Z' || state === 'X' || ticks === undefined ? null : Number(ticks) * tickMs
}
