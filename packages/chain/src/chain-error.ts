/**
 * What does not hold.
 *
 * Of an entry:
 * - `header`   not the one canonical text of a header, or a value that no header may have
 * - `sequence` another number than the next
 * - `join`     `prev` is not the leaf of the entry before
 * - `salt`     not 16 bytes in canonical base64url
 * - `body`     no canonical JSON, or not what the header was made of
 *
 * Of what is signed:
 * - `tree`       no size, hash or frontier of a tree
 * - `proof`      does not lead to the root
 * - `key`        no verifier key, or one of another log
 * - `note`       not the form of a signed note
 * - `signature`  not signed by the key that is asked for, or a line of a known key does not verify
 * - `checkpoint` not three lines, of another log, or of another size
 * - `fork`       signed, and of another tree: one of two histories
 *
 * Of a receipt: `receipt-form`, `receipt-signature`, `receipt-subject` (about something else), `receipt-proof`.
 */
export type ChainErrorCode = EntryErrorCode | SignedErrorCode | ReceiptErrorCode

export type EntryErrorCode = 'header' | 'sequence' | 'join' | 'salt' | 'body'
export type SignedErrorCode = 'tree' | 'proof' | 'key' | 'note' | 'signature' | 'checkpoint' | 'fork'
export type ReceiptErrorCode = 'receipt-form' | 'receipt-signature' | 'receipt-subject' | 'receipt-proof'

const entryCodes: readonly string[] = ['header', 'sequence', 'join', 'salt', 'body']

/** The only error this package throws on purpose. Never holds a body. */
export class ChainError extends Error {
  override readonly name = 'ChainError'
  readonly code: ChainErrorCode
  readonly hint: string

  constructor(code: ChainErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.hint = entryCodes.includes(code)
      ? 'Nothing from here on can be trusted; keep the file and look at the entry before it.'
      : 'Do not rely on it. Keep it as it is, and ask where it came from for another one.'
  }
}
