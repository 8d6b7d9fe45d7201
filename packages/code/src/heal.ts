import { concat, enc, u32 } from './bytes.ts'
import { type AgreedKey, codeRootKey, diffieHellman } from './enrolment.ts'
import { requireBytes } from './errors.ts'
import type { DeviceEpoch } from './keys.ts'
import { LABELS } from './labels.ts'
import { hash } from './mac.ts'

/**
 * Key renewal (spec/keys.md, "Heal"): `CRK_{e+1} = HKDF(X25519(eD',eS') ‖ X25519(DXK,eS') ‖ CRK_e, th', …)`.
 * Both sides confirm as in enrolment, with th' and CRK_{e+1}.
 */
export interface HealHello {
  /** `epoch` is the current one, e */
  readonly device: DeviceEpoch
  readonly eD: Uint8Array // X25519 public, 32
  readonly nD: Uint8Array // 16
}

export interface Heal extends HealHello {
  readonly dik: Uint8Array // Ed25519 public, 32
  readonly dxk: Uint8Array // X25519 public, 32
  readonly eS: Uint8Array // X25519 public, 32
  readonly nS: Uint8Array // 16
}

/** What DIK signs: `enc("stint/v1/heal-hello", tenant, deviceId, eD', nD', u32(e+1))`. */
export function healHelloMessage({ device, eD, nD }: HealHello): Uint8Array {
  return enc(LABELS.healHello, device.tenant, device.deviceId, eD, nD, u32(device.epoch + 1))
}

/** What the server's policy key signs: `enc("stint/v1/heal-answer", th')`. */
export function healAnswerMessage(transcript: Uint8Array): Uint8Array {
  return enc(LABELS.healAnswer, transcript)
}

/**
 * `th' = H(enc("stint/v1/heal", tenant, deviceId, DIK, DXK, eD', nD', eS', nS', u32(e+1)))`.
 * Throws `argument` for wrong lengths, and after the last epoch.
 */
export function healTranscript(heal: Heal): Uint8Array {
  const { device, dik, dxk, eD, nD, eS, nS } = heal
  const { tenant, deviceId } = device
  for (const [name, bytes] of Object.entries({ tenant, deviceId, nD, nS })) requireBytes(name, bytes, 16)
  for (const [name, bytes] of Object.entries({ dik, dxk, eD, eS })) requireBytes(name, bytes, 32)
  return hash(enc(LABELS.heal, tenant, deviceId, dik, dxk, eD, nD, eS, nS, u32(device.epoch + 1)))
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

/** The server's side. The caller erases `eSPrivate`. Throws `key-agreement`, `argument`. */
export function healAsServer(
  heal: Heal,
  secrets: { readonly eSPrivate: Uint8Array; readonly crk: Uint8Array },
): AgreedKey {
  const z1 = diffieHellman(secrets.eSPrivate, heal.eD)
  const z2 = diffieHellman(secrets.eSPrivate, heal.dxk)
  return nextKey(heal, z1, z2, secrets.crk)
}

function nextKey(heal: Heal, z1: Uint8Array, z2: Uint8Array, crk: Uint8Array): AgreedKey {
  requireBytes('crk', crk, 32)
  return codeRootKey(concat([z1, z2, crk]), healTranscript(heal), heal.device.epoch + 1)
}
