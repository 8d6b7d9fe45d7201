import { type CodeKeys, type DeviceEpoch, deriveCodeKeys } from '@stint/code'
import type { Enrolled } from '../config/state.ts'

export function deviceEpoch({ tenant, deviceId, epoch }: Enrolled): DeviceEpoch {
  return { tenant: Buffer.from(tenant, 'hex'), deviceId: Buffer.from(deviceId, 'hex'), epoch }
}

/** Secret: the keys of request and response codes of the epoch in force. */
export function codeKeys(identity: Enrolled): CodeKeys {
  return deriveCodeKeys(deviceEpoch(identity), Buffer.from(identity.crk, 'hex'))
}
