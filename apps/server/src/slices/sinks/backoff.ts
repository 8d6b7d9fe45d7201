import { minuteMs } from '../../clock.ts'
import type { Random } from '../../identifier.ts'

const FIRST_MS = 5_000
const LONGEST_MS = 15 * minuteMs

/**
 * How long to wait after this many failures in a row, in milliseconds: twice as long each time, up to a quarter of an
 * hour, and at random between half of that and all, so that many servers do not come back at once.
 */
export function backoffMs(failures: number, random: Random): number {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 20))
  const share = Buffer.from(random(4)).readUInt32BE(0) / 2 ** 32
  return Math.round(whole * (0.5 + share / 2))
}
