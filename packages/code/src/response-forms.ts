import { bits, enc, trunc } from './bytes.ts'
import { checkSeed, checkSymbol, hasValidCheck } from './check-symbol.ts'
import { fromDigits, RESPONSE_DIGITS, toDigits } from './digits.ts'
import { CodeError } from './errors.ts'
import type { CodeKeys } from './keys.ts'
import { LABELS } from './labels.ts'
import { hash } from './mac.ts'
import type { RequestCode, RequestContext } from './request-code.ts'
import {
  decodeResponse,
  isAnswerTo,
  PAYLOAD_BITS,
  type ResponseCode,
  type ResponseParams,
} from './response-code.ts'
import { foldTyped, fromSymbols, symbolText, symbolValues, toSymbols } from './symbols.ts'
import { typedPositions, type WordList, wordAt } from './word-lists.ts'

/** The three written forms of a response code (spec/response-code.md). */
export type ResponseForm = 'symbols' | 'digits' | 'words'

const WORD_CHECK_BITS = 10
const WORD_BITS = 11
export const RESPONSE_WORDS = 5
export const RESPONSE_SYMBOLS = 10

/** `6G1RA-YEH30`: nine symbols and a check symbol seeded from the request. */
export function responseText({ payload }: ResponseCode, request: RequestCode): string {
  const symbols = toSymbols(payload, PAYLOAD_BITS)
  return symbolText([...symbols, checkSymbol(symbols, checkSeed(request))], 5)
}

/** `07148 71611 24199`: 14 digits and a Damm digit whose start is the check seed modulo 10. */
export function responseDigits({ payload }: ResponseCode, request: RequestCode): string {
  return toDigits(payload, RESPONSE_DIGITS, checkSeed(request) % 10)
}

/** Five positions 0 … 2047 in a word list: payload ‖ 10 check bits. */
export function responsePositions({ payload }: ResponseCode, request: RequestCode): number[] {
  const value = (payload << BigInt(WORD_CHECK_BITS)) | wordCheck(payload, request)
  return Array.from({ length: RESPONSE_WORDS }, (_, i) =>
    Number((value >> BigInt(WORD_BITS * (RESPONSE_WORDS - 1 - i))) & 2047n),
  )
}

/** Five words of a list, in NFC. */
export function responseWords(
  response: ResponseCode,
  request: RequestCode,
  list: WordList,
): readonly string[] {
  return responsePositions(response, request).map((position) => wordAt(list, position))
}

function wordCheck(payload: bigint, request: RequestCode): bigint {
  const message = enc(LABELS.words, bits(request.value, request.width), bits(payload, PAYLOAD_BITS))
  return trunc(hash(message), WORD_CHECK_BITS)
}

/** Typed text that has the shape of a response code; nothing is checked yet. */
export type ResponseShape =
  | { readonly form: 'symbols'; readonly values: readonly number[] }
  | { readonly form: 'digits'; readonly digits: string }
  | { readonly form: 'words'; readonly positions: readonly number[] }

/**
 * The shape of typed text: exactly five words of `list`, ten symbols, or fifteen digits, after normalisation;
 * `undefined` for anything else. Needs no request and never throws.
 */
export function responseShape(typed: string, list: WordList): ResponseShape | undefined {
  const positions = typedPositions(typed, list, RESPONSE_WORDS)
  if (positions) return { form: 'words', positions }
  const folded = foldTyped(typed)
  if (!folded || folded.includes(undefined)) return undefined
  const symbols = folded.join('')
  if (symbols.length === RESPONSE_SYMBOLS) return { form: 'symbols', values: symbolValues(symbols) }
  const digits = symbols.length === RESPONSE_DIGITS.length + 1 && /^[0-9]*$/.test(symbols)
  return digits ? { form: 'digits', digits: symbols } : undefined
}

/** Payload of a shape. Throws `typo` when the check that the form carries does not fit the request. */
export function checkedPayload(shape: ResponseShape, request: RequestCode): bigint {
  if (shape.form === 'digits') return fromDigits(shape.digits, RESPONSE_DIGITS, checkSeed(request) % 10)
  if (shape.form === 'words') return checkedWords(shape.positions, request)
  if (!hasValidCheck(shape.values, checkSeed(request))) throw new CodeError('typo', 'A symbol was misread.')
  return fromSymbols(shape.values.slice(0, -1))
}

function checkedWords(positions: readonly number[], request: RequestCode): bigint {
  const value = positions.reduce((sum, position) => (sum << BigInt(WORD_BITS)) | BigInt(position), 0n)
  const payload = value >> BigInt(WORD_CHECK_BITS)
  const check = value & ((1n << BigInt(WORD_CHECK_BITS)) - 1n)
  if (check !== wordCheck(payload, request)) throw new CodeError('typo', 'A word was misread.')
  return payload
}

/**
 * Reads a typed response in any of its three forms; `list` is the word list of the device's policy. Throws
 * `format` for another shape or a reserved duration, `typo` when the check disagrees. Neither is a guess.
 */
export function parseResponseCode(
  typed: string,
  request: RequestCode,
  list: WordList = 'english',
): ResponseCode & { readonly form: ResponseForm } {
  const shape = responseShape(typed, list)
  if (!shape) throw new CodeError('format', 'A response code has 10 symbols, 15 digits or 5 words.')
  return { ...decodeResponse(checkedPayload(shape, request)), form: shape.form }
}

export type Verification =
  | { readonly verdict: 'ok'; readonly params: ResponseParams; readonly form: ResponseForm }
  | { readonly verdict: 'format' | 'typo' | 'bad' }

/**
 * Parse and compare in one call, for callers that have no guesses to limit: the server's check of its own
 * answers, and tests. An endpoint uses recogniseAnswer, charges the attempt, then isAnswerTo.
 */
export function verifyResponse(
  context: RequestContext,
  keys: Pick<CodeKeys, 'rsp0' | 'rsp1'>,
  typed: string,
  list: WordList = 'english',
): Verification {
  try {
    const response = parseResponseCode(typed, context.request, list)
    if (!isAnswerTo(context, keys, response)) return { verdict: 'bad' }
    return { verdict: 'ok', params: response.params, form: response.form }
  } catch (error) {
    if (error instanceof CodeError && (error.code === 'format' || error.code === 'typo')) {
      return { verdict: error.code }
    }
    throw error
  }
}
