import { x25519 } from '@noble/curves/ed25519.js'
import { concat, enc, sameBytes, u32 } from './bytes.ts'
import { CodeError, requireBytes, requireInteger } from './errors.ts'
import { LABELS } from './labels.ts'
import { deriveKey, hash, mac } from './mac.ts'

/** Device numbers are 22 bits. */
export const DEVICE_NUMBER_MAX = 2 ** 22 - 1

/** What the device says first (protocol 4.2). `facts` is the JCS text of the device facts, UTF-8. */
export interface EnrolHello {
  readonly tenant: Uint8Array // 16
  readonly tokenId: Uint8Array // 16
  readonly dik: Uint8Array // Ed25519 public, 32
  readonly dxk: Uint8Array // X25519 public, 32
  readonly eD: Uint8Array // X25519 public, 32
  readonly nD: Uint8Array // 16
  readonly facts: Uint8Array
}

/** Everything public of one enrolment, as both sides see it. */
export interface Enrolment extends Omit<EnrolHello, 'facts'> {
  readonly eS: Uint8Array // X25519 public, 32
  readonly nS: Uint8Array // 16
  readonly deviceId: Uint8Array // 16
  readonly devNo: number // 22 bits
  readonly trustHash: Uint8Array // SHA-256 of the trust bundle, 32
}

/** Result of an enrolment or a heal. `crk` is secret, `transcript` is not. */
export interface AgreedKey {
  readonly crk: Uint8Array
  readonly transcript: Uint8Array
}

/** What DIK signs: `enc("stint/v1/enrol-sign", tenant, tokenId, DIK, DXK, eD, nD, facts)`. */
export function enrolHelloMessage(hello: EnrolHello): Uint8Array {
  return enc(LABELS.enrolSign, ...helloFields(hello))
}

/** `HMAC(PSK, enc("stint/v1/enrol-hello", …the same fields…))`. `psk` is the token's secret, 32 bytes. */
export function enrolHelloMac(hello: EnrolHello, psk: Uint8Array): Uint8Array {
  requireBytes('psk', psk, 32)
  return mac(psk, enc(LABELS.enrolHello, ...helloFields(hello)))
}

function helloFields({ tenant, tokenId, dik, dxk, eD, nD, facts }: EnrolHello): Uint8Array[] {
  return [tenant, tokenId, dik, dxk, eD, nD, facts]
}

/**
 * What DIK signs to name the first key of the journal: `enc("stint/v1/log/key", tenant, tokenId, DIK, nD, lsk)`.
 * `lsk`: Ed25519 public, 32 bytes. Throws `argument` for another length.
 */
export function logKeyMessage(
  { tenant, tokenId, dik, nD }: Pick<EnrolHello, 'tenant' | 'tokenId' | 'dik' | 'nD'>,
  lsk: Uint8Array,
): Uint8Array {
  requireBytes('lsk', lsk, 32)
  return enc(LABELS.logKey, tenant, tokenId, dik, nD, lsk)
}

/** What the server's policy key signs: `enc("stint/v1/enrol-answer", th)`. */
export function enrolAnswerMessage(transcript: Uint8Array): Uint8Array {
  return enc(LABELS.enrolAnswer, transcript)
}

/** Throws `confirmation` unless the hello was made by a holder of the enrolment token. */
export function verifyEnrolHello(hello: EnrolHello, psk: Uint8Array, helloMac: Uint8Array): void {
  if (!sameBytes(enrolHelloMac(hello, psk), helloMac)) {
    throw new CodeError('confirmation', 'The computer does not hold this enrolment token.')
  }
}

/** `th` of 4.2. Throws `argument` for wrong lengths. */
export function enrolmentTranscript(enrolment: Enrolment): Uint8Array {
  const { tenant, tokenId, dik, dxk, eD, nD, eS, nS, deviceId, devNo, trustHash } = enrolment
  for (const [name, bytes] of Object.entries({ tenant, tokenId, nD, nS, deviceId }))
    requireBytes(name, bytes, 16)
  for (const [name, bytes] of Object.entries({ dik, dxk, eD, eS, trustHash })) requireBytes(name, bytes, 32)
  requireInteger('devNo', devNo, DEVICE_NUMBER_MAX)
  const { enrol } = LABELS
  return hash(enc(enrol, tenant, tokenId, dik, dxk, eD, nD, eS, nS, deviceId, u32(devNo), u32(0), trustHash))
}

/** The device's side. The caller erases `eDPrivate` afterwards. Throws `key-agreement`, `argument`. */
export function agreeAsDevice(
  enrolment: Enrolment,
  secrets: { readonly eDPrivate: Uint8Array; readonly dxkPrivate: Uint8Array; readonly psk: Uint8Array },
): AgreedKey {
  const z1 = diffieHellman(secrets.eDPrivate, enrolment.eS)
  const z2 = diffieHellman(secrets.dxkPrivate, enrolment.eS)
  return firstKey(enrolment, z1, z2, secrets.psk)
}

/** The server's side. The caller erases `eSPrivate` afterwards. Throws `key-agreement`, `argument`. */
export function agreeAsServer(
  enrolment: Enrolment,
  secrets: { readonly eSPrivate: Uint8Array; readonly psk: Uint8Array },
): AgreedKey {
  const z1 = diffieHellman(secrets.eSPrivate, enrolment.eD)
  const z2 = diffieHellman(secrets.eSPrivate, enrolment.dxk)
  return firstKey(enrolment, z1, z2, secrets.psk)
}

function firstKey(enrolment: Enrolment, z1: Uint8Array, z2: Uint8Array, psk: Uint8Array): AgreedKey {
  requireBytes('psk', psk, 32)
  return codeRootKey(concat([z1, z2, psk]), enrolmentTranscript(enrolment), 0)
}

/** `HKDF(ikm, salt = transcript, info = enc("stint/v1/crk", u32(epoch)))`, shared by enrolment and heal. */
export function codeRootKey(ikm: Uint8Array, transcript: Uint8Array, epoch: number): AgreedKey {
  return { crk: deriveKey(ikm, transcript, enc(LABELS.codeRootKey, u32(epoch))), transcript }
}

/** X25519. Throws `key-agreement` for an all-zero result, which a low-order public key would force. */
export function diffieHellman(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  requireBytes('private key', privateKey, 32)
  requireBytes('public key', publicKey, 32)
  let shared: Uint8Array
  try {
    shared = x25519.getSharedSecret(privateKey, publicKey)
  } catch {
    throw new CodeError('key-agreement', 'The public key of the other side cannot be used.')
  }
  if (sameBytes(shared, new Uint8Array(32))) {
    throw new CodeError('key-agreement', 'The key agreement gave zero; the public key is not honest.')
  }
  return shared
}

/** `HMAC(HKDF(CRK, th, enc("stint/v1/confirm/d" or "/s")), th)`, 32 bytes, sent to the other side. */
export function confirmation(agreed: AgreedKey, side: 'device' | 'server'): Uint8Array {
  const label = side === 'device' ? LABELS.confirmDevice : LABELS.confirmServer
  return mac(deriveKey(agreed.crk, agreed.transcript, enc(label)), agreed.transcript)
}

/** Throws `confirmation` unless `received` is what `side` must have sent. */
export function verifyConfirmation(agreed: AgreedKey, side: 'device' | 'server', received: Uint8Array): void {
  if (!sameBytes(confirmation(agreed, side), received)) {
    throw new CodeError('confirmation', `The ${side} did not agree on the same key.`)
  }
}
