import { x25519 } from '@noble/curves/ed25519.js'
import { enc } from './bytes.ts'
import { diffieHellman } from './enrolment.ts'
import { requireBytes } from './errors.ts'
import { deriveKey } from './mac.ts'

/**
 * How an enrolled device opens a session with the server: DIK signs `deviceSessionMessage` once, and from then on
 * every call is signed with `deviceMacKey` (RFC 9421, `hmac-sha256`). Agent, courier and server use these functions,
 * so the bytes exist once. The layouts of enrolment and heal are in `enrolment.ts` and `heal.ts`.
 */

/** Labels of this conversation; like `LABELS`, never reused or edited. */
export const DEVICE_LABELS = {
  session: 'stint/v1/device-session',
  mac: 'stint/v1/device-mac',
} as const

/** What the device proves. `nonce` is the server's challenge, 32 bytes; `courierKey` X25519 public, 32 bytes. */
export interface DeviceSession {
  readonly tenant: Uint8Array // 16
  readonly deviceId: Uint8Array // 16
  readonly nonce: Uint8Array // 32
  readonly courierKey: Uint8Array // 32
}

/** What DIK signs: `enc("stint/v1/device-session", tenant, deviceId, nonce, courierKey)`. Throws `argument`. */
export function deviceSessionMessage(session: DeviceSession): Uint8Array {
  requireSession(session)
  return enc(DEVICE_LABELS.session, session.tenant, session.deviceId, session.nonce, session.courierKey)
}

/**
 * The session's MAC key, 32 bytes, the same on both sides:
 * `HKDF(X25519(own private, other public), salt = nonce,
 *       info = enc("stint/v1/device-mac", tenant, deviceId, courierKey, serverKey))`.
 * `ownPrivate` belongs to one of the two public keys; the caller erases it afterwards.
 * Throws `argument` for wrong lengths, `key-agreement` for an unusable key.
 */
export function deviceMacKey(
  session: DeviceSession & { readonly serverKey: Uint8Array },
  ownPrivate: Uint8Array,
): Uint8Array {
  requireSession(session)
  requireBytes('serverKey', session.serverKey, 32)
  const own = agreementPublicKey(ownPrivate)
  const other = own.every((byte, i) => byte === session.courierKey[i])
    ? session.serverKey
    : session.courierKey
  const shared = diffieHellman(ownPrivate, other)
  const { tenant, deviceId, nonce, courierKey, serverKey } = session
  return deriveKey(shared, nonce, enc(DEVICE_LABELS.mac, tenant, deviceId, courierKey, serverKey))
}

/** The X25519 public key of 32 random bytes, 32 bytes. */
export function agreementPublicKey(privateKey: Uint8Array): Uint8Array {
  requireBytes('private key', privateKey, 32)
  return x25519.getPublicKey(privateKey)
}

function requireSession({ tenant, deviceId, nonce, courierKey }: DeviceSession): void {
  requireBytes('tenant', tenant, 16)
  requireBytes('deviceId', deviceId, 16)
  requireBytes('nonce', nonce, 32)
  requireBytes('courierKey', courierKey, 32)
}
