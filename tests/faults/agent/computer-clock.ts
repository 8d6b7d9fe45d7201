import type { Alarm, Clock, Instant } from '../../../apps/agent/src/clock/clock.ts'

interface Due {
  readonly atBootMs: number
  readonly ring: () => void
}

/** The clock of a computer as one process on it has it: stands still, and moves when it is told to. */
export class ComputerClock implements Clock {
  #now: Instant
  readonly #due = new Set<Due>()

  constructor(now: Instant) {
    this.#now = now
  }

  now(): Instant {
    return this.#now
  }

  after(delayMs: number, ring: () => void): Alarm {
    const due = { atBootMs: this.#now.bootMs + Math.max(delayMs, 0), ring }
    this.#due.add(due)
    return { cancel: () => this.#due.delete(due) }
  }

  /** Time passes; alarms ring at their time, in order, and `quiet` is waited for after each. */
  async pass(ms: number, quiet: () => Promise<void>): Promise<void> {
    const untilBootMs = this.#now.bootMs + ms
    await quiet()
    for (let next = this.#next(untilBootMs); next; next = this.#next(untilBootMs)) {
      this.set({ ...this.#now, ...this.#later(Math.max(0, next.atBootMs - this.#now.bootMs)) })
      this.#due.delete(next)
      next.ring()
      await quiet()
    }
    this.set({ ...this.#now, ...this.#later(untilBootMs - this.#now.bootMs) })
  }

  /** Also a jump: nothing rings on the way, what was due rings late, with the next `pass`. */
  set(now: Instant): void {
    this.#now = now
  }

  #later(ms: number): Pick<Instant, 'bootMs' | 'wallMs'> {
    return { bootMs: this.#now.bootMs + ms, wallMs: this.#now.wallMs + ms }
  }

  #next(untilBootMs: number): Due | undefined {
    const due = [...this.#due].filter(({ atBootMs }) => atBootMs <= untilBootMs)
    return due.sort((a, b) => a.atBootMs - b.atBootMs)[0]
  }
}
