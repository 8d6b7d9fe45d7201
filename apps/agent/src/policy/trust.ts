import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'
import { jcs } from '@stint/code'
import { Fault } from '@stint/elevation'
import { parseJson, type Static } from '@stint/wire'
import { TrustBundle } from '@stint/wire/issuer'

type TrustedKey = Static<typeof TrustBundle>['keys'][number]
export type Purpose = TrustedKey['use']

/** The public keys this computer believes, pinned at enrolment. */
export interface Trust {
  readonly tenant: string
  /** Undefined unless the bundle has this key id for this purpose: a key has one purpose. */
  key(kid: string, purpose: Purpose): TrustedKey | undefined
  /** Public keys of this purpose, 32 bytes each. */
  keys(purpose: Purpose): readonly Uint8Array[]
  /** Whether any key of this purpose made the Ed25519 signature (hex), for messages that name no key. */
  signed(purpose: Purpose, message: Uint8Array, signature: string): boolean
}

/** @throws Fault `malformed` for anything but the canonical text of a bundle */
export function readTrust(text: string): Trust {
  const bundle = parseJson(TrustBundle, text)
  if (jcs(bundle) !== text)
    throw new Fault('malformed', 'The trust bundle is not canonical', 'Enrol with a new token.')
  const find = (kid: string, use: Purpose) => bundle.keys.find((key) => key.kid === kid && key.use === use)
  return {
    tenant: bundle.tenant,
    key: find,
    keys: (use) => bundle.keys.filter((key) => key.use === use).map(({ pub }) => Buffer.from(pub, 'hex')),
    signed: (use, message, signature) =>
      bundle.keys.some((key) => {
        return key.use === use && verify(null, message, publicKeyOf(key), Buffer.from(signature, 'hex'))
      }),
  }
}

/** SHA-256 of the bundle's text, hex. */
export function trustHash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

export function publicKeyOf(key: TrustedKey): KeyObject {
  const x = Buffer.from(key.pub, 'hex').toString('base64url')
  return createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: key.alg, x } })
}

/** The same as `jose` takes it. */
export function jwkOf(key: TrustedKey): { kty: 'OKP'; crv: 'Ed25519'; x: string } {
  return { kty: 'OKP', crv: key.alg, x: Buffer.from(key.pub, 'hex').toString('base64url') }
}
