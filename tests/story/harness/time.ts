import type { Alarm, Clock, Instant } from '../../../apps/agent/src/clock/clock.ts'
import type { Life } from './life.ts'

interface Due {
  readonly atMs: number
  readonly order: number
  readonly ring: () => void
}

/** Turns of the event loop without anything under way after which nothing more will happen by itself. */
const quietTurns = 6
/** Far more than any step takes; a step that takes longer waits for something that never comes. */
const mostTurns = 100_000

/**
 * The one time of a world. It stands still until it is told to pass; alarms ring on the way, in order, each followed
 * by everything that it sets off. `now` is the true time in ms since 1970: the server's clock, and a computer's as
 * long as nobody turns it.
 */
export class WorldTime {
  #nowMs = Date.UTC(2026, 10, 22, 9)
  #order = 0
  #underWay = 0
  #steps = 0
  readonly #due = new Set<Due>()

  readonly now = (): number => this.#nowMs

  /** Rings once, `delayMs` from now; answers what stops it. */
  after(delayMs: number, ring: () => void): () => void {
    const due = { atMs: this.#nowMs + Math.max(delayMs, 0), order: this.#order++, ring }
    this.#due.add(due)
    return () => void this.#due.delete(due)
  }

  every(periodMs: number, ring: () => void): () => void {
    let stop = () => {}
    const again = () => {
      stop = this.after(periodMs, () => {
        again()
        ring()
      })
    }
    again()
    return () => stop()
  }

  /** Something that one process waits for from another: the world is not quiet before it is over. */
  async during<T>(work: Promise<T>): Promise<T> {
    this.#underWay += 1
    this.#steps += 1
    try {
      return await work
    } finally {
      this.#underWay -= 1
      this.#steps += 1
    }
  }

  /** Resolves when nothing more happens unless time passes or somebody does something. */
  async quiet(): Promise<void> {
    let quiet = 0
    for (let turn = 0; quiet < quietTurns; turn++) {
      if (turn > mostTurns) throw new Error('something in this world never comes to an end')
      const before = this.#steps
      await new Promise((resolve) => setImmediate(resolve))
      quiet = this.#underWay === 0 && this.#steps === before ? quiet + 1 : 0
    }
  }

  async pass({ hours = 0, minutes = 0, seconds = 0 }: Span): Promise<void> {
    const untilMs = this.#nowMs + ((hours * 60 + minutes) * 60 + seconds) * 1000
    await this.quiet()
    while (await this.#next(untilMs));
    this.#nowMs = untilMs
  }

  /** Lets time pass, a minute at most, until `work` is over. */
  async until<T>(work: Promise<T>): Promise<T> {
    let isOver = false
    const over = () => {
      isOver = true
    }
    work.then(over, over)
    const untilMs = this.#nowMs + 60_000
    await this.quiet()
    while (!isOver && (await this.#next(untilMs)));
    if (!isOver) throw new Error('nobody answered within a minute')
    return work
  }

  /** Moves to the next alarm, if it is due by then, and lets it have all its effects. */
  async #next(untilMs: number): Promise<boolean> {
    const [next] = [...this.#due].sort((a, b) => a.atMs - b.atMs || a.order - b.order)
    if (next === undefined || next.atMs > untilMs) return false
    this.#nowMs = next.atMs
    this.#due.delete(next)
    next.ring()
    await this.quiet()
    return true
  }
}

export interface Span {
  readonly hours?: number
  readonly minutes?: number
  readonly seconds?: number
}

/** The clocks of one computer: powered-on time that nobody can set, and a wall clock that an administrator can. */
export class ComputerClock {
  readonly #time: WorldTime
  #boots = 1
  #bootedAtMs: number
  #skewMs = 0

  constructor(time: WorldTime) {
    this.#time = time
    this.#bootedAtMs = time.now() - 100_000
  }

  readonly now = (): Instant => ({
    bootId: `boot-${this.#boots}`,
    bootMs: this.#time.now() - this.#bootedAtMs,
    wallMs: this.wallMs(),
  })

  readonly wallMs = (): number => this.#time.now() + this.#skewMs

  /** Forward positive. */
  turn({ hours = 0, minutes = 0, seconds = 0 }: Span): void {
    this.#skewMs += ((hours * 60 + minutes) * 60 + seconds) * 1000
  }

  boot(): void {
    this.#boots += 1
    this.#bootedAtMs = this.#time.now()
  }

  /** As one run of a process sees it: its alarms die with it. */
  of(life: Life): Clock & { after(delayMs: number, ring: () => void): Alarm } {
    return {
      now: this.now,
      after: (delayMs, ring) => {
        const cancel = this.#time.after(delayMs, () => life.on && ring())
        life.onEnd(cancel)
        return { cancel }
      },
    }
  }
}
