/**
 * Who holds the key-encryption key (KEK). A file is the first one; a KMS or a PKCS#11 module has the same two
 * operations, done where the key cannot leave. `aad` is authenticated and not secret.
 */
export interface KeyProvider {
  /** The version that `wrap` uses. Rows of another version are wrapped again at the next start. */
  readonly version: number
  wrap(plain: Uint8Array, aad: Uint8Array): Promise<Wrapped>
  /**
   * Throws `Fault('kek-missing')` for a version that it does not have and `Fault('secret-unreadable')` for a wrapped
   * secret that was changed, belongs to another row, or was made under another key.
   */
  unwrap(wrapped: Wrapped, aad: Uint8Array): Promise<Uint8Array>
}

/** What stands in a row. `sealed` is the provider's own form. */
export interface Wrapped {
  readonly version: number
  readonly sealed: Uint8Array
}
