import {
  type Attempt,
  chargeResponse,
  effectiveMinutes,
  isAnswerTo,
  LIMITS,
  parseRequestCode,
  type RecognisedAnswer,
  type Refusal,
  type ResponseCode,
  type ResponseParams,
  type ResponseReading,
  settle,
} from '@stint/code'
import { type DevicePolicy, done, type Outcome, refused } from '@stint/elevation'
import { overtaken } from '../config/request-ends.ts'
import type { RunningLimiter } from '../config/running-limiter.ts'
import type { Enrolled, RequestRecord } from '../config/state.ts'
import { codeKeys, deviceEpoch } from '../enrol/device-keys.ts'
import type { Fact } from '../journal/fact.ts'
import type { Keeper, Write } from '../journal/keeper.ts'
import type { Answer } from './answer.ts'

interface CodeCase {
  readonly typed: RecognisedAnswer
  readonly identity: Enrolled
  readonly policy: DevicePolicy
  readonly record: RequestRecord | undefined
  readonly userId: string
  readonly limiter: RunningLimiter
  readonly wallMs: number
  readonly keeper: Pick<Keeper, 'state'>
  readonly write: Write
}

/**
 * A spoken code, in exactly the order of protocol 5.5: read, refuse what is closed, **count and make that durable**,
 * compare in constant time, settle. When it is right the limiter has the request consumed, in memory; a wrong one is
 * durable already.
 * Refuses with `format`, `typo`, `bad`, `wait`, `locked`, `expired`, `consumed`, `quarantine`.
 * @throws Fault of the disk: then nothing was compared
 */
export async function checkCode(check: CodeCase): Promise<Outcome<Answer>> {
  const { limiter, userId, identity, record, write } = check
  const charge = chargeResponse(limiter.current, limiter.upMs, userId, readingOf(check.typed))
  limiter.take(charge.limiter)
  if (charge.verdict !== 'charged') return refusedBy(charge)
  if (!record) throw new TypeError('the limiter knows a request that the agent does not')
  // Load-bearing: a power cut after this line finds the guess counted. Nothing is compared before.
  await write({})
  const response = responseOf(check.typed)
  const matched = response !== undefined && fits(response, record, identity)
  const settled = settle(
    limiter.current,
    limiter.upMs,
    charge.attempt,
    matched && response ? { matched, params: response.params } : { matched: false },
  )
  limiter.take(settled.limiter)
  if (settled.verdict === 'ok' && settled.params[0]) return done(answerOf(settled.params[0], check.policy))
  const closing = overtaken(check.keeper.state, limiter.current, check.wallMs)
  await write(closing?.[0] ?? {}, [wrongFact(record, limiter, charge.attempt), ...(closing?.[1] ?? [])])
  return refused('bad', { details: triesAndWait(limiter, charge.attempt) })
}

function readingOf(typed: RecognisedAnswer): ResponseReading {
  if (typed.kind !== 'response') return 'format'
  return typeof typed.reading === 'string' ? typed.reading : { slot: typed.reading.params.slot }
}

function responseOf(typed: RecognisedAnswer): ResponseCode | undefined {
  return typed.kind === 'response' && typeof typed.reading !== 'string' ? typed.reading : undefined
}

function fits(response: ResponseCode, record: RequestRecord, identity: Enrolled): boolean {
  const context = {
    device: deviceEpoch(identity),
    request: parseRequestCode(record.requestCode),
    counter: record.counter,
    pol: record.policySerial,
    userId: record.userId,
  }
  return isAnswerTo(context, codeKeys(identity), response)
}

/** "Until sign-out" has no time of its own: the ceiling is its time, and sign-out ends every session. */
function answerOf({ dur, end, profile }: ResponseParams, policy: DevicePolicy): Answer {
  const minutes = Math.min(effectiveMinutes(dur, policy.minutesDefault), 10_080)
  const answered = Number.isFinite(effectiveMinutes(dur, 0)) ? minutes : policy.minutesCeiling
  return {
    credential: 'response-code',
    answeredSeconds: answered * 60,
    endProcesses: end,
    profile,
    jti: null,
  }
}

function refusedBy({ verdict, retryAfterMs }: Refusal): Outcome<Answer> {
  return refused(verdict, retryAfterMs === undefined ? {} : { details: { remainingMs: retryAfterMs } })
}

function triesAndWait(limiter: RunningLimiter, attempt: Attempt): { triesLeft: number; remainingMs: number } {
  const user = limiter.current.state.users.find((known) => known.user === attempt.user)
  return {
    triesLeft: Math.max(0, LIMITS.triesPerRequest - (attempt.request?.tries ?? 0)),
    remainingMs: user?.owedMs ?? 0,
  }
}

function wrongFact({ requestId, userId }: RequestRecord, limiter: RunningLimiter, attempt: Attempt): Fact {
  const { triesLeft, remainingMs: waitMs } = triesAndWait(limiter, attempt)
  const { state } = limiter.current
  const locked = attempt.failures >= LIMITS.failuresPerUser || state.failures >= LIMITS.failuresPerDevice
  return { type: 'code.wrong', body: { requestId, userId, triesLeft, waitMs, locked } }
}
