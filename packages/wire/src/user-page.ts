/**
 * The conversation between the user's page in a browser and `stint app`, over HTTP on 127.0.0.1. Every call is a
 * POST with JSON, so that a browser always says where it comes from:
 *
 *   POST /api/open   PageKey → PageToken       once per key
 *   POST /api/call   PageCall → PageAnswer     header `authorization: Bearer TOKEN`
 *   POST /api/watch  {} → text/event-stream of PageEvent, same header
 */
import { UserEvent, type UserResults } from './local-user.ts'
import { type Static, Strict, Type } from './parse.ts'

const Secret = Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' })

/** The one-time key out of the address that `stint app` opened. */
export const PageKey = Strict({ key: Secret })
/** What the page shows with every call from then on. It stays in the page's own storage. */
export const PageToken = Strict({ token: Secret })
export type PageToken = Static<typeof PageToken>

/** Why a call has no result. `unreachable`: the agent is not running. */
export const failureKinds = ['refused', 'usage', 'unreachable', 'fault'] as const
export interface Failure {
  readonly kind: (typeof failureKinds)[number]
  /** Stable, kebab-case. */
  readonly code: string
  /** One sentence for the person. */
  readonly message: string
  /** What to do next, one sentence. */
  readonly hint: string
  readonly details?: Readonly<Record<string, string | number | boolean>>
}

export type PageAnswer<N extends keyof UserResults> =
  | { readonly ok: true; readonly result: UserResults[N] }
  | { readonly ok: false; readonly failure: Failure }

/** `agent: false` while the agent cannot be reached; `stint app` tries again by itself. */
export const PageEvent = Type.Union([UserEvent, Strict({ agent: Type.Literal(false) })])
export type PageEvent = Static<typeof PageEvent>
