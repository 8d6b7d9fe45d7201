import type { RequestKind } from './request-code.ts'
import type { ResponseParams } from './response-code.ts'

/** Limits of spec/guess-limits.md. Times in milliseconds of powered-on time. */
export const LIMITS = {
  triesPerRequest: 5,
  freeFailures: 4,
  firstWaitMs: 30_000,
  longestWaitMs: 86_400_000,
  failuresPerUser: 50,
  failuresPerDevice: 100,
  typingErrors: 10,
  typingWindowMs: 60_000,
  requestsPerUser: 20,
  requestsPerDevice: 60,
  recoveriesPerDevice: 20,
  creationWindowMs: 86_400_000,
  recoveryEveryMs: 10_000,
  requestTtlMs: 12 * 3_600_000,
  requestTtlMaxMs: 7 * 86_400_000,
  saveEveryMs: 60_000,
} as const

/** What a request is bound to, kept with it so that its answer can be checked later. */
export interface BoundRequest {
  /** canonical text of the request code */
  readonly code: string
  readonly epoch: number
  readonly pol: number
  /** userId as in the request code */
  readonly userId: string
  /** shared with the code's MAC */
  readonly counter: number
}

export type RequestStatus = 'open' | 'half' | 'consumed' | 'void' | 'expired'

/** One request of a user. `tries` counts charged attempts, also those that a crash left unanswered. */
export interface LimitedRequest extends BoundRequest {
  readonly kind: RequestKind
  readonly status: RequestStatus
  /** needs an answer of slot 0 and one of slot 1 */
  readonly dual: boolean
  readonly ageMs: number
  readonly ttlMs: number
  readonly tries: number
  /** under dual control: the answer that already came */
  readonly half: ResponseParams | null
}

/** Requests made in a window that opens with the first and closes when it is a day old. */
export interface CreationWindow {
  readonly ageMs: number
  readonly count: number
}

export interface LimitedUser {
  /** stable id from the operating system, never from a message */
  readonly user: string
  readonly failures: number
  /** powered-on time still to wait */
  readonly owedMs: number
  readonly created: CreationWindow
  /** latest request of kind session or application */
  readonly request: LimitedRequest | null
  /** latest request of kind recovery or maintenance */
  readonly recovery: LimitedRequest | null
}

/** The durable part: plain JSON. All times move only with powered-on time that the endpoint saw pass. */
export interface LimiterState {
  readonly v: 1
  /** number of the last request of this device */
  readonly counter: number
  readonly failures: number
  readonly quarantine: boolean
  readonly created: CreationWindow
  readonly recoveriesCreated: CreationWindow
  readonly users: readonly LimitedUser[]
}

/**
 * The limiter while it runs. Only `state` is durable; the rest begins anew with the process, which never
 * shortens a wait: see startLimiter.
 */
export interface Limiter {
  readonly state: LimiterState
  /** reading of the powered-on clock up to which time was credited */
  readonly upMs: number
  readonly recoveryOwedMs: number
  /** ages of recent typing errors, oldest first */
  readonly typing: readonly { readonly user: string; readonly ageMs: number }[]
}

const NO_WINDOW: CreationWindow = { ageMs: 0, count: 0 }

/** The state of a device that was just enrolled. A missing state file on an enrolled device is quarantine. */
export function emptyLimiter(): LimiterState {
  return {
    v: 1,
    counter: 0,
    failures: 0,
    quarantine: false,
    created: NO_WINDOW,
    recoveriesCreated: NO_WINDOW,
    users: [],
  }
}

/**
 * Begins with the durable state, at every start of the process. `upMs` is the powered-on clock now: milliseconds,
 * sleep included, that nobody can set. Time before it is not credited; the first recovery code waits 10 s.
 */
export function startLimiter(state: LimiterState, upMs: number): Limiter {
  return { state, upMs, recoveryOwedMs: LIMITS.recoveryEveryMs, typing: [] }
}

/**
 * Credits the powered-on time since the last reading; a clock that ran backwards credits nothing. Every move does
 * this first. Call it every LIMITS.saveEveryMs and save `state`: what was not saved is lost at a power cut.
 */
export function elapse(limiter: Limiter, upMs: number): Limiter {
  const passed = Math.max(0, upMs - limiter.upMs)
  const { state } = limiter
  return {
    upMs,
    recoveryOwedMs: Math.max(0, limiter.recoveryOwedMs - passed),
    typing: limiter.typing
      .map(({ user, ageMs }) => ({ user, ageMs: ageMs + passed }))
      .filter(({ ageMs }) => ageMs < LIMITS.typingWindowMs),
    state: {
      ...state,
      created: ageWindow(state.created, passed),
      recoveriesCreated: ageWindow(state.recoveriesCreated, passed),
      users: state.users.map((user) => ageUser(user, passed)).filter(isWorthKeeping),
    },
  }
}

function ageWindow(window: CreationWindow, passed: number): CreationWindow {
  if (window.count === 0) return NO_WINDOW
  const ageMs = window.ageMs + passed
  return ageMs >= LIMITS.creationWindowMs ? NO_WINDOW : { ...window, ageMs }
}

function ageUser(user: LimitedUser, passed: number): LimitedUser {
  return {
    ...user,
    owedMs: Math.max(0, user.owedMs - passed),
    created: ageWindow(user.created, passed),
    request: ageRequest(user.request, passed),
    recovery: ageRequest(user.recovery, passed),
  }
}

function ageRequest(request: LimitedRequest | null, passed: number): LimitedRequest | null {
  if (!request || !isPending(request)) return request
  const ageMs = request.ageMs + passed
  return { ...request, ageMs, status: ageMs >= request.ttlMs ? 'expired' : request.status }
}

function isWorthKeeping(user: LimitedUser): boolean {
  return user.failures > 0 || user.created.count > 0 || user.request !== null || user.recovery !== null
}

export type PendingRequest = LimitedRequest & { readonly status: 'open' | 'half' }

/** OPEN or HALF: an answer may still come. */
export function isPending(request: LimitedRequest | null): request is PendingRequest {
  return request?.status === 'open' || request?.status === 'half'
}

/** The wait after failure number `failures`: 0 up to 4, then 30 s doubling to 24 h. */
export function waitAfter(failures: number): number {
  if (failures <= LIMITS.freeFailures) return 0
  return Math.min(LIMITS.firstWaitMs * 2 ** (failures - LIMITS.freeFailures - 1), LIMITS.longestWaitMs)
}

export function limitedUser(state: LimiterState, user: string): LimitedUser {
  const known = state.users.find((entry) => entry.user === user)
  return known ?? { user, failures: 0, owedMs: 0, created: NO_WINDOW, request: null, recovery: null }
}

export function withUser(limiter: Limiter, changed: LimitedUser): Limiter {
  const { state } = limiter
  const others = state.users.filter((known) => known.user !== changed.user)
  return { ...limiter, state: { ...state, users: [...others, changed] } }
}

/** LOCKED: this user at 50 failures, or everybody at 100 on the device. */
export function isLocked(state: LimiterState, user: LimitedUser): boolean {
  return user.failures >= LIMITS.failuresPerUser || state.failures >= LIMITS.failuresPerDevice
}
