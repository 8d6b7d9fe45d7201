import { createHash } from 'node:crypto'
import { jcs } from '@stint/code'
import { type DevicePolicy, Fault, type Outcome, refused } from '@stint/elevation'
import type { IssuerResults } from '@stint/wire/issuer'
import { POLICY_JWS_MAX, POLICY_TYP, parseDevicePolicy } from '@stint/wire/policy'
import { CompactSign } from 'jose'
import { findDevice } from './code-keys.ts'
import { bytes, type IssuerContext } from './context.ts'
import { signingKey } from './identity.ts'
import { append } from './record.ts'

/** How far `iat` may be ahead of the issuer's clock: computers raise their idea of time by it. Seconds. */
const aheadMax = 300

/**
 * Signs the policy of one computer. Signing the same serial again is allowed for the same content (only `iat` may
 * differ). Refusals: `invalid` for anything that is no policy of this tenant, has a time in the future or user slots
 * twice; `unknown-device`, `device-revoked`; `conflict` for a serial below the last one signed for this computer, or
 * the same one with other content.
 */
export async function signPolicy(
  context: IssuerContext,
  call: { readonly policy: unknown },
): Promise<Outcome<IssuerResults['sign.policy']>> {
  const policy = readPolicy(call.policy)
  if (policy === undefined || !isPlausible(context, policy)) return refused('invalid')
  const deviceId = bytes(policy.dev)
  const device = findDevice(context, deviceId)
  if (device === undefined) return refused('unknown-device')
  if (device.state === 'revoked') return refused('device-revoked')
  const { serial } = policy
  const content = createHash('sha256')
    .update(canonical({ ...policy, iat: 0 }))
    .digest()
  const known = device.policy_hash
  if (serial < device.policy_serial)
    return refused('conflict', { details: { serial, lastSerial: device.policy_serial } })
  if (serial === device.policy_serial && known !== null && Buffer.compare(content, known) !== 0)
    return refused('conflict', { details: { serial, lastSerial: device.policy_serial } })
  const { store, keys, identity } = context
  const now = context.now()
  const { kid, key } = await signingKey(store, keys, identity.tenant, 'policy', now)
  store.transaction(() => {
    const body = { serial, iat: policy.iat, contentHash: content.toString('hex') }
    append(store, now, { call: 'sign.policy', deviceId, body })
    store.run(
      'update device set policy_serial = ?, policy_hash = ? where device_id = ?',
      ...[serial, content, deviceId],
    )
  })
  const jws = await new CompactSign(new TextEncoder().encode(canonical(policy)))
    .setProtectedHeader({ alg: 'Ed25519', kid, typ: POLICY_TYP })
    .sign(key)
  if (jws.length > POLICY_JWS_MAX) return refused('invalid')
  return { ok: true, value: { jws } }
}

function readPolicy(value: unknown): DevicePolicy | undefined {
  try {
    return parseDevicePolicy(value)
  } catch (error) {
    if (error instanceof Fault && error.code === 'malformed') return undefined
    throw error
  }
}

/** The domain's interface has no index signature, which is all that keeps it from being `Json`. */
function canonical(policy: DevicePolicy): string {
  const { users, contacts, ...settings } = policy
  return jcs({ ...settings, users: users.map((user) => ({ ...user })), contacts: { ...contacts } })
}

function isPlausible({ identity, now }: IssuerContext, policy: DevicePolicy): boolean {
  const slots = new Set(policy.users.map(({ slot }) => slot))
  const users = new Set(policy.users.map(({ userId }) => userId))
  return (
    policy.iss === Buffer.from(identity.tenant).toString('hex') &&
    policy.iat <= now() / 1000 + aheadMax &&
    slots.size === policy.users.length &&
    users.size === policy.users.length &&
    policy.minutesDefault <= policy.minutesCeiling &&
    policy.reasonMinLength <= policy.reasonMaxLength
  )
}
