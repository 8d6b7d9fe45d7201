import { concat, enc, u32 } from './bytes.ts'
import { type AgreedKey, codeRootKey, diffieHellman } from './enrolment.ts'
import { requireBytes } from './errors.ts'
import type { DeviceEpoch } from './keys.ts'
import { LABELS } from './labels.ts'
import { hash } from './mac.ts'

/**
 * Key renewal (protocol 4.3): `CRK_{e+1} = HKDF(X25519(eD',eS') ‖ X25519(DXK,eS') ‖ CRK_e, th', …)`.
 *
 * Layout, all public keys 32 bytes, nonces 16 bytes, e the current epoch:
 * - D→S signed by DIK: `enc("stint/v1/heal-hello", tenant, deviceId, eD', nD', u32(e+1))`
 * - S→D signed by the server's policy key:
 *   `enc("stint/v1/heal-reply", tenant, deviceId, eD', nD', eS', nS', u32(e+1))`
 * - `th' = H(enc("stint/v1/heal", tenant, deviceId, eD', nD', eS', nS', u32(e+1)))`
 * - both confirm as in enrolment, with th' and CRK_{e+1}; the server drops CRK_e after the first message
 *   confirmed under e+1, the device when it has the server's confirmation.
 */
export interface HealHello {
  readonly device: DeviceEpoch // epoch: the current one, e
  readonly eD: Uint8Array
  readonly nD: Uint8Array
}

export interface Heal extends HealHello {
  readonly eS: Uint8Array
  readonly nS: Uint8Array
}

/** What the device signs with DIK. */
export function healHelloMessage({ device, eD, nD }: HealHello): Uint8Array {
  return enc(LABELS.healHello, device.tenant, device.deviceId, eD, nD, u32(device.epoch + 1))
}

/** What the server signs. */
export function healReplyMessage(heal: Heal): Uint8Array {
  return enc(LABELS.healReply, ...healFields(heal))
}

/** th' as above. Throws `argument` for wrong lengths. */
export function healTranscript(heal: Heal): Uint8Array {
  return hash(enc(LABELS.heal, ...healFields(heal)))
}

function healFields({ device, eD, nD, eS, nS }: Heal): Uint8Array[] {
  for (const [name, bytes] of Object.entries({ tenant: device.tenant, deviceId: device.deviceId, nD, nS })) {
    requireBytes(name, bytes, 16)
  }
  requireBytes('eD', eD, 32)
  requireBytes('eS', eS, 32)
  return [device.tenant, device.deviceId, eD, nD, eS, nS, u32(device.epoch + 1)]
}

/** The device's side. The caller erases `eDPrivate`. Throws `key-agreement`, `argument`. */
export function healAsDevice(
  heal: Heal,
  secrets: { readonly eDPrivate: Uint8Array; readonly dxkPrivate: Uint8Array; readonly crk: Uint8Array },
): AgreedKey {
  const z1 = diffieHellman(secrets.eDPrivate, heal.eS)
  const z2 = diffieHellman(secrets.dxkPrivate, heal.eS)
  return nextKey(heal, z1, z2, secrets.crk)
}

/** The server's side; `dxk` is the device's public key from enrolment. Throws `key-agreement`, `argument`. */
export function healAsServer(
  heal: Heal,
  dxk: Uint8Array,
  secrets: { readonly eSPrivate: Uint8Array; readonly crk: Uint8Array },
): AgreedKey {
  const z1 = diffieHellman(secrets.eSPrivate, heal.eD)
  const z2 = diffieHellman(secrets.eSPrivate, dxk)
  return nextKey(heal, z1, z2, secrets.crk)
}

function nextKey(heal: Heal, z1: Uint8Array, z2: Uint8Array, crk: Uint8Array): AgreedKey {
  requireBytes('crk', crk, 32)
  return codeRootKey(concat([z1, z2, crk]), healTranscript(heal), heal.device.epoch + 1)
}
