import type { AgentLink, Timers } from './links.ts'

/** An exchange that takes longer is told to the person as "not reachable" before it ends. */
const slowMs = 1500
/** The agent believes "reachable" for a minute; it is told again this often while it is true. */
const againAfterMs = 20_000

/** Keeps the agent informed whether the server can be reached, without telling it the same thing all the time. */
export class Contact {
  readonly #agent: AgentLink
  readonly #timers: Timers
  #told: boolean | undefined
  #toldAt = 0

  constructor(agent: AgentLink, timers: Timers) {
    this.#agent = agent
    this.#timers = timers
  }

  /** The agent is another one: it knows nothing yet. */
  forget(): void {
    this.#told = undefined
  }

  reached(): void {
    const due = this.#told !== true || this.#timers.now() - this.#toldAt >= againAfterMs
    if (due) void this.#tell(true)
  }

  async lost(): Promise<void> {
    if (this.#told !== false) await this.#tell(false)
  }

  /** Waits for an exchange; says "lost" while it hangs and "reached" when it succeeds after all. */
  async watched<T>(exchange: Promise<T>): Promise<T> {
    const cancel = this.#timers.after(slowMs, () => void this.lost())
    try {
      const result = await exchange
      this.reached()
      return result
    } finally {
      cancel()
    }
  }

  async #tell(online: boolean): Promise<void> {
    this.#told = online
    this.#toldAt = this.#timers.now()
    // Without an agent there is nobody to tell; a new one is told from the beginning.
    await this.#agent.call({ call: 'contact', online }).catch(() => undefined)
  }
}
