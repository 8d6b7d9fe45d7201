import { createPublicKey, verify as verifySignature } from 'node:crypto'
import { CodeError } from '@stint/code'
import { agreementPublicKey, deviceMacKey, deviceSessionMessage } from '@stint/code/device-proofs'
import { done, type Outcome, refused } from '@stint/elevation'
import { hourMs, minuteMs } from '../../clock.ts'
import type { DeviceRow } from '../../db/schema.ts'
import type { SignedCall } from '../../http/access.ts'
import type { DeviceParts } from './devices.ts'

const NONCE_MS = minuteMs
const NONCES_MAX = 20_000
const SESSION_MS = hourMs
/** `last_seen_at` is written at most this often. */
const SEEN_EVERY_MS = 30_000

export interface SessionProof {
  readonly deviceId: string
  readonly nonce: string
  readonly courierKey: string
  readonly sig: string
}

export interface GrantedSession {
  readonly sessionKeyId: string
  readonly serverKey: string
  readonly nowMs: number
  readonly expiresAtMs: number
}

export interface DeviceProof {
  /** 32 bytes in hex, good once, for a minute. A stranger gets one too: it says nothing about who is known. */
  challenge(deviceId: string): string
  /** Refusals `device-unauthenticated`, `device-revoked`, `device-suspended`. */
  openSession(proof: SessionProof): Promise<Outcome<GrantedSession>>
  /** Whose call this is. The same refusals. */
  authenticate(call: SignedCall): Promise<Outcome<{ readonly deviceId: string }>>
}

export function createDeviceProof(parts: DeviceParts): DeviceProof {
  const { clock, random } = parts
  /** Oldest first; a `Map` keeps the order of insertion. */
  const nonces = new Map<string, { readonly deviceId: string; readonly until: number }>()
  const take = (nonce: string, deviceId: string): boolean => {
    const asked = nonces.get(nonce)
    nonces.delete(nonce)
    return asked !== undefined && asked.deviceId === deviceId && asked.until > clock.now()
  }
  return {
    challenge(deviceId) {
      for (const [old, { until }] of nonces) {
        if (until > clock.now() && nonces.size < NONCES_MAX) break
        nonces.delete(old)
      }
      const nonce = Buffer.from(random(32)).toString('hex')
      nonces.set(nonce, { deviceId, until: clock.now() + NONCE_MS })
      return nonce
    },
    openSession: async (proof) =>
      take(proof.nonce, proof.deviceId)
        ? openSession(parts, proof)
        : refused('device-unauthenticated', { details: { reason: 'challenge' } }),
    authenticate: (call) => authenticate(parts, call),
  }
}

async function openSession(parts: DeviceParts, proof: SessionProof): Promise<Outcome<GrantedSession>> {
  const { store, issuer, keys, clock, random, newId } = parts
  const device = await store.device(proof.deviceId)
  const trust = await issuer.call({ call: 'trust' })
  if (!trust.ok) return trust
  const session = {
    tenant: bytes(trust.value.tenant),
    deviceId: bytes(proof.deviceId),
    nonce: bytes(proof.nonce),
    courierKey: bytes(proof.courierKey),
  }
  const isProven = device !== null && isSignedBy(device, deviceSessionMessage(session), proof.sig)
  if (!isProven) return refused('device-unauthenticated', { details: { reason: 'proof' } })
  const standing = standingOf(device)
  if (!standing.ok) return standing
  const ownPrivate = random(32)
  const serverKey = agreementPublicKey(ownPrivate)
  const key = macKey({ ...session, serverKey }, ownPrivate)
  ownPrivate.fill(0)
  if (key === null) return refused('device-unauthenticated', { details: { reason: 'key' } })
  const granted = {
    sessionKeyId: newId(),
    serverKey: Buffer.from(serverKey).toString('hex'),
    nowMs: clock.now(),
    expiresAtMs: clock.now() + SESSION_MS,
  }
  keys.grant(granted.sessionKeyId, device.id, key, granted.expiresAtMs)
  return done(granted)
}

/** Null for a public key that nobody honest would send. */
function macKey(session: Parameters<typeof deviceMacKey>[0], ownPrivate: Uint8Array): Uint8Array | null {
  try {
    return deviceMacKey(session, ownPrivate)
  } catch (error) {
    if (error instanceof CodeError && error.code === 'key-agreement') return null
    throw error
  }
}

function isSignedBy(device: DeviceRow, message: Uint8Array, sig: string): boolean {
  const x = Buffer.from(device.dik, 'hex').toString('base64url')
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  return verifySignature(null, message, key, Buffer.from(sig, 'hex'))
}

async function authenticate(
  { store, keys, db, clock }: DeviceParts,
  call: SignedCall,
): Promise<Outcome<{ readonly deviceId: string }>> {
  const known = keys.authenticate(call)
  if (!known.ok) return known
  const device = await store.device(known.value.deviceId)
  if (device === null) return refused('device-unauthenticated')
  const standing = standingOf(device)
  if (!standing.ok) return standing
  const now = clock.now()
  if (now - (device.last_seen_at ?? 0) > SEEN_EVERY_MS)
    await db.write((tx) => store.updateDevice(tx, device.id, { last_seen_at: now }))
  return done({ deviceId: device.id })
}

function standingOf(device: DeviceRow): Outcome<null> {
  if (device.state === 'revoked') return refused('device-revoked')
  return device.state === 'suspended' ? refused('device-suspended') : done(null)
}

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'))
}
