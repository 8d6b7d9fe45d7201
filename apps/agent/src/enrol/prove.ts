import { deviceSessionMessage } from '@stint/code'
import type { Enrolled } from '../config/state.ts'
import { signWith } from './keys.ts'

/**
 * Signs that this device lets `courierKey` speak for it (protocol: device session). The signature is worth nothing
 * for anything else: its label says what it is.
 * @param nonce 32 bytes of the server, hex
 * @param courierKey X25519, 32 bytes, hex
 */
export function proveDevice(identity: Enrolled, nonce: string, courierKey: string): string {
  const [tenant, deviceId] = [identity.tenant, identity.deviceId].map((id) => Buffer.from(id, 'hex'))
  if (!tenant || !deviceId) throw new TypeError('an enrolled computer has ids')
  const message = deviceSessionMessage({
    tenant,
    deviceId,
    nonce: Buffer.from(nonce, 'hex'),
    courierKey: Buffer.from(courierKey, 'hex'),
  })
  return signWith(identity.dik, message)
}
