import { acceptToken, CodeError, verifyAnswerToken } from '@stint/code'
import { type DevicePolicy, done, type Outcome, refused } from '@stint/elevation'
import type { RunningLimiter } from '../config/running-limiter.ts'
import type { Enrolled, RequestRecord } from '../config/state.ts'
import { jwkOf, readTrust } from '../policy/trust.ts'
import type { Answer } from './answer.ts'

interface TokenCase {
  readonly token: string
  readonly identity: Enrolled
  readonly policy: DevicePolicy
  /** The user's latest request. */
  readonly record: RequestRecord | undefined
  readonly userId: string
  readonly limiter: RunningLimiter
  readonly wallMs: number
}

/**
 * A signed answer: nothing can be guessed, so nothing is counted. Signature by a pinned key of purpose `answer`, then
 * device, user, request, time. When it is right the limiter has the request consumed, in memory.
 * Refuses with `format`, `wrong-signature`, `not-here`, `not-you`, `expired`, `consumed`, `quarantine`, `bad`, and
 * `not-now` for an answer that is older than policy allows an answer to be.
 */
export async function checkToken(check: TokenCase): Promise<Outcome<Answer>> {
  const { identity, policy, userId, limiter } = check
  const read = await readToken(check.token, identity)
  if (!read.ok) return read
  const payload = read.value
  if (payload.dev !== identity.deviceId) return refused('not-here')
  if (payload.usr !== userId.normalize('NFC')) return refused('not-you')
  const verdict = acceptToken(limiter.current, limiter.upMs, userId, {
    code: payload.req,
    counter: payload.ctr,
  })
  if (verdict.verdict !== 'ok') return refused(verdict.verdict)
  if (check.wallMs > (payload.iat + policy.startByMinutes * 60) * 1000) return refused('not-now')
  limiter.take(verdict.limiter)
  const { dur: answeredSeconds, end: endProcesses, prof: profile, jti } = payload
  return done({ credential: 'answer-token', answeredSeconds, endProcesses, profile, jti })
}

async function readToken(token: string, identity: Enrolled) {
  const trust = readTrust(identity.trust)
  try {
    const keyOf = (kid: string) => {
      const key = trust.key(kid, 'answer')
      return key && jwkOf(key)
    }
    return done(await verifyAnswerToken(token, keyOf))
  } catch (error) {
    if (!(error instanceof CodeError)) throw error
    const unsigned = error.code === 'token-key' || error.code === 'token-signature'
    return refused(unsigned ? 'wrong-signature' : 'format')
  }
}
