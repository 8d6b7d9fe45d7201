import type { Alarm, Clock, Instant } from '../clock.ts'

interface Waiting {
  readonly dueBootMs: number
  readonly order: number
  readonly ring: () => void
}

/** A clock that stands still until it is told to move. Alarms ring inside `advance`, in order, at their own time. */
export class SetClock implements Clock {
  #bootId: string
  #bootMs: number
  #wallMs: number
  #order = 0
  readonly #waiting = new Set<Waiting>()

  constructor(start: Partial<Instant> = {}) {
    this.#bootId = start.bootId ?? 'boot-1'
    this.#bootMs = start.bootMs ?? 100_000
    this.#wallMs = start.wallMs ?? Date.UTC(2026, 0, 5, 9)
  }

  now(): Instant {
    return { bootId: this.#bootId, bootMs: this.#bootMs, wallMs: this.#wallMs }
  }

  after(delayMs: number, ring: () => void): Alarm {
    const waiting = { dueBootMs: this.#bootMs + Math.max(delayMs, 0), order: this.#order++, ring }
    this.#waiting.add(waiting)
    return { cancel: () => this.#waiting.delete(waiting) }
  }

  /** Lets time pass on both clocks and rings what falls due, including alarms that ringing alarms set. */
  advance(ms: number): void {
    const untilBootMs = this.#bootMs + ms
    for (let next = this.#next(untilBootMs); next; next = this.#next(untilBootMs)) {
      this.#move(next.dueBootMs - this.#bootMs)
      this.#waiting.delete(next)
      next.ring()
    }
    this.#move(untilBootMs - this.#bootMs)
  }

  /** As `advance`, and gives promises their turn before each alarm and at the end, so that their timers count too. */
  async pass(ms: number): Promise<void> {
    const untilBootMs = this.#bootMs + ms
    await settled()
    for (let next = this.#next(untilBootMs); next; next = this.#next(untilBootMs)) {
      this.advance(Math.max(next.dueBootMs - this.#bootMs, 0))
      await settled()
    }
    this.advance(untilBootMs - this.#bootMs)
    await settled()
  }

  /** Somebody turns the wall clock; time since boot does not notice. */
  turnWall(byMs: number): void {
    this.#wallMs += byMs
  }

  /** The computer was off for so long. Alarms die with the process. */
  reboot(offMs = 0): void {
    this.#bootId = `boot-${Number(this.#bootId.split('-')[1] ?? 1) + 1}`
    this.#bootMs = 0
    this.#wallMs += offMs
    this.#waiting.clear()
  }

  /** How many alarms are set. */
  get alarms(): number {
    return this.#waiting.size
  }

  #next(untilBootMs: number): Waiting | undefined {
    const due = [...this.#waiting].filter((waiting) => waiting.dueBootMs <= untilBootMs)
    return due.sort((a, b) => a.dueBootMs - b.dueBootMs || a.order - b.order)[0]
  }

  #move(ms: number): void {
    this.#bootMs += Math.max(ms, 0)
    this.#wallMs += Math.max(ms, 0)
  }
}

/** Work that hands on through several promises and streams takes several turns. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve))
}
