import type { Random } from './links.ts'

const firstMs = 1000

/**
 * How long to wait before try number `failures` + 1: doubling from one second up to `longestMs`, of which half is
 * random, so that ten thousand computers do not come back at the same moment.
 */
export function backOffMs(failures: number, longestMs: number, random: Random): number {
  const whole = Math.min(firstMs * 2 ** Math.max(0, failures - 1), longestMs)
  const share = (random(1)[0] ?? 0) / 255
  return Math.round(whole / 2 + (whole / 2) * share)
}
