import { CodeError } from './errors.ts'
import {
  elapse,
  isLocked,
  isPending,
  LIMITS,
  type LimitedRequest,
  type LimitedUser,
  type Limiter,
  limitedUser,
  waitAfter,
  withUser,
} from './limiter-state.ts'
import type { ResponseParams } from './response-code.ts'

/**
 * The endpoint's guess limiter (spec/guess-limits.md) as a pure state machine. For every submission:
 *
 * 1. read the text (recognise.ts)
 * 2. charge it; a refusal ends here
 * 3. **make `state` durable**, with fsync, before anything is compared: a power cut must find the guess counted
 * 4. compare, in constant time
 * 5. settle, make the new state durable, then act
 *
 * One submission at a time: charge and settle are never interleaved with another move.
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
  /** powered-on time until it may be tried again, with verdict `wait`; tell people whole seconds, rounded up */
  readonly retryAfterMs?: number
  readonly limiter: Limiter
}

/** A charged attempt, to be settled with the verdict of the comparison. */
export interface Attempt {
  readonly user: string
  readonly target: 'response' | 'recovery' | 'emergency'
  /** the request that is answered; null for an emergency code */
  readonly request: LimitedRequest | null
  /** failures of the user with this attempt counted */
  readonly failures: number
}

export type Charge =
  | { readonly verdict: 'charged'; readonly limiter: Limiter; readonly attempt: Attempt }
  | Refusal

/**
 * How the text of a response code read (steps 2, 5, 6): `format` is no answer at all, `reserved` has a duration
 * that is reserved, `unchecked` has the right shape but there was no request to check it against.
 */
export type ResponseReading = 'format' | 'typo' | 'reserved' | 'unchecked' | { readonly slot: 0 | 1 }

/** Steps 1 to 11 for a response code. Counts against the user, the device and the request. */
export function chargeResponse(
  before: Limiter,
  upMs: number,
  userId: string,
  reading: ResponseReading,
): Charge {
  const limiter = elapse(before, upMs)
  const { request } = limitedUser(limiter.state, userId)
  if (typingWait(limiter, userId) > 0 || reading === 'format') return typed(limiter, userId, 'format')
  if (!isPending(request))
    return { verdict: request?.status === 'consumed' ? 'consumed' : 'expired', limiter }
  if (reading === 'unchecked')
    throw new CodeError('attempt', 'the open request was not used to read the answer')
  if (reading === 'typo') return typed(limiter, userId, 'typo')
  if (reading === 'reserved') return typed(limiter, userId, 'format')
  if (request.half?.slot === reading.slot) return { verdict: 'consumed', limiter }
  const refusal = closedTo(limiter, userId)
  if (refusal) return refusal
  const tries = request.tries + 1
  // Danger: the fifth try voids the request when it is counted, so that a crash cannot leave it open.
  const charged: LimitedRequest = {
    ...request,
    tries,
    status: tries < LIMITS.triesPerRequest ? request.status : 'void',
  }
  const user = { ...limitedUser(limiter.state, userId), request: charged }
  return counted(limiter, user, 'response')
}

/**
 * The same for a recovery or maintenance code: 75 bits need no counting, only one comparison in 10 s on the
 * device. LOCKED, owed time and QUARANTINE do not refuse it.
 */
export function chargeRecovery(
  before: Limiter,
  upMs: number,
  userId: string,
  reading: 'format' | 'typo' | 'unchecked' | 'read',
): Charge {
  const limiter = elapse(before, upMs)
  const user = limitedUser(limiter.state, userId)
  const { recovery } = user
  if (typingWait(limiter, userId) > 0 || reading === 'format') return typed(limiter, userId, 'format')
  if (!isPending(recovery))
    return { verdict: recovery?.status === 'consumed' ? 'consumed' : 'expired', limiter }
  if (reading === 'unchecked')
    throw new CodeError('attempt', 'the open request was not used to read the answer')
  if (reading === 'typo') return typed(limiter, userId, 'typo')
  if (limiter.recoveryOwedMs > 0) return { verdict: 'wait', retryAfterMs: limiter.recoveryOwedMs, limiter }
  const slowed = { ...limiter, recoveryOwedMs: LIMITS.recoveryEveryMs }
  const attempt: Attempt = { user: userId, target: 'recovery', request: recovery, failures: user.failures }
  return { verdict: 'charged', limiter: slowed, attempt }
}

/** The same for an emergency code: counted like a response code, without a request. See emergencyStanding. */
export function chargeEmergency(
  before: Limiter,
  upMs: number,
  userId: string,
  reading: 'format' | 'typo' | 'expired' | 'consumed' | 'ready',
): Charge {
  const limiter = elapse(before, upMs)
  if (typingWait(limiter, userId) > 0) return typed(limiter, userId, 'format')
  if (reading === 'format' || reading === 'typo') return typed(limiter, userId, reading)
  if (reading !== 'ready') return { verdict: reading, limiter }
  return closedTo(limiter, userId) ?? counted(limiter, limitedUser(limiter.state, userId), 'emergency')
}

/** A typing error of this user: `verdict`, or `wait` when ten are younger than a minute. Never a guess. */
function typed(limiter: Limiter, user: string, verdict: 'format' | 'typo'): Refusal {
  const retryAfterMs = typingWait(limiter, user)
  if (retryAfterMs > 0) return { verdict: 'wait', retryAfterMs, limiter }
  return { verdict, limiter: { ...limiter, typing: [...limiter.typing, { user, ageMs: 0 }] } }
}

/** Time until the oldest of the last ten typing errors is a minute old. */
function typingWait(limiter: Limiter, user: string): number {
  const tenth = limiter.typing.filter((error) => error.user === user).at(-LIMITS.typingErrors)
  return tenth === undefined ? 0 : LIMITS.typingWindowMs - tenth.ageMs
}

function closedTo(limiter: Limiter, userId: string): Refusal | undefined {
  const user = limitedUser(limiter.state, userId)
  if (limiter.state.quarantine) return { verdict: 'quarantine', limiter }
  if (isLocked(limiter.state, user)) return { verdict: 'locked', limiter }
  return user.owedMs > 0 ? { verdict: 'wait', retryAfterMs: user.owedMs, limiter } : undefined
}

function counted(limiter: Limiter, user: LimitedUser, target: 'response' | 'emergency'): Charge {
  const failures = user.failures + 1
  const { state } = limiter
  const onDevice = { ...limiter, state: { ...state, failures: state.failures + 1 } }
  const charged = withUser(onDevice, { ...user, failures, owedMs: waitAfter(failures) })
  const request = target === 'response' ? user.request : null
  return { verdict: 'charged', limiter: charged, attempt: { user: user.user, target, request, failures } }
}

export type Outcome =
  /** the comparison failed */
  | { readonly matched: false }
  /** it held; with the parameters of a response code */
  | { readonly matched: true; readonly params?: ResponseParams }

export type Settlement =
  | {
      readonly verdict: 'ok'
      /** false: first half of dual control, nothing is granted yet */
      readonly complete: boolean
      /** parameters of the response codes: one, or slot 0 and slot 1 (combineDual); none for other codes */
      readonly params: readonly ResponseParams[]
      readonly limiter: Limiter
    }
  | {
      readonly verdict: 'bad'
      /** tries left at this request, 0 means that it is void; null where requests do not limit */
      readonly triesLeft: number | null
      readonly waitMs: number
      readonly limiter: Limiter
    }

/**
 * Steps 12 to 15. Throws `attempt` when `before` is not the state in which the attempt was charged. Without dual
 * control an answer of slot 1 is `bad`; under it, so is a second answer of another profile.
 */
export function settle(before: Limiter, upMs: number, attempt: Attempt, outcome: Outcome): Settlement {
  requireCharged(before, attempt)
  const limiter = elapse(before, upMs)
  if (!outcome.matched) return wrong(limiter, attempt)
  if (attempt.target === 'recovery') return recovered(limiter, attempt)
  if (attempt.target === 'emergency') return granted(limiter, attempt, [])
  return settleResponse(limiter, attempt, outcome.params)
}

function settleResponse(limiter: Limiter, attempt: Attempt, params: ResponseParams | undefined): Settlement {
  const { request } = attempt
  if (!request || !params) throw new CodeError('attempt', 'a response code settles with its parameters')
  if (!request.dual) return params.slot === 0 ? granted(limiter, attempt, [params]) : wrong(limiter, attempt)
  if (!request.half) return halved(limiter, attempt, params)
  if (request.half.profile !== params.profile) return wrong(limiter, attempt)
  return granted(limiter, attempt, params.slot === 0 ? [params, request.half] : [request.half, params])
}

function requireCharged(limiter: Limiter, attempt: Attempt): void {
  const user = limitedUser(limiter.state, attempt.user)
  const current = attempt.target === 'recovery' ? user.recovery : user.request
  const { request } = attempt
  const sameRequest =
    !request ||
    (current?.code === request.code && current.tries === request.tries && current.status === request.status)
  if (user.failures !== attempt.failures || !sameRequest) {
    throw new CodeError('attempt', 'this attempt was not charged in this state')
  }
}

function wrong(limiter: Limiter, attempt: Attempt): Settlement {
  const { owedMs } = limitedUser(limiter.state, attempt.user)
  const limited = attempt.target === 'response' && attempt.request
  return {
    verdict: 'bad',
    triesLeft: limited ? LIMITS.triesPerRequest - limited.tries : null,
    waitMs: attempt.target === 'recovery' ? limiter.recoveryOwedMs : owedMs,
    limiter,
  }
}

/** A right first half was no guess: what was counted for it is given back, earlier failures stay. */
function halved(limiter: Limiter, attempt: Attempt, half: ResponseParams): Settlement {
  const user = limitedUser(limiter.state, attempt.user)
  const request = attempt.request && {
    ...attempt.request,
    status: 'half' as const,
    half,
    tries: attempt.request.tries - 1,
  }
  const changed = withUser(refunded(limiter), { ...user, request, failures: user.failures - 1, owedMs: 0 })
  return { verdict: 'ok', complete: false, params: [half], limiter: changed }
}

function refunded(limiter: Limiter): Limiter {
  return { ...limiter, state: { ...limiter.state, failures: limiter.state.failures - 1 } }
}

function granted(limiter: Limiter, attempt: Attempt, params: readonly ResponseParams[]): Settlement {
  const user = limitedUser(limiter.state, attempt.user)
  const request = attempt.request ? consumed(attempt.request) : user.request
  const changed = withUser(refunded(limiter), { ...user, request, failures: 0, owedMs: 0 })
  return { verdict: 'ok', complete: true, params, limiter: changed }
}

function consumed(request: LimitedRequest): LimitedRequest {
  return { ...request, status: 'consumed' }
}

function recovered(limiter: Limiter, attempt: Attempt): Settlement {
  const user = limitedUser(limiter.state, attempt.user)
  const changed = withUser(limiter, { ...user, recovery: attempt.request && consumed(attempt.request) })
  const freed = attempt.request?.kind === 'recovery' ? unlockDevice(changed, changed.upMs) : changed
  return { verdict: 'ok', complete: true, params: [], limiter: freed }
}

/**
 * An answer token whose signature, device, user and key were verified. Nothing to guess, so owed time and LOCKED
 * do not refuse; QUARANTINE does (a rolled-back device would take an old token again), and so does dual control
 * at the endpoint (`bad`: one signing key must not replace two issuers). `code` is the token's `req`, `counter`
 * its `ctr`.
 */
export function acceptToken(
  before: Limiter,
  upMs: number,
  userId: string,
  token: { readonly code: string; readonly counter: number },
): { readonly verdict: 'ok' | 'bad' | 'expired' | 'consumed' | 'quarantine'; readonly limiter: Limiter } {
  const limiter = elapse(before, upMs)
  const user = limitedUser(limiter.state, userId)
  const { request } = user
  if (request?.code !== token.code || request.counter !== token.counter)
    return { verdict: 'expired', limiter }
  if (request.status === 'consumed') return { verdict: 'consumed', limiter }
  if (!isPending(request)) return { verdict: 'expired', limiter }
  if (limiter.state.quarantine) return { verdict: 'quarantine', limiter }
  if (request.dual) return { verdict: 'bad', limiter }
  const freed = { ...user, request: consumed(request), failures: 0, owedMs: 0 }
  return { verdict: 'ok', limiter: withUser(limiter, freed) }
}

/** What unlocks: a recovery code, or the server's signed instruction for the device at a sync. */
export function unlockDevice(before: Limiter, upMs: number): Limiter {
  const limiter = elapse(before, upMs)
  const users = limiter.state.users.map((user) => ({ ...user, failures: 0, owedMs: 0 }))
  return { ...limiter, state: { ...limiter.state, quarantine: false, failures: 0, users } }
}
