import {
  type CodeKeys,
  createRequestCode,
  type DeviceEpoch,
  deriveCodeKeys,
  type RequestContext,
} from '../src/index.ts'

/** One device, its keys and one open request, as the published test values have them. */
export const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))

export const device: DeviceEpoch = {
  tenant: bytes('b9d9a20983b9828498367e638b60ee6f'),
  deviceId: bytes('cd9ac7a2d91521b87371b373d10e97f8'),
  epoch: 5,
}
export const devNo = 2804958
export const keys: CodeKeys = deriveCodeKeys(
  device,
  bytes('d9d691ef4726878947c27cd44c7bdd67387b57c75989e093b90ad7f53b94abe8'),
)
export const alice = 'alice@example.org'
export const request = createRequestCode(device, keys, {
  kind: 'session',
  devNo,
  userSlot: 1,
  userId: alice,
  counter: 37,
  nonce: 193441,
  pol: 118,
})
export const context: RequestContext = { device, request, counter: 37, pol: 118, userId: alice }
export const ANSWER = '6G1RA-YEH30'
