import { enc, sameBits, trunc, u8 } from './bytes.ts'
import { durationOf, effectiveMinutes } from './durations.ts'
import { CodeError, requireInteger } from './errors.ts'
import type { CodeKeys } from './keys.ts'
import { LABELS } from './labels.ts'
import { mac } from './mac.ts'
import { contextFields, type RequestContext, requireConsistent } from './request-code.ts'

/** What an approver grants, the 10 parameter bits of a response code (protocol 5.3). */
export interface ResponseParams {
  /** 0 … 21 or 31, see durations.ts */
  readonly dur: number
  /** end elevated processes and their children at expiry */
  readonly end: boolean
  /** elevation profile of the policy, 0 … 7; 0 is the default of the kind */
  readonly profile: number
  /** approver slot; 1 only under dual control */
  readonly slot: 0 | 1
}

/** Bits of a response code without its check. */
export const PAYLOAD_BITS = 45
const TAG_BITS = 35

/** A response code that was read but not compared yet. `payload` has 45 bits, of which `tag` is the last 35. */
export interface ResponseCode {
  readonly payload: bigint
  readonly params: ResponseParams
  readonly tag: bigint
}

/**
 * Makes the answer to a request. Deterministic: asking again gives the same code.
 * Throws `argument` for parameters out of range, a request of kind recovery or maintenance, or a counter or epoch
 * that is not the request's; `format` for a reserved duration.
 */
export function createResponseCode(
  context: RequestContext,
  keys: Pick<CodeKeys, 'rsp0' | 'rsp1'>,
  params: ResponseParams,
): ResponseCode {
  requireConsistent(context)
  const { kind } = context.request
  if (kind !== 'session' && kind !== 'application') {
    throw new CodeError('argument', 'a response code answers sessions and applications only')
  }
  const tag = responseTag(context, keys, params)
  return { payload: (BigInt(paramBits(params)) << BigInt(TAG_BITS)) | tag, params, tag }
}

function paramBits({ dur, end, profile, slot }: ResponseParams): number {
  durationOf(dur)
  requireInteger('profile', profile, 7)
  requireInteger('slot', slot, 1)
  return (dur << 5) | (Number(end) << 4) | (profile << 1) | slot
}

function responseTag(
  context: RequestContext,
  keys: Pick<CodeKeys, 'rsp0' | 'rsp1'>,
  params: ResponseParams,
): bigint {
  const p = paramBits(params)
  const key = params.slot === 0 ? keys.rsp0 : keys.rsp1
  return trunc(mac(key, enc(LABELS.response, ...contextFields(context), u8(p >> 8), u8(p & 255))), TAG_BITS)
}

/**
 * Step 4 of 5.5: whether this code answers this request. The caller has charged the attempt and made that
 * durable before (limiter.ts). Compares without stopping at the first difference.
 */
export function isAnswerTo(
  context: RequestContext,
  keys: Pick<CodeKeys, 'rsp0' | 'rsp1'>,
  response: ResponseCode,
): boolean {
  return sameBits(responseTag(context, keys, response.params), response.tag, TAG_BITS)
}

/** Fields of a 45-bit payload. Throws `format` for a reserved duration, `argument` above 45 bits. */
export function decodeResponse(payload: bigint): ResponseCode {
  if (payload < 0n || payload >> BigInt(PAYLOAD_BITS) !== 0n) {
    throw new CodeError('argument', 'a response payload has 45 bits')
  }
  const p = Number(payload >> BigInt(TAG_BITS))
  const dur = p >> 5
  durationOf(dur)
  const params = { dur, end: (p & 16) !== 0, profile: (p >> 1) & 7, slot: (p & 1) as 0 | 1 }
  return { payload, params, tag: payload & ((1n << BigInt(TAG_BITS)) - 1n) }
}

/**
 * The grant of two answers under cryptographic dual control: the shorter duration, `end` if either says so.
 * `defaultMinutes` is what the policy's default stands for, used only to compare. The limiter has seen to it
 * that the profiles are equal.
 */
export function combineDual(
  params: readonly [ResponseParams, ResponseParams],
  defaultMinutes: number,
): Omit<ResponseParams, 'slot'> {
  const [a, b] = params
  const shorter = effectiveMinutes(a.dur, defaultMinutes) <= effectiveMinutes(b.dur, defaultMinutes) ? a : b
  return { dur: shorter.dur, end: a.end || b.end, profile: a.profile }
}
