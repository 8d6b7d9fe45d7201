import { ANSWER_TOKEN_MAX, tidyToken } from './answer-token.ts'
import { type EmergencyCode, parseEmergencyCode } from './emergency-list.ts'
import { CodeError } from './errors.ts'
import { parseRecoveryCode, type RecoveryCode } from './recovery-code.ts'
import type { RequestCode } from './request-code.ts'
import { parseResponseCode, type ResponseCode, type ResponseForm, typedWordIndices } from './response-code.ts'
import { spellingWord } from './spelling.ts'
import { foldTyped } from './symbols.ts'
import { splitWords, WORD_LANGUAGES } from './word-lists.ts'

/** What a person typed or pasted into the one box for answers. */
export type RecognisedAnswer =
  | { readonly kind: 'response'; readonly form: ResponseForm; readonly response: ResponseCode }
  | { readonly kind: 'recovery'; readonly recovery: RecoveryCode }
  | { readonly kind: 'emergency'; readonly emergency: EmergencyCode }
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'unreadable'; readonly verdict: 'format' | 'typo' }

/**
 * Tells the kinds of answer apart without asking, by shape: a token has two full stops and no other kind is that
 * long; 5 words, 15 digits or 10 symbols are a response; 16 symbols are a recovery code when the open request
 * is of kind recovery or maintenance and its check symbol fits, else an emergency code. `request` is the open
 * request of this user, if there is one; without it a response cannot be checked and is `format`.
 * `unreadable` goes to the limiter's typingError: it is not a guess. Never throws for typed text.
 */
export function recogniseAnswer(typed: string, request?: RequestCode): RecognisedAnswer {
  if (typed.length > ANSWER_TOKEN_MAX) return { kind: 'unreadable', verdict: 'format' }
  const token = attempt(() => tidyToken(typed))
  if (typeof token === 'string') return { kind: 'token', token }
  const asResponse = attempt(() => readResponse(typed, request))
  if (isRead(asResponse)) return asResponse
  const asLong = attempt(() => readSixteen(typed, request))
  if (isRead(asLong)) return asLong
  return {
    kind: 'unreadable',
    verdict: asResponse.code === 'typo' || asLong.code === 'typo' ? 'typo' : 'format',
  }
}

function readResponse(typed: string, request: RequestCode | undefined): RecognisedAnswer {
  if (!request) throw new CodeError('format', 'There is no open request to answer.')
  const { form, ...response } = parseResponseCode(typed, request)
  return { kind: 'response', form, response }
}

function readSixteen(typed: string, request: RequestCode | undefined): RecognisedAnswer {
  const recovering = request?.kind === 'recovery' || request?.kind === 'maintenance'
  const recovery = recovering ? attempt(() => parseRecoveryCode(typed, request)) : undefined
  if (recovery && !(recovery instanceof CodeError)) return { kind: 'recovery', recovery }
  return { kind: 'emergency', emergency: parseEmergencyCode(typed) }
}

function attempt<T>(read: () => T): T | CodeError {
  try {
    return read()
  } catch (error) {
    if (error instanceof CodeError) return error
    throw error
  }
}

function isRead<T>(value: T | CodeError): value is T {
  return !(value instanceof CodeError)
}

/** One character of an input box as it was understood. */
export interface EchoedSymbol {
  /** undefined where the character belongs to no code */
  readonly symbol?: string
  readonly word?: string
}

/**
 * What an input box shows while somebody types. It tells what was understood and how much is missing, and never
 * whether, or where, a symbol is wrong: that would be a guess for free.
 */
export interface TypingEcho {
  readonly form: 'empty' | 'symbols' | 'digits' | 'words' | 'token' | 'unreadable'
  readonly length: 'empty' | 'short' | 'complete' | 'long'
  /** symbols, digits or words still missing for the shortest answer of this form; 0 when complete or long */
  readonly missing: number
  /** per symbol for forms `symbols` and `digits` and `unreadable`; empty otherwise */
  readonly symbols: readonly EchoedSymbol[]
}

/** Complete lengths by what is being typed. */
export interface ExpectedLengths {
  readonly symbols: readonly number[]
  readonly digits: readonly number[]
  /** 0 where words are not taken */
  readonly words: number
}

export const ANSWER_LENGTHS: ExpectedLengths = { symbols: [10, 16], digits: [15], words: 5 }
export const REQUEST_LENGTHS: ExpectedLengths = { symbols: [15, 20], digits: [24, 32], words: 0 }

/** Live recognition for a box that takes `expected`. Pure, fast, never throws. */
export function echoTyping(typed: string, expected: ExpectedLengths): TypingEcho {
  if (expected.words > 0 && typed.length > 256) return echoToken(typed)
  const words = splitWords(typed)
  if (expected.words > 0 && looksLikeWords(typed, words)) {
    return { form: 'words', ...lengthState(words.length, [expected.words]), symbols: [] }
  }
  const folded = foldTyped(typed)
  if (!folded) return { form: 'unreadable', length: 'long', missing: 0, symbols: [] }
  const symbols = folded.map((symbol) => (symbol === undefined ? {} : { symbol, word: spellingWord(symbol) }))
  if (folded.length === 0) return { form: 'empty', ...lengthState(0, expected.symbols), symbols }
  if (folded.includes(undefined))
    return { form: 'unreadable', ...lengthState(folded.length, expected.symbols), symbols }
  const decimal = folded.every((symbol) => symbol !== undefined && symbol >= '0' && symbol <= '9')
  const complete = expected.symbols.includes(folded.length)
  const form = decimal && !complete ? 'digits' : 'symbols'
  return { form, ...lengthState(folded.length, expected[form]), symbols }
}

function echoToken(typed: string): TypingEcho {
  const whole = isRead(attempt(() => tidyToken(typed)))
  return {
    form: whole ? 'token' : 'unreadable',
    length: whole ? 'complete' : 'long',
    missing: 0,
    symbols: [],
  }
}

/** Two or more words, or one that cannot be a group of a code, all known to one list but the last. */
function looksLikeWords(typed: string, words: readonly string[]): boolean {
  if (words.length === 5) return WORD_LANGUAGES.some((language) => typedWordIndices(typed, language))
  return words.length > 0 && words.every((word) => /^\p{L}{3,}$/u.test(word)) && startsList(words)
}

function startsList(words: readonly string[]): boolean {
  const filled = [...words]
  const [first] = words
  while (first !== undefined && filled.length < 5) filled.push(first)
  return (
    filled.length === 5 && WORD_LANGUAGES.some((language) => typedWordIndices(filled.join(' '), language))
  )
}

function lengthState(count: number, complete: readonly number[]): Pick<TypingEcho, 'length' | 'missing'> {
  if (complete.includes(count)) return { length: 'complete', missing: 0 }
  const next = complete.find((length) => length > count)
  if (next === undefined) return { length: 'long', missing: 0 }
  return { length: count === 0 ? 'empty' : 'short', missing: next - count }
}
