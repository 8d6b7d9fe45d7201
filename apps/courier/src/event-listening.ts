import { Fault } from '@stint/elevation'
import { parseJson } from '@stint/wire'
import { DeviceMessage } from '@stint/wire/device'
import { ServerRefusal } from './answer.ts'
import type { DeviceSession } from './device-session.ts'
import type { AgentLink, Log, ServerEvent, ServerLink, Timers } from './links.ts'

/** The server sends a sign of life every 15 seconds; after this long without one the line is dead. */
export const silenceMaxMs = 40_000
/** A stream that stayed open this long was a good one: the next failure starts counting from one. */
export const steadyAfterMs = 10_000

export interface ListeningParts {
  readonly agent: AgentLink
  readonly server: ServerLink
  readonly timers: Timers
  readonly log: Log
  /** The server spoke. */
  readonly alive: () => void
  readonly steady: () => void
  /** It is over, and why; undefined when the server closed it. Not called after `stop`. */
  readonly ended: (error: unknown) => void
}

/**
 * The open stream of what the server has for this computer. An event counts as seen only when the agent had it, so
 * after a break the server sends the rest again. An id says where to resume, not which event it is: several may have
 * the same, a farewell for one. Getting an event twice is harmless, the agent judges it.
 */
export class EventListening {
  readonly #parts: ListeningParts
  #lastEventId: string | undefined
  #stop: (() => void) | undefined
  #steady = false

  constructor(parts: ListeningParts) {
    this.#parts = parts
  }

  /** Open for so long that the line is good. */
  get isSteady(): boolean {
    return this.#stop !== undefined && this.#steady
  }

  /** Opens the stream unless it is open. */
  start(session: DeviceSession): void {
    if (this.#stop !== undefined) return
    const { timers, server } = this.#parts
    const abort = new AbortController()
    let quiet = () => {}
    let settle = () => {}
    let silent = false
    let opened = false
    const stop = () => {
      quiet()
      settle()
      if (this.#stop === stop) this.#stop = undefined
      abort.abort()
    }
    const watch = () => {
      quiet()
      quiet = timers.after(silenceMaxMs, () => {
        silent = true
        abort.abort()
      })
    }
    this.#stop = stop
    this.#steady = false
    watch()
    const hear = {
      alive: () => {
        if (this.#stop !== stop) return
        watch()
        if (!opened) settle = timers.after(steadyAfterMs, () => this.#settled())
        opened = true
        this.#parts.alive()
      },
      event: (event: ServerEvent) => (this.#stop === stop ? this.#deliver(event) : Promise.resolve()),
    }
    const over = (error: unknown) => {
      if (this.#stop !== stop) return
      stop()
      this.#parts.ended(silent ? lineDead() : error)
    }
    server.stream(session.eventsRequest(this.#lastEventId), hear, abort.signal).then(
      (refusal) => over(refusal === null ? undefined : new ServerRefusal(refusal)),
      (error: unknown) => over(error),
    )
  }

  /** Closes the stream without a word. `forget`: the next one begins at the beginning. */
  stop(forget = false): void {
    this.#stop?.()
    if (forget) this.#lastEventId = undefined
  }

  #settled(): void {
    this.#steady = true
    this.#parts.steady()
  }

  async #deliver({ id, data }: ServerEvent): Promise<void> {
    const message = this.#read(data)
    if (message !== undefined) await this.#parts.agent.call({ call: 'deliver', message })
    if (id !== undefined) this.#lastEventId = id
  }

  /** A message of a newer server is left out, with a word in the log: it must not stop those after it. */
  #read(data: string): DeviceMessage | undefined {
    try {
      return parseJson(DeviceMessage, data)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      this.#parts.log('an event of the server is not understood')
      return undefined
    }
  }
}

function lineDead(): Fault {
  return new Fault('server-unreachable', 'The server gives no sign of life', 'It is tried again by itself.')
}
