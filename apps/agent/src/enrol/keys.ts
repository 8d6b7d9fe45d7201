import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'

/** DER before the 32 bytes of a private key (RFC 8410). */
const pkcs8 = {
  Ed25519: '302e020100300506032b657004220420',
  X25519: '302e020100300506032b656e04220420',
} as const
type Curve = keyof typeof pkcs8

function privateKey(curve: Curve, seed: string): KeyObject {
  const der = Buffer.from(pkcs8[curve] + seed, 'hex')
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
}

/** Public key of a private one, both 32 bytes in hex. */
export function publicOf(curve: Curve, seed: string): string {
  const spki = createPublicKey(privateKey(curve, seed)).export({ format: 'der', type: 'spki' })
  return spki.subarray(-32).toString('hex')
}

/** Ed25519 signature, hex. */
export function signWith(seed: string, message: Uint8Array): string {
  return sign(null, message, privateKey('Ed25519', seed)).toString('hex')
}
