import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { type Signer, verifierKey } from '@stint/chain'
import type { IssuerContext } from './context.ts'
import { signingKey } from './identity.ts'
import type { SigningUse } from './schema.ts'

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

/**
 * A key of the log, to sign notes with under `name`. Synchronous, and to be dropped after one note. Throws the `Fault`s
 * of `signingKey`.
 */
export async function noteSigner(
  { store, keys, identity, now }: IssuerContext,
  name: string,
): Promise<Signer> {
  const { key } = await signingKey(store, keys, identity.tenant, 'server-log', now())
  const privateKey = createPrivateKey({ key: { ...key }, format: 'jwk' })
  return {
    key: verifierKey(name, Buffer.from(key.x ?? '', 'base64url')),
    sign: (message) => sign(null, message, privateKey),
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
