import type { Outcome } from '@stint/elevation'
import type { CourierCall, CourierResults, CourierState } from '@stint/wire/local-courier'

/** A call without its id. */
export type AgentQuestion<Name extends CourierCall['call']> = Omit<
  Extract<CourierCall, { call: Name }>,
  'id'
> & { readonly call: Name }

/** The agent, as the courier sees it. Connects again by itself when the agent restarts. */
export interface AgentLink {
  /** Throws `Fault('agent-not-running')` when there is no connection or it broke before the answer. */
  call<Name extends CourierCall['call']>(
    question: AgentQuestion<Name>,
  ): Promise<Outcome<CourierResults[Name]>>
  /** `connected` after every new connection; `changed` when there may be something to do. */
  listen(hear: { connected(): void; changed(state: CourierState): void }): void
  close(): void
}

/** `body` is the exact bytes that were signed; empty for GET. */
export interface ServerRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** Any answer that is JSON, or has no body (`json` undefined then). */
export interface ServerAnswer {
  readonly status: number
  readonly json: unknown
}

export interface ServerEvent {
  readonly id: string | undefined
  readonly data: string
}

/** What happens on an open stream. */
export interface StreamHearing {
  /** The server accepted; from here on every byte counts as a sign of life. */
  alive(): void
  /** One event after the other: the next one is read when this one was dealt with. */
  event(event: ServerEvent): Promise<void>
}

/** The server, as the courier sees it: one HTTP exchange or one stream, judged for form and size only. */
export interface ServerLink {
  /**
   * Throws `Fault`: `no-network` when nothing could even be sent from here; `server-unreachable` without an answer;
   * `server-misbehaves` for a redirect, an answer above `answerMax` bytes, or one that is not JSON.
   */
  send(request: ServerRequest): Promise<ServerAnswer>
  /**
   * Resolves when the stream ends: null after it was open, the answer when the server refused it. Throws as `send`,
   * and when `signal` fires.
   */
  stream(request: ServerRequest, hear: StreamHearing, signal: AbortSignal): Promise<ServerAnswer | null>
}

/** Longest answer or event that is taken from a server, in bytes. */
export const answerMax = 1024 * 1024

export interface Timers {
  /** Milliseconds since 1970 by this computer's clock, right or wrong. */
  now(): number
  /** Calls back once, `ms` from now; gives what stops it. */
  after(ms: number, work: () => void): () => void
}

export type Random = (length: number) => Uint8Array
/** Words of ours and codes; never a body, a header or a secret. */
export type Log = (line: string) => void
