import type { Instant } from '../clock/clock.ts'
import { rfc3339 } from '../config/ids.ts'
import type { ClockMark } from '../config/state.ts'
import type { Fact } from '../journal/fact.ts'

/** More than this is no drift of a clock but a hand on it. */
export const jumpMs = 5_000

/** Notices when the wall clock is turned, against the clock of the boot; across boots, against the highest time seen. */
export class ClockWatch {
  #mark: ClockMark | null

  constructor(kept: ClockMark | null) {
    this.#mark = kept
  }

  /** The last reading that was checked. */
  get mark(): ClockMark | null {
    return this.#mark
  }

  /** Milliseconds by which the wall clock was turned since the last check, forward positive; 0 when it was not. */
  check(now: Instant): number {
    const before = this.#mark
    this.#mark = { ...now, highWallMs: Math.max(before?.highWallMs ?? 0, now.wallMs) }
    if (!before) return 0
    if (before.bootId !== now.bootId) return this.#sinceOtherBoot(before, now)
    const drift = now.wallMs - before.wallMs - (now.bootMs - before.bootMs)
    if (Math.abs(drift) <= jumpMs) return 0
    if (drift < 0) this.#mark = { ...now, highWallMs: now.wallMs }
    return drift
  }

  #sinceOtherBoot(before: ClockMark, now: Instant): number {
    const back = now.wallMs - before.highWallMs
    if (back >= -jumpMs) return 0
    this.#mark = { ...now, highWallMs: now.wallMs }
    return back
  }
}

export function jumpFact(driftMs: number, now: Instant): Fact {
  return { type: 'clock.jump', body: { driftMs: Math.round(driftMs), wall: rfc3339(now.wallMs) } }
}
