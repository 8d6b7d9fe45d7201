/**
 * What does not hold about an entry.
 *
 * - `header`   not the one canonical text of a header, or a value that no header may have
 * - `sequence` another number than the next
 * - `join`     `prev` is not the leaf of the entry before
 * - `salt`     not 16 bytes in canonical base64url
 * - `body`     no canonical JSON, or not what the header was made of
 */
export type ChainErrorCode = 'header' | 'sequence' | 'join' | 'salt' | 'body'

/** The only error this package throws on purpose. Never holds a body. */
export class ChainError extends Error {
  override readonly name = 'ChainError'
  readonly code: ChainErrorCode
  readonly hint = 'Nothing from here on can be trusted; keep the file and look at the entry before it.'

  constructor(code: ChainErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
