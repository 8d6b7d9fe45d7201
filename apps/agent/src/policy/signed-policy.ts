import { verify } from 'node:crypto'
import { jcs } from '@stint/code'
import { type DevicePolicy, done, Fault, type Outcome, refused } from '@stint/elevation'
import { POLICY_JWS_MAX, POLICY_TYP, parseDevicePolicy } from '@stint/wire/policy'
import { publicKeyOf, type Trust } from './trust.ts'

/** Whom a policy must be made for. */
export interface PolicyOwner {
  /** 16 bytes each, hex. */
  readonly tenant: string
  readonly deviceId: string
}

/**
 * Verifies a signed policy: form, signature by a key of purpose `policy`, tenant and device. The header is compared
 * as bytes with the only one it may be, so the file never chooses an algorithm.
 * Refuses with `invalid` (form), `wrong-signature`, `not-here`.
 */
export function verifyPolicy(jws: string, trust: Trust, owner: PolicyOwner): Outcome<DevicePolicy> {
  const parts = split(jws)
  if (!parts) return refused('invalid')
  const key = trust.key(parts.kid, 'policy')
  if (!key || !verify(null, parts.signed, publicKeyOf(key), parts.signature))
    return refused('wrong-signature')
  const policy = readPayload(parts.payload)
  if (!policy) return refused('invalid')
  if (policy.iss !== owner.tenant || policy.dev !== owner.deviceId) return refused('not-here')
  return done(policy)
}

interface JwsParts {
  readonly kid: string
  readonly payload: string
  readonly signed: Buffer
  readonly signature: Buffer
}

function split(jws: string): JwsParts | undefined {
  if (jws.length > POLICY_JWS_MAX) return undefined
  const [header, payload, signature, ...rest] = jws.split('.').map(decoded)
  if (!header || !payload || !signature || rest.length > 0 || signature.length !== 64) return undefined
  const kid = readKid(header.toString('utf8'))
  if (kid === undefined) return undefined
  const signed = Buffer.from(jws.slice(0, jws.lastIndexOf('.')))
  return { kid, payload: payload.toString('utf8'), signed, signature }
}

/** Undefined unless this is the one base64url spelling of some bytes. */
function decoded(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, 'base64url')
  return part.length > 0 && bytes.toString('base64url') === part ? bytes : undefined
}

function readKid(header: string): string | undefined {
  const found = /^\{"alg":"Ed25519","kid":"([A-Za-z0-9._-]{1,64})","typ":"([a-z+-]+)"\}$/.exec(header)
  return found?.[2] === POLICY_TYP ? found[1] : undefined
}

function readPayload(text: string): DevicePolicy | undefined {
  try {
    const policy = parseDevicePolicy(JSON.parse(text))
    // Also refuses members given twice and bytes that are not UTF-8: both do not come back the same.
    return jcs(JSON.parse(text)) === text ? policy : undefined
  } catch (error) {
    if (error instanceof Fault || error instanceof SyntaxError) return undefined
    throw error
  }
}
