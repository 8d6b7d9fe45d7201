import type { Clock } from '../clock/clock.ts'

/** Waits for the courier's word that the server has a request, so that a person is told the truth about it. */
export class SentSignal {
  readonly #clock: Clock
  /** Whether a courier is there that could say it. */
  readonly #expected: () => boolean
  readonly #waiting = new Map<string, () => void>()

  constructor(clock: Clock, expected: () => boolean) {
    this.#clock = clock
    this.#expected = expected
  }

  /** Resolves at the word, after `limitMs`, or at once when no courier could say it. */
  wait(requestId: string, limitMs: number): Promise<void> {
    if (!this.#expected()) return Promise.resolve()
    return new Promise((resolve) => {
      const over = () => {
        alarm.cancel()
        this.#waiting.delete(requestId)
        resolve()
      }
      const alarm = this.#clock.after(limitMs, over)
      this.#waiting.set(requestId, over)
    })
  }

  heard(requestId: string): void {
    this.#waiting.get(requestId)?.()
  }
}
