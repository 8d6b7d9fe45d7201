import {
  acceptToken,
  CodeError,
  emptyLimiter,
  isTokenFor,
  type Limiter,
  openRequest,
  startLimiter,
  tokenVerdict,
  verifyAnswerToken,
} from '@stint/code'
import { bytesOf, integerOf, isMembers, listOf, type Members, membersOf, textOf } from './case.ts'
import { base64url } from './jws-cases.ts'

interface Limits {
  readonly limiter: Limiter
  readonly upMs: number
  readonly user: string
}

interface Answered {
  readonly verdict: string
  readonly limiter: Limiter
}

/** What the endpoint `given.deviceId` that trusts `given.keys` says to `given.token`, entered by the user `userId`. */
export async function answeredBy(given: Members, userId: string, limits: Limits): Promise<Answered> {
  const { limiter, upMs, user } = limits
  const keys = listOf(given, 'keys').filter(isMembers)
  try {
    const payload = await verifyAnswerToken(textOf(given, 'token'), (kid) => {
      const key = keys.find(
        (known) => known.kid === kid && known.purpose === 'answer' && known.alg === 'Ed25519',
      )
      return key && { kty: 'OKP', crv: 'Ed25519', x: base64url(bytesOf(key, 'publicKey')) }
    })
    if (!isTokenFor(payload, bytesOf(given, 'deviceId'), userId)) return { verdict: 'bad', limiter }
    return acceptToken(limiter, upMs, user, { code: payload.req, counter: payload.ctr })
  } catch (error) {
    if (error instanceof CodeError) return { verdict: tokenVerdict(error), limiter }
    throw error
  }
}

/** A token against the one open request of `given.open`. */
export async function token(given: Members): Promise<Members> {
  const open = membersOf(given, 'open')
  const [userId, counter] = [textOf(open, 'userId'), integerOf(open, 'counter')]
  const before = startLimiter({ ...emptyLimiter(), counter: counter - 1 }, 0)
  const bind = () => ({ code: textOf(open, 'request'), epoch: 5, pol: 118, userId })
  const { limiter } = openRequest(before, 0, { user: 'caller', kind: 'session', dual: false, bind })
  const { verdict } = await answeredBy(given, userId, { limiter, upMs: 0, user: 'caller' })
  return { result: verdict }
}
