import { ed25519 } from '@noble/curves/ed25519.js'
import { CompactSign, compactVerify, type JWK } from 'jose'
import { bytesOf, CaseError, isMembers, type Members, textOf } from './case.ts'

/** A JWS with a given private key, header and payload: made with jose, and verified. */
export async function passcode(given: Members): Promise<Members> {
  const d = bytesOf(given, 'd')
  const header: unknown = JSON.parse(textOf(given, 'header'))
  if (!isMembers(header) || header.alg !== 'Ed25519') throw new CaseError('header must say Ed25519')
  const publicKey: JWK = { kty: 'OKP', crv: 'Ed25519', x: base64url(ed25519.getPublicKey(d)) }
  const jws = await new CompactSign(new TextEncoder().encode(textOf(given, 'payload')))
    .setProtectedHeader({ ...header, alg: 'Ed25519' })
    .sign({ ...publicKey, d: base64url(d) })
  await compactVerify(jws, publicKey, { algorithms: ['Ed25519'] })
  return { jws }
}

export function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '')
}
