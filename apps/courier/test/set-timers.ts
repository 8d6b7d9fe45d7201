import type { Timers } from '../src/links.ts'

/** A set clock: nothing happens until `pass`. */
export class SetTimers implements Timers {
  #now = Date.parse('2001-01-01T00:00:00.000Z')
  #next = 0
  readonly #alarms = new Map<number, { readonly at: number; readonly work: () => void }>()

  now(): number {
    return this.#now
  }

  after(ms: number, work: () => void): () => void {
    this.#next += 1
    const id = this.#next
    this.#alarms.set(id, { at: this.#now + ms, work })
    return () => this.#alarms.delete(id)
  }

  /** Lets time pass, alarm after alarm, each with everything that follows from it. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      await settled()
      const due = [...this.#alarms].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0]
      if (due === undefined) break
      const [id, { at, work }] = due
      this.#alarms.delete(id)
      this.#now = Math.max(this.#now, at)
      work()
    }
    this.#now = end
  }

  /** This computer's clock is turned. */
  turn(ms: number): void {
    this.#now += ms
  }
}

/** Everything that can happen without time passing has happened. */
export async function settled(): Promise<void> {
  for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve))
}

/** Bytes that differ from call to call and are the same in every run. */
export function testRandom(): (length: number) => Uint8Array {
  let seed = 0
  const next = () => {
    seed = (seed + 37) & 255
    return seed
  }
  return (length) => Uint8Array.from({ length }, next)
}
