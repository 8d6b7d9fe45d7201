import type { Clock, Timers } from '../src/clock.ts'

/** A clock that stands until it is moved, and alarms that ring only then. */
export class SetClock implements Clock, Timers {
  #now: number
  readonly #alarms = new Set<{ readonly periodMs: number; readonly work: () => void; next: number }>()

  constructor(now = Date.UTC(2026, 10, 22, 9)) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  every(periodMs: number, work: () => void): () => void {
    const alarm = { periodMs, work, next: this.#now + periodMs }
    this.#alarms.add(alarm)
    return () => this.#alarms.delete(alarm)
  }

  /** Moves the clock on and rings what became due, once each. */
  pass(ms: number): void {
    this.#now += ms
    for (const alarm of [...this.#alarms]) {
      if (alarm.next > this.#now) continue
      alarm.next = this.#now + alarm.periodMs
      alarm.work()
    }
  }
}
