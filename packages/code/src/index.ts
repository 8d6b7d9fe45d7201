/**
 * `@stint/code`: the code protocol as a pure library. No files, no sockets, no clock, no randomness: random
 * bytes, powered-on time and stored state are passed in. Runs in Node and in browsers.
 */
export * from './answer-token.ts'
export { COUNTER_MAX, sameBytes } from './bytes.ts'
export { checkSeed, checkSymbol } from './check-symbol.ts'
export * from './correct.ts'
export { dammDigit } from './damm.ts'
export * from './device-proofs.ts'
export * from './durations.ts'
export * from './emergency-list.ts'
export * from './enrolment.ts'
export { CodeError, type CodeErrorCode } from './errors.ts'
export * from './heal.ts'
export { type Json, jcs } from './jcs.ts'
export * from './keys.ts'
export { LABELS, RESERVED_LABELS } from './labels.ts'
export * from './limiter.ts'
export * from './limiter-requests.ts'
export {
  type BoundRequest,
  elapse,
  emptyLimiter,
  isPending,
  LIMITS,
  type LimitedRequest,
  type LimitedUser,
  type Limiter,
  type LimiterState,
  limitedUser,
  type RequestStatus,
  startLimiter,
  waitAfter,
} from './limiter-state.ts'
export * from './recognise.ts'
export * from './recovery-code.ts'
export {
  type Application,
  applicationDigest,
  createRequestCode,
  parseRequestCode,
  REQUEST_KINDS,
  type RequestCode,
  type RequestContext,
  type RequestFacts,
  type RequestKind,
  requestDigits,
  requestSticker,
  requestText,
  SLOT_NO_USER,
  SLOT_UNKNOWN_USER,
} from './request-code.ts'
export * from './resolve.ts'
export * from './response-code.ts'
export * from './response-forms.ts'
export * from './spelling.ts'
export { ALPHABET, normaliseTyped, TYPED_TEXT_MAX } from './symbols.ts'
export * from './typing-echo.ts'
export { WORD_LISTS, type WordList } from './word-lists.ts'
