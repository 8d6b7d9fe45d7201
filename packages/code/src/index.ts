/**
 * `@stint/code`: the code protocol as a pure library. No files, no sockets, no clock, no randomness: random
 * bytes, powered-on time and stored state are passed in. Runs in Node and in browsers.
 */
export * from './answer-token.ts'
export { sameBytes } from './bytes.ts'
export { checkSeed as responseSeed } from './check-symbol.ts'
export { CORRECTION_WINDOW, correctRequest, type Suggestion } from './correct.ts'
export {
  DUR_POLICY_DEFAULT,
  DUR_UNTIL_SIGN_OUT,
  type Duration,
  durAtMost,
  durationOf,
  effectiveMinutes,
  spokenMinutes,
} from './durations.ts'
export {
  createEmergencyCode,
  EMERGENCY_CODES_MAX,
  type EmergencyCode,
  type EmergencyList,
  emergencyStanding,
  emergencyText,
  emergencyVerifier,
  isOfEmergencyList,
  parseEmergencyCode,
} from './emergency-list.ts'
export {
  type AgreedKey,
  agreeAsDevice,
  agreeAsServer,
  confirmation,
  DEVICE_NUMBER_MAX,
  diffieHellman,
  type EnrolHello,
  type Enrolment,
  enrolHelloMac,
  enrolHelloMessage,
  enrolmentTranscript,
  verifyConfirmation,
  verifyEnrolHello,
} from './enrolment.ts'
export { CodeError, type CodeErrorCode } from './errors.ts'
export {
  type Heal,
  type HealHello,
  healAsDevice,
  healAsServer,
  healHelloMessage,
  healReplyMessage,
  healTranscript,
} from './heal.ts'
export { type Json, jcs } from './jcs.ts'
export {
  type CodeKeys,
  type DeviceEpoch,
  deriveCodeKeys,
  NO_PEPPER,
  pepperInput,
  wrapAssociatedData,
} from './keys.ts'
export { LABELS } from './labels.ts'
export {
  type Attempt,
  acceptToken,
  type Charge,
  cancelRequest,
  charge,
  chargeEmergency,
  type NewRequest,
  type Opening,
  type Outcome,
  openRequest,
  quarantine,
  type Refusal,
  releaseBySync,
  type Settlement,
  settle,
  typingError,
  type Verdict,
} from './limiter.ts'
export {
  accrue,
  emptyLimiter,
  LIMITS,
  type LimitedRequest,
  type LimitedUser,
  type LimiterState,
  type PoweredOn,
  waitAfter,
} from './limiter-state.ts'
export * from './recognise.ts'
export {
  createRecoveryCode,
  isRecoveryFor,
  parseRecoveryCode,
  type RecoveryCode,
  recoveryText,
} from './recovery-code.ts'
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
export {
  type KnownDevice,
  type Resolution,
  type ResolvedRequest,
  type ResolveOptions,
  type ResolveWarning,
  resolveRequest,
} from './resolve.ts'
export {
  combineDual,
  createResponseCode,
  decodeResponse,
  isAnswerTo,
  parseResponseCode,
  type ResponseCode,
  type ResponseForm,
  type ResponseParams,
  responseDigits,
  responseText,
  responseWordIndices,
  responseWords,
  type Verification,
  verifyResponse,
} from './response-code.ts'
export { type SpelledSymbol, spell, spellingWord } from './spelling.ts'
export { ALPHABET, normaliseTyped, TYPED_TEXT_MAX } from './symbols.ts'
export { WORD_LANGUAGES, type WordLanguage } from './word-lists.ts'
