import { done, type Outcome, refused } from '@stint/elevation'
import { NonceMemory, readSignature, verify } from '@stint/wire/device-signature'
import type { Clock } from '../clock.ts'
import type { SignedCall } from './access.ts'

/**
 * The MAC keys of computers that have proven who they are. In memory only: after a restart each computer proves
 * itself again, and a stolen database holds none.
 */
export interface DeviceKeys {
  grant(sessionKeyId: string, deviceId: string, key: Uint8Array, expiresAtMs: number): void
  /** Whose call this is. Refusal `device-unauthenticated`. */
  authenticate(call: SignedCall): Outcome<{ readonly deviceId: string; readonly sessionKeyId: string }>
  /** The computer of a session that still stands; null for any other. Proves nothing: the name of a session is no secret. */
  deviceOf(sessionKeyId: string): string | null
  /** Forgets every session of a computer. */
  drop(deviceId: string): void
  /** Forgets what is over. */
  sweep(): void
}

interface Held {
  readonly deviceId: string
  readonly key: Uint8Array
  readonly expiresAtMs: number
}

export function createDeviceKeys(clock: Clock): DeviceKeys {
  const held = new Map<string, Held>()
  const nonces = new NonceMemory()
  const alive = (id: string): Held | undefined => {
    const session = held.get(id)
    return session !== undefined && session.expiresAtMs > clock.now() ? session : undefined
  }
  return {
    grant: (sessionKeyId, deviceId, key, expiresAtMs) => {
      held.set(sessionKeyId, { deviceId, key, expiresAtMs })
    },
    authenticate(call) {
      const read = readSignature(call.headers)
      if (!read.ok) return read
      const session = alive(read.value.keyId)
      if (session === undefined) return refused('device-unauthenticated', { details: { reason: 'session' } })
      const nowSeconds = Math.floor(clock.now() / 1000)
      const verified = verify(call, read.value, session.key, nowSeconds)
      if (!verified.ok) return verified
      const fresh = nonces.take(read.value, nowSeconds)
      if (!fresh.ok) return fresh
      return done({ deviceId: session.deviceId, sessionKeyId: read.value.keyId })
    },
    deviceOf: (id) => alive(id)?.deviceId ?? null,
    drop(deviceId) {
      for (const [id, session] of held) if (session.deviceId === deviceId) held.delete(id)
    },
    sweep() {
      for (const id of held.keys()) if (alive(id) === undefined) held.delete(id)
    },
  }
}
