import { ed25519 } from '@noble/curves/ed25519.js'
import { sha256 } from '@noble/hashes/sha2.js'

/** SHA-256. Whoever has a faster one than this package's own hands it in; it must give the same 32 bytes. */
export type Hash = (bytes: Uint8Array) => Uint8Array

/** Ed25519 of RFC 8032: key 32 bytes, signature 64. False, never an error, for what does not verify. */
export type Verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean

/** What may be handed in; each is this package's own where it is left out. */
export interface Primitives {
  readonly hash?: Hash
  readonly verify?: Verify
}

/** In plain JavaScript, so that a browser can check evidence too. */
export const plainHash: Hash = sha256

/** In plain JavaScript. */
export const plainVerify: Verify = (publicKey, message, signature) => {
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false })
  } catch {
    return false
  }
}
