/**
 * Why a call of this package refused.
 *
 * - `format`     typed text is not a code of the asked kind (length, symbols, reserved value)
 * - `typo`       the check symbol, check digit or check word says that the text was misread
 * - `argument`   the caller passed a value out of its documented range: a mistake in the program
 * - `key-agreement` a Diffie-Hellman result was all zero or a public key was unusable
 * - `confirmation`  the other side does not hold the same key
 * - `attempt`    a limiter verdict was handed in for an attempt that was not charged
 * - `token-size`, `token-form`, `token-header`, `token-key`, `token-signature`, `token-payload`
 *                the step at which an answer token was refused
 */
export type CodeErrorCode =
  | 'format'
  | 'typo'
  | 'argument'
  | 'key-agreement'
  | 'confirmation'
  | 'attempt'
  | 'token-size'
  | 'token-form'
  | 'token-header'
  | 'token-key'
  | 'token-signature'
  | 'token-payload'

const NEXT_STEP: Record<CodeErrorCode, string> = {
  format: 'Compare the length with the code you were given and type it again.',
  typo: 'Read the code once more, symbol by symbol, with the spelling words.',
  argument: 'This is a mistake in the calling program; report it with the sentence above.',
  'key-agreement': 'Start the enrolment or the key renewal again; if it repeats, the peer is not honest.',
  confirmation: 'Start the enrolment or the key renewal again with a fresh token.',
  attempt: 'Charge the attempt first, make the new state durable, then compare.',
  'token-size': 'Copy the whole answer and nothing else.',
  'token-form': 'Copy the whole answer and nothing else.',
  'token-header': 'Ask for a new answer; this one was not made by this system.',
  'token-key': 'Connect once so that the current keys arrive, or ask for a spoken code.',
  'token-signature': 'Ask for a new answer; this one was changed on its way.',
  'token-payload': 'Ask for a new answer; this one is not complete.',
}

/**
 * The only error this package throws on purpose. `code` is stable, `message` is a sentence for a person,
 * `hint` is the next step. Neither ever holds a key, a secret or the text that was typed.
 */
export class CodeError extends Error {
  override readonly name = 'CodeError'
  readonly code: CodeErrorCode
  readonly hint: string

  constructor(code: CodeErrorCode, message: string) {
    super(message)
    this.code = code
    this.hint = NEXT_STEP[code]
  }
}

/** Throws `argument` unless `value` is an integer in `0 … max`. `name` is the field, never its value. */
export function requireInteger(name: string, value: number, max: number): void {
  if (!Number.isInteger(value) || value < 0 || value > max) {
    throw new CodeError('argument', `${name} must be an integer from 0 to ${max}`)
  }
}

/** Throws `argument` unless `value` has exactly `length` bytes. */
export function requireBytes(name: string, value: Uint8Array, length: number): void {
  if (!(value instanceof Uint8Array) || value.length !== length) {
    throw new CodeError('argument', `${name} must be ${length} bytes`)
  }
}
