import { concat, enc, u32 } from './bytes.ts'
import { requireBytes } from './errors.ts'
import { LABELS } from './labels.ts'
import { deriveKey } from './mac.ts'

/** Which code root key: tenant and device ids of 16 bytes, epoch an integer below 2^32. */
export interface DeviceEpoch {
  readonly tenant: Uint8Array
  readonly deviceId: Uint8Array
  readonly epoch: number
}

/** Sub-keys of one code root key, 32 bytes each (protocol 4.4). Secret. */
export interface CodeKeys {
  /** authenticates request codes */
  readonly req: Uint8Array
  /** authenticates the application of a request */
  readonly app: Uint8Array
  /** answers of approver slot 0 */
  readonly rsp0: Uint8Array
  /** answers of approver slot 1 (dual control) */
  readonly rsp1: Uint8Array
  /** recovery and maintenance codes */
  readonly rec: Uint8Array
}

export const NO_PEPPER: Uint8Array = new Uint8Array(32)

/**
 * `K_x = HKDF(CRK ‖ PEP, salt = tenant ‖ deviceId, info = enc("stint/v1/code/<x>", u32(epoch)))`.
 * `pepper` is NO_PEPPER unless the tenant runs pepper mode. For strict dual control the caller replaces
 * `rsp1` by the one derived from the code root key agreed with the second issuer.
 * Throws `argument` for wrong lengths.
 */
export function deriveCodeKeys(
  device: DeviceEpoch,
  crk: Uint8Array,
  pepper: Uint8Array = NO_PEPPER,
): CodeKeys {
  requireBytes('crk', crk, 32)
  requireBytes('pepper', pepper, 32)
  requireBytes('tenant', device.tenant, 16)
  requireBytes('deviceId', device.deviceId, 16)
  const ikm = concat([crk, pepper])
  const salt = concat([device.tenant, device.deviceId])
  const key = (label: string) => deriveKey(ikm, salt, enc(label, u32(device.epoch)))
  return {
    req: key(LABELS.keyRequest),
    app: key(LABELS.keyApplication),
    rsp0: key(LABELS.keyResponse0),
    rsp1: key(LABELS.keyResponse1),
    rec: key(LABELS.keyRecovery),
  }
}

/** What an HSM is asked to MAC in pepper mode: `enc("stint/v1/pep", tenant, deviceId, u32(epoch))`. */
export function pepperInput(device: DeviceEpoch): Uint8Array {
  return enc(LABELS.pepper, device.tenant, device.deviceId, u32(device.epoch))
}

/** Associated data under which a code root key is wrapped at rest (protocol 4.5). */
export function wrapAssociatedData(device: DeviceEpoch): Uint8Array {
  return enc(LABELS.wrap, device.tenant, device.deviceId, u32(device.epoch))
}
