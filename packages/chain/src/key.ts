import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { base64, fromBase64 } from './base64.ts'
import { ChainError } from './chain-error.ts'
import { plainHash } from './hash.ts'

/** What the signatures of a key are: of a note, or a witness's with a time. */
export const keyKinds = { signature: 0x01, cosignature: 0x04 } as const
export type KeyKind = keyof typeof keyKinds

/** A public key that notes can be verified with. Make it with `verifierKey` or `readVkey`, so that `id` is right. */
export interface VerifierKey {
  readonly name: string
  readonly kind: KeyKind
  /** `H(name ‖ 0x0A ‖ kind ‖ public key)`, its first 4 bytes, hex. */
  readonly id: string
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array
}

/** A key that can sign. `sign` gives the 64 bytes of an Ed25519 signature and keeps the private half to itself. */
export interface Signer {
  readonly key: VerifierKey
  readonly sign: (message: Uint8Array) => Uint8Array
}

/** Throws `ChainError('key')` for a name that no key may have, or another length than 32 bytes. */
export function verifierKey(name: string, publicKey: Uint8Array, kind: KeyKind = 'signature'): VerifierKey {
  if (!isKeyName(name)) throw new ChainError('key', 'A key cannot have this name')
  if (publicKey.length !== 32) throw new ChainError('key', 'An Ed25519 key has 32 bytes')
  const material = concatBytes(Uint8Array.of(keyKinds[kind]), publicKey)
  const id = bytesToHex(plainHash(concatBytes(utf8ToBytes(`${name}\n`), material)).subarray(0, 4))
  return { name, kind, id, publicKey }
}

/** `<name>+<id>+<base64(kind ‖ public key)>`. */
export function vkeyOf({ name, id, kind, publicKey }: VerifierKey): string {
  return `${name}+${id}+${base64(concatBytes(Uint8Array.of(keyKinds[kind]), publicKey))}`
}

/** Throws `ChainError('key')` for anything but the text of a key of a kind that is known. */
export function readVkey(text: string): VerifierKey {
  // Split at the first two only: the base64 part may contain more of them.
  const [, name = '', id = '', rest = ''] = /^([^+]*)\+([^+]*)\+(.*)$/s.exec(text) ?? []
  const material = fromBase64(rest)
  const kind = (Object.keys(keyKinds) as KeyKind[]).find((known) => keyKinds[known] === material?.[0])
  if (material === undefined || kind === undefined)
    throw new ChainError('key', 'This is no verifier key of a kind that is known')
  const key = verifierKey(name, material.subarray(1), kind)
  if (key.id !== id) throw new ChainError('key', 'The id of this verifier key is not its own')
  return key
}

/** Not empty, well-formed, no white space, control character or `+`. */
export function isKeyName(name: string): boolean {
  return name.isWellFormed() && /^[^\p{White_Space}\p{Cc}+]+$/u.test(name)
}

export function isSameKey(a: VerifierKey, b: VerifierKey): boolean {
  return vkeyOf(a) === vkeyOf(b)
}
