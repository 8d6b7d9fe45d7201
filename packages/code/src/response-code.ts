import { bits, enc, sameBits, trunc, u8 } from './bytes.ts'
import { checkSeed, checkSymbol, hasValidCheck } from './check-symbol.ts'
import { fromDigits, RESPONSE_DIGITS, toDigits } from './digits.ts'
import { durationOf, effectiveMinutes } from './durations.ts'
import { CodeError, requireInteger } from './errors.ts'
import type { CodeKeys } from './keys.ts'
import { LABELS } from './labels.ts'
import { hash, mac } from './mac.ts'
import { contextFields, type RequestCode, type RequestContext, requireConsistent } from './request-code.ts'
import { fromSymbols, normaliseTyped, symbolText, symbolValues, toSymbols } from './symbols.ts'
import { splitWords, WORD_LANGUAGES, type WordLanguage, wordAt, wordIndex } from './word-lists.ts'

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

const TAG_BITS = 35
const PAYLOAD_BITS = 45
const WORD_CHECK_BITS = 10
const WORDS = 5

/** A response code that was read but not compared yet. `payload` has 45 bits, of which `tag` is the last 35. */
export interface ResponseCode {
  readonly payload: bigint
  readonly params: ResponseParams
  readonly tag: bigint
}

/** Which rendering a person used. */
export type ResponseForm = 'base32' | 'digits' | 'words'

/**
 * Makes the answer to a request. Deterministic: asking again gives the same code.
 * Throws `argument` for parameters out of range or a counter or epoch that is not the request's, `format` for
 * a reserved duration.
 */
export function createResponseCode(
  context: RequestContext,
  keys: Pick<CodeKeys, 'rsp0' | 'rsp1'>,
  params: ResponseParams,
): ResponseCode {
  requireConsistent(context)
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

/** `6G1RA-YEH30`. */
export function responseText({ payload }: ResponseCode, request: RequestCode): string {
  const symbols = toSymbols(payload, PAYLOAD_BITS)
  return symbolText([...symbols, checkSymbol(symbols, checkSeed(request))], 5)
}

/** `07148 71611 24199`: 14 digits and a Damm digit whose start is the check seed modulo 10. */
export function responseDigits({ payload }: ResponseCode, request: RequestCode): string {
  return toDigits(payload, RESPONSE_DIGITS, checkSeed(request) % 10)
}

/** Five indices 0 … 2047 into a word list: payload ‖ 10 check bits. */
export function responseWordIndices({ payload }: ResponseCode, request: RequestCode): number[] {
  const value = (payload << BigInt(WORD_CHECK_BITS)) | wordCheck(payload, request)
  return Array.from({ length: WORDS }, (_, i) => Number((value >> BigInt(11 * (WORDS - 1 - i))) & 2047n))
}

/** Five words of the language's list. */
export function responseWords(
  response: ResponseCode,
  request: RequestCode,
  language: WordLanguage,
): readonly string[] {
  return responseWordIndices(response, request).map((index) => wordAt(language, index))
}

function wordCheck(payload: bigint, request: RequestCode): bigint {
  const message = enc(LABELS.words, bits(request.value, request.width), bits(payload, PAYLOAD_BITS))
  return trunc(hash(message), WORD_CHECK_BITS)
}

/**
 * Reads a typed response in any of the three forms: ten symbols, fifteen digits, or five words of any list
 * (see word-lists.ts for abbreviations). Five tokens that one list knows are words; everything else is
 * normalised as symbols. Only one value comes out, so one submission is one guess.
 * Throws `format` for anything else, `typo` when the check disagrees. Neither is a guess.
 */
export function parseResponseCode(
  typed: string,
  request: RequestCode,
): ResponseCode & { form: ResponseForm } {
  const words = parseWords(typed, request)
  if (words) return { ...words, form: 'words' }
  const symbols = normaliseTyped(typed)
  const seed = checkSeed(request)
  if (symbols.length === RESPONSE_DIGITS.length + 1 && /^[0-9]*$/.test(symbols)) {
    return { ...decodeResponse(fromDigits(symbols, RESPONSE_DIGITS, seed % 10)), form: 'digits' }
  }
  if (symbols.length !== 10)
    throw new CodeError('format', 'A response code has 10 symbols, 15 digits or 5 words.')
  const values = symbolValues(symbols)
  if (!hasValidCheck(values, seed)) throw new CodeError('typo', 'A symbol was misread.')
  return { ...decodeResponse(fromSymbols(values.slice(0, -1))), form: 'base32' }
}

function parseWords(typed: string, request: RequestCode): ResponseCode | undefined {
  let known = false
  for (const language of WORD_LANGUAGES) {
    const indices = typedWordIndices(typed, language)
    if (!indices) continue
    known = true
    const value = indices.reduce((sum, index) => (sum << 11n) | BigInt(index), 0n)
    const payload = value >> BigInt(WORD_CHECK_BITS)
    const check = value & ((1n << BigInt(WORD_CHECK_BITS)) - 1n)
    if (check === wordCheck(payload, request)) return decodeResponse(payload)
  }
  if (known) throw new CodeError('typo', 'A word was misread.')
  return undefined
}

/** Indices of five typed words, or `undefined` when `language` does not know all of them. */
export function typedWordIndices(typed: string, language: WordLanguage): number[] | undefined {
  if (typed.length > 256) return undefined
  const words = splitWords(typed)
  if (words.length !== WORDS) return undefined
  const indices = words.map((word) => wordIndex(language, word)).filter((index) => index !== undefined)
  return indices.length === WORDS ? indices : undefined
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

export type Verification =
  | { readonly verdict: 'ok'; readonly params: ResponseParams; readonly form: ResponseForm }
  | { readonly verdict: 'format' | 'typo' | 'bad' }

/**
 * Parse and compare in one call, for callers without a limiter of their own (the server's self-check, vectors,
 * tests). An endpoint must use parseResponseCode, charge the attempt, then isAnswerTo.
 */
export function verifyResponse(
  context: RequestContext,
  keys: Pick<CodeKeys, 'rsp0' | 'rsp1'>,
  typed: string,
): Verification {
  try {
    const response = parseResponseCode(typed, context.request)
    if (!isAnswerTo(context, keys, response)) return { verdict: 'bad' }
    return { verdict: 'ok', params: response.params, form: response.form }
  } catch (error) {
    if (error instanceof CodeError && (error.code === 'format' || error.code === 'typo')) {
      return { verdict: error.code }
    }
    throw error
  }
}
