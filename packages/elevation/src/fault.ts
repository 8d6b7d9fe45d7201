/** A broken promise, as opposed to an expected refusal: something of ours or of the machine does not work. */
export class Fault extends Error {
  override readonly name = 'Fault'
  /** Stable, kebab-case; callers branch on it, never on the message. */
  readonly code: string
  /** What the person who runs this can do about it. */
  readonly hint: string

  constructor(code: string, message: string, hint: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.hint = hint
  }
}
