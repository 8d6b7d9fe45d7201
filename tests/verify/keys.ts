import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { type KeyKind, type Signer, verifierKey } from '@stint/chain'

export const tenant = 'b9d9a20983b9828498367e638b60ee6f'
export const deviceId = 'cd9ac7a2d91521b87371b373d10e97f8'
export const otherDevice = '11111111111111111111111111111111'

export const hashOf = (...parts: (string | Uint8Array)[]): string => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

interface KeyPair {
  readonly publicKey: Buffer
  readonly sign: (message: Uint8Array) => Uint8Array
}

/** The same key for the same words. */
export function keyPair(words: string): KeyPair {
  const der = Buffer.from(`302e020100300506032b657004220420${hashOf(words)}`, 'hex')
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32)
  return { publicKey, sign: (message) => new Uint8Array(sign(null, message, privateKey)) }
}

export function signer(name: string, words: string, kind?: KeyKind): Signer {
  const pair = keyPair(words)
  return { key: verifierKey(name, new Uint8Array(pair.publicKey), kind), sign: pair.sign }
}

/** LSK_0 as the computer gave it at enrolment: the body of `device.log-key`. */
export function firstKeyFact(): Record<string, string> {
  const dik = keyPair('dik')
  const [tokenId, nD] = ['22'.repeat(16), '33'.repeat(16)]
  const lsk = keyPair('lsk 0').publicKey.toString('hex')
  const fields = [
    Buffer.from('stint/v1/log/key'),
    ...[tenant, tokenId, dik.publicKey.toString('hex'), nD, lsk].map((each) => Buffer.from(each, 'hex')),
  ]
  const message = Buffer.concat(fields.flatMap((each) => [Buffer.from([0, each.length]), each]))
  const sig = Buffer.from(dik.sign(message)).toString('hex')
  return { deviceId, dik: dik.publicKey.toString('hex'), tokenId, nD, lsk, sig }
}
