import { COUNTER_MAX } from './bytes.ts'
import { CodeError } from './errors.ts'
import {
  type BoundRequest,
  type CreationWindow,
  elapse,
  isPending,
  LIMITS,
  type LimitedRequest,
  type LimitedUser,
  type Limiter,
  limitedUser,
  withUser,
} from './limiter-state.ts'
import type { RequestKind } from './request-code.ts'

/** Making and closing requests under the limits of spec/guess-limits.md. Make `state` durable after every move. */

export interface NewRequest {
  readonly user: string
  readonly kind: RequestKind
  /** needs two answers at the endpoint */
  readonly dual: boolean
  /** 12 h of powered-on time unless told; at most 7 days */
  readonly ttlMs?: number
  /** makes the request code for a counter; called at most once, and only when the request is opened */
  readonly bind: (counter: number) => Omit<BoundRequest, 'counter'>
}

export type Opening =
  | {
      readonly result: 'opened' | 'already-open'
      readonly request: LimitedRequest
      readonly limiter: Limiter
    }
  | { readonly result: 'quota'; readonly retryAfterMs: number; readonly limiter: Limiter }
  | { readonly result: 'quarantine'; readonly limiter: Limiter }

/**
 * Opens a request with the next counter; show its code only when the state is durable. A pending one of the same
 * user and sort (session and application, or recovery and maintenance) is given back unchanged: same code.
 * In QUARANTINE only recovery and maintenance can be asked for; LOCKED refuses nothing here, an answer token may
 * come. Throws `argument` after the last counter.
 */
export function openRequest(before: Limiter, upMs: number, wanted: NewRequest): Opening {
  const limiter = elapse(before, upMs)
  const user = limitedUser(limiter.state, wanted.user)
  const recovering = isRecovering(wanted.kind)
  const pending = recovering ? user.recovery : user.request
  if (isPending(pending)) return { result: 'already-open', request: pending, limiter }
  if (limiter.state.quarantine && !recovering) return { result: 'quarantine', limiter }
  const retryAfterMs = recovering
    ? windowWait(limiter.state.recoveriesCreated, LIMITS.recoveriesPerDevice)
    : Math.max(
        windowWait(user.created, LIMITS.requestsPerUser),
        windowWait(limiter.state.created, LIMITS.requestsPerDevice),
      )
  if (retryAfterMs > 0) return { result: 'quota', retryAfterMs, limiter }
  const counter = limiter.state.counter + 1
  if (counter > COUNTER_MAX) throw new CodeError('argument', 'the request counter has ended; enrol again')
  const request = newRequest(wanted, counter)
  return { result: 'opened', request, limiter: recorded(limiter, user, request) }
}

function isRecovering(kind: RequestKind): boolean {
  return kind === 'recovery' || kind === 'maintenance'
}

function windowWait(window: CreationWindow, limit: number): number {
  return window.count < limit ? 0 : LIMITS.creationWindowMs - window.ageMs
}

function oneMore(window: CreationWindow): CreationWindow {
  return { ...window, count: window.count + 1 }
}

function newRequest(wanted: NewRequest, counter: number): LimitedRequest {
  const ttlMs = Math.min(wanted.ttlMs ?? LIMITS.requestTtlMs, LIMITS.requestTtlMaxMs)
  const { kind, dual } = wanted
  return {
    ...wanted.bind(counter),
    counter,
    kind,
    dual,
    ttlMs,
    status: 'open',
    ageMs: 0,
    tries: 0,
    half: null,
  }
}

function recorded(limiter: Limiter, user: LimitedUser, request: LimitedRequest): Limiter {
  const { state } = limiter
  const { counter } = request
  if (isRecovering(request.kind)) {
    const recoveriesCreated = oneMore(state.recoveriesCreated)
    return withUser(
      { ...limiter, state: { ...state, counter, recoveriesCreated } },
      { ...user, recovery: request },
    )
  }
  const next = { ...limiter, state: { ...state, counter, created: oneMore(state.created) } }
  return withUser(next, { ...user, request, created: oneMore(user.created) })
}

/** The user gives up a pending request of the sort of `kind`. */
export function cancelRequest(before: Limiter, upMs: number, userId: string, kind: RequestKind): Limiter {
  const limiter = elapse(before, upMs)
  const user = limitedUser(limiter.state, userId)
  const changed = isRecovering(kind)
    ? { ...user, recovery: voided(user.recovery) }
    : { ...user, request: voided(user.request) }
  return withUser(limiter, changed)
}

function voided(request: LimitedRequest | null): LimitedRequest | null {
  return isPending(request) ? { ...request, status: 'void' } : request
}

/** Voids every pending request: the server forces a heal, or the state may have been known to somebody. */
export function voidRequests(before: Limiter, upMs: number): Limiter {
  const limiter = elapse(before, upMs)
  const users = limiter.state.users.map((user) => ({
    ...user,
    request: voided(user.request),
    recovery: voided(user.recovery),
  }))
  return { ...limiter, state: { ...limiter.state, users } }
}

/** Evidence that the state went back: QUARANTINE, and every pending request void, its answer may be known. */
export function enterQuarantine(before: Limiter, upMs: number): Limiter {
  const limiter = voidRequests(before, upMs)
  return { ...limiter, state: { ...limiter.state, quarantine: true } }
}

/**
 * The server's signed instruction for one user at a sync. Never call it, or unlockDevice, for a sync as such: an
 * attacker with a network would get free guesses at each.
 */
export function unlockUser(before: Limiter, upMs: number, userId: string): Limiter {
  const limiter = elapse(before, upMs)
  return withUser(limiter, { ...limitedUser(limiter.state, userId), failures: 0, owedMs: 0 })
}
