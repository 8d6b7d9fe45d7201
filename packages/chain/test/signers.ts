import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { type KeyKind, type Signer, type Verify, verifierKey } from '../src/index.ts'

/** A key made from one byte, with node:crypto: not the library that the package verifies with. */
export function signer(name: string, seed: number, kind?: KeyKind): Signer {
  const d = Buffer.alloc(32, seed)
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), d])
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32)
  return {
    key: verifierKey(name, new Uint8Array(publicKey), kind),
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  }
}

/** Every signature is good: shows that what is handed in is what is asked. */
export const believer: Verify = () => true
