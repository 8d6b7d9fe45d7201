import {
  ANSWER_DURATION_MIN,
  createResponseCode,
  durAtMost,
  type Json,
  type RequestContext,
  resolveRequest,
  responseDigits,
  responseText,
  responseWords,
  SLOT_UNKNOWN_USER,
  signAnswerToken,
  spokenMinutes,
} from '@stint/code'
import { type Outcome, refused } from '@stint/elevation'
import type { IssuerCall, IssuerResults } from '@stint/wire/issuer'
import { codeKeysOf, deriveKeysOf, epochOf, findDevice } from './code-keys.ts'
import { bytes, type IssuerContext } from './context.ts'
import { signingKey } from './identity.ts'
import { withinQuotas } from './quotas.ts'
import { answersOf, append } from './record.ts'
import { readRequestCode } from './resolving.ts'
import { uuid7 } from './uuid7.ts'

type CodeCall = Extract<IssuerCall, { call: 'answer.code' }>
type TokenCall = Extract<IssuerCall, { call: 'answer.token' }>
type AnswerCall = CodeCall | TokenCall

/** A request code that the issuer has verified itself, with the sub-keys that verified it. */
interface Verified {
  readonly context: RequestContext
  readonly keys: Awaited<ReturnType<typeof deriveKeysOf>>
}

/**
 * A response code, in three renderings, for a request code that this issuer has verified. Recorded before it is made.
 * Refusals: `invalid` for minutes that no code can carry; those of `verify` and `admitApproval`.
 */
export async function answerCode(
  context: IssuerContext,
  call: CodeCall,
): Promise<Outcome<IssuerResults['answer.code']>> {
  if (!spokenMinutes().includes(call.minutes)) return refused('invalid')
  const verified = await verify(context, call)
  if (!verified.ok) return verified
  const recorded = recordAnswer(context, call, { ...bindingOf(call), minutes: call.minutes })
  if (!recorded.ok) return recorded
  const { request } = verified.value.context
  const response = createResponseCode(verified.value.context, verified.value.keys, {
    dur: durAtMost(call.minutes),
    end: call.endProcesses,
    profile: call.profile,
    slot: 0,
  })
  return {
    ok: true,
    value: {
      text: responseText(response, request),
      digits: responseDigits(response, request),
      words: responseWords(response, request, 'english'),
    },
  }
}

/**
 * The same approval as a signed token. Recorded with its identity before it is signed, so that asking again gives the
 * same token. Refusals: `invalid` below one minute; those of `verify` and `admitApproval`.
 */
export async function answerToken(
  context: IssuerContext,
  call: TokenCall,
): Promise<Outcome<IssuerResults['answer.token']>> {
  if (call.seconds < ANSWER_DURATION_MIN) return refused('invalid')
  const verified = await verify(context, call)
  if (!verified.ok) return verified
  const now = context.now()
  const { kid, key } = await signingKey(context.store, context.keys, context.identity.tenant, 'answer', now)
  const fresh = { jti: uuid7(now, context.random(10)), iat: Math.floor(now / 1000) }
  const recorded = recordAnswer(context, call, { ...bindingOf(call), seconds: call.seconds }, fresh)
  if (!recorded.ok) return recorded
  const { jti, iat } = { ...fresh, ...recorded.value }
  const token = await signAnswerToken(
    {
      v: 1,
      req: call.requestCode,
      dev: call.deviceId,
      ctr: call.counter,
      usr: call.userId,
      dur: call.seconds,
      end: call.endProcesses,
      prof: call.profile,
      jti,
      iat,
    },
    key,
    kid,
  )
  return { ok: true, value: { token, jti } }
}

/**
 * Recomputes the request's tag for exactly what the server says it is. An answer is only ever made for a request
 * code of an enrolled computer. Refusals: `unknown-device`, `device-revoked`, `malformed-code` (also for recovery and
 * maintenance, which have answers of their own), `stale-code` for an epoch that is over, `code-not-recognised`.
 */
async function verify(context: IssuerContext, call: AnswerCall): Promise<Outcome<Verified>> {
  const device = findDevice(context, bytes(call.deviceId))
  if (device === undefined || device.state === 'offered') return refused('unknown-device')
  if (device.state === 'revoked') return refused('device-revoked')
  const request = readRequestCode(call.requestCode)
  if (request === undefined || (request.kind !== 'session' && request.kind !== 'application'))
    return refused('malformed-code')
  const row = codeKeysOf(context, device.device_id).find(({ epoch }) => epoch === call.epoch)
  if (row === undefined) return refused('stale-code')
  const keys = await deriveKeysOf(context, row)
  const at = epochOf(context, row)
  const users = request.userSlot === SLOT_UNKNOWN_USER ? {} : { [request.userSlot]: call.userId }
  // A window of no counters ahead of `counter` holds, of those with the request's low bits, `counter` alone.
  const resolution = resolveRequest(
    request,
    [
      {
        tenant: at.tenant,
        deviceId: at.deviceId,
        devNo: device.dev_no,
        epochs: [{ epoch: row.epoch, keys }],
        users,
        policies: [call.policySerial],
        lastCounter: call.counter,
      },
    ],
    { names: [call.userId], windowAhead: 0 },
  )
  if (resolution.result !== 'match' || resolution.match.counter !== call.counter)
    return refused('code-not-recognised')
  const { counter, policySerial: pol, userId } = call
  return { ok: true, value: { context: { device: at, request, counter, pol, userId }, keys } }
}

type Binding = ReturnType<typeof bindingOf> & { readonly minutes?: number; readonly seconds?: number }

/** What one approval is about, whatever form its answer takes. */
function bindingOf(call: AnswerCall) {
  const { approvalId, requestId, approver, requestCode, deviceId, epoch, counter } = call
  const { policySerial, userId, endProcesses, profile } = call
  const about = { approvalId, requestId, approver, requestCode, deviceId, epoch, counter }
  return { ...about, policySerial, userId, endProcesses, profile }
}

/**
 * Writes the record, durable when it returns. The first answer of an approval counts against the quotas; asking again
 * does not, and gives back the `more` of the first time. Refusals: `conflict` when the approval was answered with
 * anything different before; `quota`.
 */
function recordAnswer(
  context: IssuerContext,
  call: AnswerCall,
  binding: Binding,
  more: { readonly jti?: string; readonly iat?: number } = {},
): Outcome<{ readonly jti?: string; readonly iat?: number }> {
  const { store, quotas } = context
  const now = context.now()
  const deviceId = bytes(call.deviceId)
  return store.transaction(() => {
    const before = answersOf(store, call.approvalId).map((row) => ({ ...row, body: JSON.parse(row.body) }))
    if (before.some((row) => !sameApproval(row, call.call, binding))) return refused('conflict')
    const first = before.length === 0
    if (first) {
      const within = withinQuotas(store, quotas, { approver: call.approver, deviceId }, now)
      if (!within.ok) return within
    }
    const again = before.find((row) => row.call === call.call)
    const kept = again === undefined ? more : { jti: again.body.jti, iat: again.body.iat }
    const body: Record<string, Json> = { ...binding, ...(more.jti === undefined ? {} : kept) }
    const { approver, approvalId } = call
    append(store, now, { call: call.call, deviceId, approver, approvalId, counted: first, body })
    return { ok: true, value: more.jti === undefined ? {} : kept }
  })
}

/** The earlier answer was about the same; if it had the same form, also for as long. */
function sameApproval(
  row: { readonly call: string; readonly body: Readonly<Record<string, Json>> },
  call: string,
  binding: Binding,
): boolean {
  const names = Object.keys(binding).filter(
    (name) => row.call === call || (name !== 'minutes' && name !== 'seconds'),
  )
  return names.every((name) => row.body[name] === (binding as Readonly<Record<string, Json>>)[name])
}
