import type { AgentLink, ServerAnswer, ServerLink, ServerRequest, Timers } from './links.ts'

/** A small exchange that takes longer is told to the person as "not reachable" before it ends. */
const slowMs = 1500
const smallBytes = 65_536
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

  /** The same server, with every exchange noticed: one that worked, that hangs, or that failed. */
  watching(server: ServerLink): ServerLink {
    return {
      send: (request) => this.#watched(server, request),
      stream: (request, hear, signal) => server.stream(request, hear, signal),
    }
  }

  /** An answer to a challenge is given to anybody: it does not say that this computer is served. */
  async #watched(server: ServerLink, request: ServerRequest): Promise<ServerAnswer> {
    const isSmall = request.body.length <= smallBytes
    const cancel = isSmall ? this.#timers.after(slowMs, () => void this.lost()) : () => undefined
    try {
      const answer = await server.send(request)
      const isServed = answer.status >= 200 && answer.status < 300 && !request.url.endsWith('/challenge')
      if (isServed) this.reached()
      return answer
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
