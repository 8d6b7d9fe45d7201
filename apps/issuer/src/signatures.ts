import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import type { IssuerContext } from './context.ts'
import { type SigningUse, signingKey } from './identity.ts'

/** Whether `signature` over `message` is by the computer whose identity key (Ed25519, 32 bytes) is `dik`. */
export function isSignedBy(dik: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    const x = Buffer.from(dik).toString('base64url')
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
    return verify(null, message, key, signature)
  } catch {
    // Bytes that are no point of the curve: nobody signed with them.
    return false
  }
}

/** Ed25519 over bytes that carry their own label, 64 bytes. Throws the `Fault`s of `signingKey`. */
export async function signBytes(
  { store, keys, identity, now }: IssuerContext,
  use: SigningUse,
  message: Uint8Array,
): Promise<Uint8Array> {
  const { key } = await signingKey(store, keys, identity.tenant, use, now())
  return sign(null, message, createPrivateKey({ key: { ...key }, format: 'jwk' }))
}
