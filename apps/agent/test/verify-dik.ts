import { createPublicKey, verify } from 'node:crypto'

/** Whether the device identity `dik` made the signature; all in hex. */
export function verifyDik(dik: string, message: Uint8Array, signature: string): boolean {
  const x = Buffer.from(dik, 'hex').toString('base64url')
  const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } })
  return verify(null, message, key, Buffer.from(signature, 'hex'))
}
