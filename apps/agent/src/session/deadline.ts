import type { Instant } from '../clock/clock.ts'
import type { Anchor } from '../config/state.ts'

/**
 * How much of a session is over, milliseconds. Load-bearing order: the boot is compared before any time, because a
 * reading of the boot clock means nothing in another boot: there it is over. Within the boot the larger of the two
 * clocks counts, so that no clock that is turned back, or stands still in sleep, lengthens anything.
 */
export function elapsedMs(anchor: Anchor, now: Instant): number {
  if (now.bootId !== anchor.bootId) return Number.POSITIVE_INFINITY
  return Math.max(now.bootMs - anchor.bootMs, now.wallMs - anchor.wallMs, 0)
}

/** Never negative. */
export function remainingMs(anchor: Anchor, now: Instant): number {
  return Math.max(0, anchor.seconds * 1000 - elapsedMs(anchor, now))
}

/** When it ends if no clock is turned. */
export function endsAtWallMs({ wallMs, seconds }: Anchor): number {
  return wallMs + seconds * 1000
}

export function endsAtBootMs({ bootMs, seconds }: Anchor): number {
  return bootMs + seconds * 1000
}
