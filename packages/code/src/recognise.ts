import { tidyToken } from './answer-token.ts'
import { type EmergencyCode, parseEmergencyCode } from './emergency-list.ts'
import { CodeError } from './errors.ts'
import { parseRecoveryCode, type RecoveryCode } from './recovery-code.ts'
import { parseRequestCode, type RequestCode } from './request-code.ts'
import { decodeResponse, type ResponseCode } from './response-code.ts'
import { checkedPayload, type ResponseForm, responseShape } from './response-forms.ts'
import { foldTyped } from './symbols.ts'
import type { WordList } from './word-lists.ts'

/**
 * What was typed, and how it read. `unchecked`: right shape, but no request to check it against. `reserved`: the
 * duration is reserved. Each word is what the limiter's charge functions take.
 */
export type RecognisedAnswer =
  | { readonly kind: 'response'; readonly form: ResponseForm; readonly reading: ResponseCode | Unread }
  | { readonly kind: 'recovery'; readonly reading: RecoveryCode | 'typo' }
  | { readonly kind: 'emergency'; readonly reading: EmergencyCode | 'typo' | 'format' }
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'unreadable' }

export type Unread = 'typo' | 'reserved' | 'unchecked'

/** The calling user's requests, and the word list of the device's policy. */
export interface AnswerContext {
  /** latest request of kind session or application, pending or not */
  readonly request?: RequestCode
  /** open request of kind recovery or maintenance */
  readonly recovery?: RequestCode
  /** `english` unless told */
  readonly words?: WordList
}

const TOKEN_SHAPE = /^[A-Za-z0-9_\- \t\r\n]+\.[A-Za-z0-9_\- \t\r\n]+\.[A-Za-z0-9_\- \t\r\n]*$/
const TOKEN_MIN = 100

/**
 * Tells the kinds of answer apart by shape (spec/response-code.md, "Reading one"): a token; five words, ten
 * symbols or fifteen digits are a response; sixteen symbols are a recovery code when one was asked for, else an
 * emergency code. A token too long or cut short is `unreadable`. Never throws for typed text.
 */
export function recogniseAnswer(typed: string, context: AnswerContext = {}): RecognisedAnswer {
  if (looksLikeToken(typed)) {
    const token = attempted(() => tidyToken(typed))
    return typeof token === 'string' ? { kind: 'token', token } : { kind: 'unreadable' }
  }
  const shape = responseShape(typed, context.words ?? 'english')
  if (shape) {
    const { request } = context
    if (!request) return { kind: 'response', form: shape.form, reading: 'unchecked' }
    const payload = attempted(() => checkedPayload(shape, request))
    if (payload instanceof CodeError) return { kind: 'response', form: shape.form, reading: 'typo' }
    const response = attempted(() => decodeResponse(payload))
    return {
      kind: 'response',
      form: shape.form,
      reading: response instanceof CodeError ? 'reserved' : response,
    }
  }
  return recogniseSixteen(typed, context.recovery)
}

function looksLikeToken(typed: string): boolean {
  return typed.length >= TOKEN_MIN && typed.length <= 65_536 && TOKEN_SHAPE.test(typed)
}

function recogniseSixteen(typed: string, recovery: RequestCode | undefined): RecognisedAnswer {
  const folded = foldTyped(typed)
  if (folded?.length !== 16 || folded.includes(undefined)) return { kind: 'unreadable' }
  if (recovery) {
    const code = attempted(() => parseRecoveryCode(typed, recovery))
    return { kind: 'recovery', reading: code instanceof CodeError ? 'typo' : code }
  }
  const code = attempted(() => parseEmergencyCode(typed))
  if (!(code instanceof CodeError)) return { kind: 'emergency', reading: code }
  return { kind: 'emergency', reading: code.code === 'typo' ? 'typo' : 'format' }
}

/** What the server's box for request codes was given. */
export function recogniseRequest(typed: string): RequestCode | 'format' | 'typo' {
  const request = attempted(() => parseRequestCode(typed))
  if (!(request instanceof CodeError)) return request
  return request.code === 'typo' ? 'typo' : 'format'
}

function attempted<T>(read: () => T): T | CodeError {
  try {
    return read()
  } catch (error) {
    if (error instanceof CodeError) return error
    throw error
  }
}
