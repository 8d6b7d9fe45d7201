import { hkdf } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'

/** The three primitives of the protocol (section 1): H, HMAC and HKDF, all with SHA-256. */

export function hash(message: Uint8Array): Uint8Array {
  return sha256(message)
}

export function mac(key: Uint8Array, message: Uint8Array): Uint8Array {
  return hmac(sha256, key, message)
}

/** HKDF extract and expand to 32 bytes. */
export function deriveKey(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array): Uint8Array {
  return hkdf(sha256, ikm, salt, info, 32)
}

/**
 * HMAC over many messages with one key and a common beginning: both are absorbed once, and the working memory is
 * reused (the hash library's own HKDF does the same), which makes resolving a request twice as fast.
 * Holds key material in memory until `close()`.
 */
export class PrefixMac {
  readonly #absorbed
  readonly #scratch
  readonly #out = new Uint8Array(32)

  constructor(key: Uint8Array, prefix: Uint8Array) {
    this.#absorbed = hmac.create(sha256, key).update(prefix)
    this.#scratch = this.#absorbed.clone()
  }

  /** The result is overwritten by the next call. */
  of(rest: Uint8Array): Uint8Array {
    this.#absorbed._cloneInto(this.#scratch).update(rest).digestInto(this.#out)
    return this.#out
  }

  close(): void {
    this.#absorbed.destroy()
    this.#scratch.destroy()
    this.#out.fill(0)
  }
}
