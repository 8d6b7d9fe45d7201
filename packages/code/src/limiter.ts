import { CodeError } from './errors.ts'
import {
  accrue,
  isLocked,
  LIMITS,
  type LimitedRequest,
  type LimitedUser,
  type LimiterState,
  limitedUser,
  type PoweredOn,
  waitAfter,
  withUser,
} from './limiter-state.ts'
import type { RequestKind } from './request-code.ts'
import type { ResponseParams } from './response-code.ts'

/**
 * The endpoint's guess limiter (protocol 5.5) as a pure state machine. Order for every submission:
 *
 * 1. parse; a refusal goes to `typingError` and ends there
 * 2. `charge`; a refusal ends here
 * 3. **make `state` durable**, with fsync, before anything is compared: a power cut must find the guess counted
 * 4. compare, in constant time
 * 5. `settle`, make the new state durable, then act
 *
 * One submission at a time: charge and settle are never interleaved with another one.
 */

/** The words of a verdict, for every kind of answer. */
export type Verdict =
  | 'ok'
  | 'format'
  | 'typo'
  | 'bad'
  | 'wait'
  | 'locked'
  | 'expired'
  | 'consumed'
  | 'quarantine'

export interface Refusal {
  readonly verdict: Exclude<Verdict, 'ok' | 'bad'>
  /** powered-on time until it may be tried again, with verdict `wait` */
  readonly retryAfterMs?: number
  readonly state: LimiterState
}

/** A charged attempt, to be settled. */
export interface Attempt {
  readonly user: string
  readonly target: 'response' | 'recovery' | 'emergency'
  readonly requestId: string | null
  /** charged attempts at this request, this one included; for `emergency` the user's failures */
  readonly number: number
}

export type Charge =
  | { readonly verdict: 'charged'; readonly state: LimiterState; readonly attempt: Attempt }
  | Refusal

export type Settlement =
  | {
      readonly verdict: 'ok'
      /** false: first half of dual control, nothing is granted yet */
      readonly complete: boolean
      /** what was granted: one, or slot 0 and slot 1 under dual control; see combineDual */
      readonly params: readonly ResponseParams[]
      readonly state: LimiterState
    }
  | {
      readonly verdict: 'bad'
      /** tries left at this request, 0 means that it is void; null where requests do not limit (see charge) */
      readonly triesLeft: number | null
      readonly waitMs: number
      readonly state: LimiterState
    }

export interface NewRequest {
  readonly user: string
  /** the request code's text, or any other id unique on the device */
  readonly id: string
  readonly kind: RequestKind
  readonly dual: boolean
  /** 12 h of powered-on time unless told; at most 7 days */
  readonly ttlMs?: number
}

export interface Opening {
  readonly result: 'opened' | 'already-open' | 'quota' | 'locked' | 'quarantine'
  readonly retryAfterMs?: number
  readonly state: LimiterState
}

/**
 * Opens a request. An open one of the same user stays (`already-open`), except that asking for recovery voids
 * it. While LOCKED or in QUARANTINE only recovery may be asked for.
 */
export function openRequest(before: LimiterState, now: PoweredOn, wanted: NewRequest): Opening {
  const state = accrue(before, now)
  const user = limitedUser(state, wanted.user)
  if (wanted.kind !== 'recovery') {
    if (state.quarantined) return { result: 'quarantine', state }
    if (isLocked(state, user)) return { result: 'locked', state }
  }
  if (user.request?.status === 'open' && (wanted.kind !== 'recovery' || user.request.kind === 'recovery')) {
    return { result: 'already-open', state }
  }
  const quotaMs = quotaWait(state, user)
  if (quotaMs > 0) return { result: 'quota', retryAfterMs: quotaMs, state }
  const ttlMs = Math.min(wanted.ttlMs ?? LIMITS.requestTtlMs, LIMITS.requestTtlMaxMs)
  const request: LimitedRequest = {
    id: wanted.id,
    kind: wanted.kind,
    status: 'open',
    dual: wanted.dual,
    expiresAtMs: state.accruedMs + ttlMs,
    tries: 0,
    half: null,
  }
  const changed = { ...user, request, createdAtMs: [...user.createdAtMs, state.accruedMs] }
  const counted = { ...state, createdAtMs: [...state.createdAtMs, state.accruedMs] }
  return { result: 'opened', state: withUser(counted, changed) }
}

function quotaWait(state: LimiterState, user: LimitedUser): number {
  const freeAt = (times: readonly number[], limit: number) => {
    const blocking = times[times.length - limit]
    return blocking === undefined ? 0 : blocking + LIMITS.longestWaitMs
  }
  const userFreeAt = freeAt(user.createdAtMs, LIMITS.requestsPerUserDay)
  const deviceFreeAt = freeAt(state.createdAtMs, LIMITS.requestsPerDeviceDay)
  return Math.max(0, Math.max(userFreeAt, deviceFreeAt) - state.accruedMs)
}

/** Voids the user's open request. */
export function cancelRequest(before: LimiterState, now: PoweredOn, userId: string): LimiterState {
  const state = accrue(before, now)
  const user = limitedUser(state, userId)
  if (user.request?.status !== 'open') return state
  return withUser(state, { ...user, request: { ...user.request, status: 'void' } })
}

/** Step 1: text that was no code of the right kind. Not counted as a guess; above 10 in a minute `wait`. */
export function typingError(
  before: LimiterState,
  now: PoweredOn,
  userId: string,
  verdict: 'format' | 'typo',
): Refusal {
  const state = accrue(before, now)
  const user = limitedUser(state, userId)
  const [oldest] = user.typedAtMs
  if (oldest !== undefined && user.typedAtMs.length >= LIMITS.typingErrorsPerMinute) {
    return { verdict: 'wait', retryAfterMs: oldest + 60_000 - state.accruedMs, state }
  }
  return { verdict, state: withUser(state, { ...user, typedAtMs: [...user.typedAtMs, state.accruedMs] }) }
}

/**
 * Steps 2 and 3 for a parsed answer to the user's open request: refuses, or counts the attempt.
 * A response code counts against the user, the device and the request; a recovery or maintenance code has
 * 75 bits and is only slowed down to one per 10 s. A void request reads as `expired`.
 */
export function charge(before: LimiterState, now: PoweredOn, userId: string): Charge {
  const state = accrue(before, now)
  const user = limitedUser(state, userId)
  const { request } = user
  if (request === null || request.status !== 'open') {
    return { verdict: request?.status === 'consumed' ? 'consumed' : 'expired', state }
  }
  const recovering = request.kind === 'recovery'
  const refusal = recovering ? undefined : closedTo(state, user)
  if (refusal) return refusal
  if (recovering || request.kind === 'maintenance') return chargeRecovery(state, user, request)
  return chargeResponse(state, user, request)
}

/** Steps 2 and 3 for an emergency code: the same limiter, no request. */
export function chargeEmergency(before: LimiterState, now: PoweredOn, userId: string): Charge {
  const state = accrue(before, now)
  const user = limitedUser(state, userId)
  const refusal = closedTo(state, user) ?? waiting(state, user)
  if (refusal) return refusal
  const charged = countFailure(state, user)
  const number = user.failures + 1
  return {
    verdict: 'charged',
    state: charged,
    attempt: { user: userId, target: 'emergency', requestId: null, number },
  }
}

function closedTo(state: LimiterState, user: LimitedUser): Refusal | undefined {
  if (state.quarantined) return { verdict: 'quarantine', state }
  if (isLocked(state, user)) return { verdict: 'locked', state }
  return undefined
}

function waiting(state: LimiterState, user: LimitedUser): Refusal | undefined {
  const retryAfterMs = user.waitUntilMs - state.accruedMs
  return retryAfterMs > 0 ? { verdict: 'wait', retryAfterMs, state } : undefined
}

function countFailure(state: LimiterState, user: LimitedUser): LimiterState {
  const failures = user.failures + 1
  const waitUntilMs = state.accruedMs + waitAfter(failures)
  return withUser({ ...state, deviceFailures: state.deviceFailures + 1 }, { ...user, failures, waitUntilMs })
}

function chargeResponse(state: LimiterState, user: LimitedUser, request: LimitedRequest): Charge {
  const refusal = waiting(state, user)
  if (refusal) return refusal
  const tries = request.tries + 1
  const charged = countFailure(state, { ...user, request: { ...request, tries } })
  const attempt: Attempt = { user: user.user, target: 'response', requestId: request.id, number: tries }
  return { verdict: 'charged', state: voidWhenSpent(charged, user.user), attempt }
}

function chargeRecovery(state: LimiterState, user: LimitedUser, request: LimitedRequest): Charge {
  const retryAfterMs = user.nextRecoveryAtMs - state.accruedMs
  if (retryAfterMs > 0) return { verdict: 'wait', retryAfterMs, state }
  const tries = request.tries + 1
  const nextRecoveryAtMs = state.accruedMs + LIMITS.recoveryEveryMs
  const charged = withUser(state, { ...user, nextRecoveryAtMs, request: { ...request, tries } })
  const attempt: Attempt = { user: user.user, target: 'recovery', requestId: request.id, number: tries }
  return { verdict: 'charged', state: charged, attempt }
}

/** Danger: the fifth try voids the request when it is charged, so that a crash cannot leave it open. */
function voidWhenSpent(state: LimiterState, userId: string): LimiterState {
  const user = limitedUser(state, userId)
  if (!user.request || user.request.tries < LIMITS.triesPerRequest) return state
  return withUser(state, { ...user, request: { ...user.request, status: 'void' } })
}

export type Outcome =
  /** the comparison failed */
  | { readonly matched: false }
  /** it held; `params` of the response code, absent for recovery and emergency codes */
  | { readonly matched: true; readonly params?: ResponseParams }

/**
 * Steps 5 and 6. `state` is the charged state. Throws `attempt` when it is not the one this attempt was charged
 * in. Without dual control an answer of slot 1 is `bad`; under it, so is a second answer of another profile.
 */
export function settle(before: LimiterState, now: PoweredOn, attempt: Attempt, outcome: Outcome): Settlement {
  const state = accrue(before, now)
  const user = limitedUser(state, attempt.user)
  requireCharged(user, attempt)
  if (!outcome.matched) return wrong(state, user, attempt)
  if (attempt.target !== 'response') return { ...granted(state, user, attempt), params: [] }
  const { request } = user
  if (!outcome.params || !request)
    throw new CodeError('attempt', 'a response code settles with its parameters')
  if (!request.dual) {
    if (outcome.params.slot !== 0) return wrong(state, user, attempt)
    return { ...granted(state, user, attempt), params: [outcome.params] }
  }
  if (!request.half || request.half.slot === outcome.params.slot) {
    return {
      verdict: 'ok',
      complete: false,
      params: [outcome.params],
      state: keepHalf(state, user, outcome.params),
    }
  }
  if (request.half.profile !== outcome.params.profile) return wrong(state, user, attempt)
  const params = [request.half, outcome.params].sort((a, b) => a.slot - b.slot)
  return { ...granted(state, user, attempt), params }
}

function requireCharged(user: LimitedUser, attempt: Attempt): void {
  const charged = attempt.target === 'emergency' ? user.failures : user.request?.tries
  const sameRequest = attempt.target === 'emergency' || user.request?.id === attempt.requestId
  const spent = attempt.target !== 'emergency' && user.request?.status === 'consumed'
  if (charged !== attempt.number || !sameRequest || spent) {
    throw new CodeError('attempt', 'this attempt was not charged in this state')
  }
}

function wrong(state: LimiterState, user: LimitedUser, attempt: Attempt): Settlement {
  const debtMs = attempt.target === 'recovery' ? user.nextRecoveryAtMs : user.waitUntilMs
  return {
    verdict: 'bad',
    triesLeft: attempt.target === 'response' ? LIMITS.triesPerRequest - attempt.number : null,
    waitMs: Math.max(0, debtMs - state.accruedMs),
    state,
  }
}

function granted(state: LimiterState, user: LimitedUser, attempt: Attempt) {
  const request = user.request && attempt.target !== 'emergency' ? consumed(user.request) : user.request
  const recovered = attempt.target === 'recovery' && request?.kind === 'recovery'
  const maintained = attempt.target === 'recovery' && !recovered
  const freed = maintained ? { ...user, request } : { ...user, request, failures: 0, waitUntilMs: 0 }
  const refund = attempt.target === 'recovery' ? 0 : 1
  const device = {
    ...state,
    deviceFailures: recovered ? 0 : state.deviceFailures - refund,
    quarantined: recovered ? false : state.quarantined,
  }
  return { verdict: 'ok', complete: true, state: withUser(device, freed) } as const
}

function consumed(request: LimitedRequest): LimitedRequest {
  return { ...request, status: 'consumed' }
}

/** A right first half was no guess: what was charged for it is given back, earlier failures stay. */
function keepHalf(state: LimiterState, user: LimitedUser, half: ResponseParams): LimiterState {
  const request =
    user.request && ({ ...user.request, status: 'open', half, tries: user.request.tries - 1 } as const)
  const changed = { ...user, request, failures: user.failures - 1, waitUntilMs: state.accruedMs }
  return withUser({ ...state, deviceFailures: state.deviceFailures - 1 }, changed)
}

/**
 * An answer token whose signature, device and user were verified: no guess, so WAIT and LOCKED do not matter.
 * Refused in QUARANTINE (a rolled-back device would take an old token again), for another request than the
 * open one (`expired`), and under cryptographic dual control (`bad`: one signature is one approver).
 */
export function acceptToken(
  before: LimiterState,
  now: PoweredOn,
  userId: string,
  requestId: string,
): { readonly verdict: 'ok' | 'bad' | 'expired' | 'consumed' | 'quarantine'; readonly state: LimiterState } {
  const state = accrue(before, now)
  const user = limitedUser(state, userId)
  const { request } = user
  if (request?.id === requestId && request.status === 'consumed') return { verdict: 'consumed', state }
  if (request?.id !== requestId || request.status !== 'open') return { verdict: 'expired', state }
  if (state.quarantined) return { verdict: 'quarantine', state }
  if (request.dual) return { verdict: 'bad', state }
  const freed = { ...user, request: consumed(request), failures: 0, waitUntilMs: 0 }
  return { verdict: 'ok', state: withUser(state, freed) }
}

/** Rollback evidence was found (5.11): nothing but recovery until sync or a recovery code. */
export function quarantine(before: LimiterState, now: PoweredOn): LimiterState {
  return { ...accrue(before, now), quarantined: true }
}

/**
 * The server said so in a signed answer at sync: lifts QUARANTINE and every lock. Never call it for a sync as
 * such: an online attacker would get four free guesses at each.
 */
export function releaseBySync(before: LimiterState, now: PoweredOn): LimiterState {
  const state = accrue(before, now)
  const users = state.users.map((user) => ({ ...user, failures: 0, waitUntilMs: 0 }))
  return { ...state, quarantined: false, deviceFailures: 0, users }
}
