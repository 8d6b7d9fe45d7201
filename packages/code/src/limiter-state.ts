import type { RequestKind } from './request-code.ts'
import type { ResponseParams } from './response-code.ts'

/** Limits of protocol 5.5. Times in milliseconds of accrued powered-on time. */
export const LIMITS = {
  triesPerRequest: 5,
  freeFailures: 4,
  firstWaitMs: 30_000,
  longestWaitMs: 86_400_000,
  failuresPerUser: 50,
  failuresPerDevice: 100,
  typingErrorsPerMinute: 10,
  requestsPerUserDay: 20,
  requestsPerDeviceDay: 60,
  recoveryEveryMs: 10_000,
  requestTtlMs: 12 * 3_600_000,
  requestTtlMaxMs: 7 * 86_400_000,
  saveEveryMs: 60_000,
} as const

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** The powered-on clock: identity of this boot, and milliseconds since it began, sleep included. */
export interface PoweredOn {
  readonly bootId: string
  readonly upMs: number
}

/** One request of a user. `tries` counts charged attempts, also those a crash left unanswered. */
export interface LimitedRequest {
  readonly id: string
  readonly kind: RequestKind
  readonly status: 'open' | 'consumed' | 'void' | 'expired'
  /** needs an answer of slot 0 and one of slot 1 */
  readonly dual: boolean
  readonly expiresAtMs: number
  readonly tries: number
  /** under dual control: the answer that already came */
  readonly half: ResponseParams | null
}

export interface LimitedUser {
  /** stable id from the operating system, never from a message */
  readonly user: string
  readonly failures: number
  readonly waitUntilMs: number
  readonly nextRecoveryAtMs: number
  readonly createdAtMs: readonly number[]
  readonly typedAtMs: readonly number[]
  readonly request: LimitedRequest | null
}

/**
 * All the limiter knows; plain JSON. `…AtMs` and `…UntilMs` are readings of `accruedMs`, which only grows while
 * the machine is powered on and watched, so no wall clock and no restart moves them.
 */
export interface LimiterState {
  readonly v: 1
  readonly accruedMs: number
  readonly clock: PoweredOn | null
  readonly deviceFailures: number
  readonly quarantined: boolean
  readonly createdAtMs: readonly number[]
  readonly users: readonly LimitedUser[]
}

export function emptyLimiter(): LimiterState {
  return {
    v: 1,
    accruedMs: 0,
    clock: null,
    deviceFailures: 0,
    quarantined: false,
    createdAtMs: [],
    users: [],
  }
}

/**
 * Credits powered-on time since the last reading of the same boot. A new boot, or a clock that ran backwards,
 * credits nothing. Call it every LIMITS.saveEveryMs and save the result: what was not saved is lost at a power
 * cut. Every other move does this first.
 */
export function accrue(state: LimiterState, now: PoweredOn): LimiterState {
  const sameBoot = state.clock?.bootId === now.bootId
  const passed = sameBoot ? Math.max(0, now.upMs - (state.clock?.upMs ?? 0)) : 0
  const accruedMs = state.accruedMs + passed
  return {
    ...state,
    accruedMs,
    clock: { bootId: now.bootId, upMs: now.upMs },
    createdAtMs: within(state.createdAtMs, accruedMs, DAY_MS),
    users: state.users.map((user) => age(user, accruedMs)).filter((user) => isWorthKeeping(user, accruedMs)),
  }
}

function within(times: readonly number[], nowMs: number, spanMs: number): readonly number[] {
  return times.filter((time) => nowMs - time < spanMs)
}

function age(user: LimitedUser, nowMs: number): LimitedUser {
  const { request } = user
  const over = request?.status === 'open' && nowMs >= request.expiresAtMs
  return {
    ...user,
    createdAtMs: within(user.createdAtMs, nowMs, DAY_MS),
    typedAtMs: within(user.typedAtMs, nowMs, MINUTE_MS),
    request: over && request ? { ...request, status: 'expired' } : request,
  }
}

function isWorthKeeping(user: LimitedUser, nowMs: number): boolean {
  const idle = user.createdAtMs.length === 0 && user.typedAtMs.length === 0 && nowMs >= user.nextRecoveryAtMs
  return !(idle && user.failures === 0 && user.request?.status !== 'open')
}

/** The wait after failure number `failures`: 0 up to 4, then 30 s doubling to 24 h. */
export function waitAfter(failures: number): number {
  if (failures <= LIMITS.freeFailures) return 0
  return Math.min(LIMITS.firstWaitMs * 2 ** (failures - LIMITS.freeFailures - 1), LIMITS.longestWaitMs)
}

export function limitedUser(state: LimiterState, user: string): LimitedUser {
  return (
    state.users.find((known) => known.user === user) ?? {
      user,
      failures: 0,
      waitUntilMs: 0,
      nextRecoveryAtMs: 0,
      createdAtMs: [],
      typedAtMs: [],
      request: null,
    }
  )
}

export function withUser(state: LimiterState, changed: LimitedUser): LimiterState {
  const others = state.users.filter((known) => known.user !== changed.user)
  return { ...state, users: [...others, changed] }
}

/** LOCKED: this user at 50 failures, or everybody at 100 on the device. */
export function isLocked(state: LimiterState, user: LimitedUser): boolean {
  return user.failures >= LIMITS.failuresPerUser || state.deviceFailures >= LIMITS.failuresPerDevice
}
