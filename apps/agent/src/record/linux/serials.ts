/** Numbers missing in the row, and when the row was last and next seen. */
export interface MissingSerials {
  readonly count: number
  readonly fromMs: number
  readonly toMs: number
}

interface Hole {
  readonly missing: Set<number>
  readonly fromMs: number
  readonly toMs: number
  readonly seenAtMs: number
}

/** Two processors may hand in their events in swapped order; later than this a missing number is lost. */
const graceMs = 1_000
const largestTracked = 4_096

/**
 * The kernel numbers every event without a break, ours and others'. It does not count what it could not deliver,
 * so a break in the row is the only sign of a loss.
 */
export class SerialWatch {
  #highest = 0
  #highestMs = 0
  #holes: Hole[] = []

  /** @param wallMs time of the event */
  see(serial: number, wallMs: number, nowMs: number): void {
    if (this.#highest === 0 || serial === this.#highest + 1) {
      this.#advance(serial, wallMs)
    } else if (serial > this.#highest) {
      this.#holes.push({
        missing: range(this.#highest + 1, Math.min(serial, this.#highest + 1 + largestTracked)),
        fromMs: this.#highestMs,
        toMs: wallMs,
        seenAtMs: nowMs,
      })
      this.#advance(serial, wallMs)
    } else if (serial < this.#highest) {
      for (const hole of this.#holes) hole.missing.delete(serial)
    }
  }

  /** Holes that will not be filled any more. Each is told once. */
  lost(nowMs: number, all = false): readonly MissingSerials[] {
    const over = this.#holes.filter((hole) => all || nowMs - hole.seenAtMs >= graceMs)
    this.#holes = this.#holes.filter((hole) => !over.includes(hole))
    return over
      .filter(({ missing }) => missing.size > 0)
      .map(({ missing, fromMs, toMs }) => ({ count: missing.size, fromMs, toMs }))
  }

  get waiting(): boolean {
    return this.#holes.length > 0
  }

  #advance(serial: number, wallMs: number): void {
    this.#highest = serial
    this.#highestMs = wallMs
  }
}

function range(from: number, to: number): Set<number> {
  return new Set(Array.from({ length: to - from }, (_, at) => from + at))
}
