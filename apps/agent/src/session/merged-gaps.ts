import type { Alarm, Clock } from '../clock/clock.ts'

/** Between these times something is not in the journal. */
export interface Gap {
  readonly fromMs: number
  readonly toMs: number
  /** What kind it is; only gaps of one kind become one. */
  readonly cause: string
  /** For the person who reads it. */
  readonly detail: string
}

/** Gaps of one kind are one when not more than this is between them. */
const apartMs = 1_000
/** A gap waits this long for another one that continues it, and not longer than `longestMs` in all. */
const waitMs = 2_000
const longestMs = 10_000

/** Makes one gap of those that follow each other, so that one trouble does not fill the journal. */
export class MergedGaps {
  readonly #clock: Clock
  readonly #onGap: (gap: Gap) => void
  #open: Gap | null = null
  #openedMs = 0
  #merged = 1
  #alarm: Alarm | null = null

  constructor(clock: Clock, onGap: (gap: Gap) => void) {
    this.#clock = clock
    this.#onGap = onGap
  }

  /** True when it is a gap of its own and not the rest of the one before. */
  add(gap: Gap): boolean {
    const open = this.#open
    if (open?.cause === gap.cause && gap.fromMs <= open.toMs + apartMs && gap.toMs + apartMs >= open.fromMs) {
      const [fromMs, toMs] = [Math.min(open.fromMs, gap.fromMs), Math.max(open.toMs, gap.toMs)]
      this.#open = { ...open, fromMs, toMs }
      this.#merged += 1
      this.#wait()
      return false
    }
    this.close()
    this.#open = gap
    this.#openedMs = this.#clock.now().bootMs
    this.#wait()
    return true
  }

  /** Waits no longer. */
  close(): void {
    this.#alarm?.cancel()
    this.#alarm = null
    const open = this.#open
    if (open === null) return
    this.#open = null
    const more = this.#merged > 1 ? ` (${this.#merged} times)` : ''
    this.#merged = 1
    this.#onGap({ ...open, detail: `${open.detail}${more}` })
  }

  #wait(): void {
    const left = this.#openedMs + longestMs - this.#clock.now().bootMs
    this.#alarm?.cancel()
    this.#alarm = this.#clock.after(Math.max(0, Math.min(waitMs, left)), () => this.close())
  }
}
