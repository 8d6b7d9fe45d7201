import { createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto'
import { enc, hex, hkdf, hmac, join, sha256, u32 } from './bytes.ts'

/** The keys that one epoch's CRK gives. 32 bytes each. */
export interface CodeKeys {
  readonly req: Uint8Array
  readonly app: Uint8Array
  readonly rsp0: Uint8Array
  readonly rsp1: Uint8Array
  readonly rec: Uint8Array
}

export interface Device {
  readonly tenant: Uint8Array
  readonly deviceId: Uint8Array
  readonly devNo: number
  readonly epoch: number
  readonly crk: Uint8Array
  readonly pepper: Uint8Array
}

/** X25519 of two raw 32-byte keys. Throws on an all-zero result. */
export function x25519(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const ours = createPrivateKey({
    key: Buffer.concat([hex('302e020100300506032b656e04220420'), privateKey]),
    format: 'der',
    type: 'pkcs8',
  })
  const theirs = createPublicKey({
    key: Buffer.concat([hex('302a300506032b656e032100'), publicKey]),
    format: 'der',
    type: 'spki',
  })
  const shared = new Uint8Array(diffieHellman({ privateKey: ours, publicKey: theirs }))
  if (shared.every((byte) => byte === 0)) throw new RangeError('all-zero X25519 output')
  return shared
}

/** Public half of a raw X25519 private key. */
export function x25519Public(privateKey: Uint8Array): Uint8Array {
  const key = createPrivateKey({
    key: Buffer.concat([hex('302e020100300506032b656e04220420'), privateKey]),
    format: 'der',
    type: 'pkcs8',
  })
  return new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32))
}

export interface Enrolment {
  readonly tenant: Uint8Array
  readonly tokenId: Uint8Array
  readonly dik: Uint8Array
  readonly dxk: Uint8Array
  readonly eD: Uint8Array
  readonly nD: Uint8Array
  readonly eS: Uint8Array
  readonly nS: Uint8Array
  readonly deviceId: Uint8Array
  readonly devNo: number
  readonly trust: Uint8Array
}

export function enrolTranscript(e: Enrolment): Uint8Array {
  return sha256(
    enc(
      'stint/v1/enrol',
      e.tenant,
      e.tokenId,
      e.dik,
      e.dxk,
      e.eD,
      e.nD,
      e.eS,
      e.nS,
      e.deviceId,
      u32(e.devNo),
      u32(0),
      e.trust,
    ),
  )
}

/** CRK of `epoch` from two X25519 outputs and the older secret: PSK at enrolment, CRK before a heal. */
export function rootKey(
  z1: Uint8Array,
  z2: Uint8Array,
  older: Uint8Array,
  th: Uint8Array,
  epoch: number,
): Uint8Array {
  return hkdf(join(z1, z2, older), th, enc('stint/v1/crk', u32(epoch)))
}

export interface Heal {
  readonly tenant: Uint8Array
  readonly deviceId: Uint8Array
  readonly dik: Uint8Array
  readonly dxk: Uint8Array
  readonly eD: Uint8Array
  readonly nD: Uint8Array
  readonly eS: Uint8Array
  readonly nS: Uint8Array
  readonly nextEpoch: number
}

export function healTranscript(h: Heal): Uint8Array {
  return sha256(
    enc('stint/v1/heal', h.tenant, h.deviceId, h.dik, h.dxk, h.eD, h.nD, h.eS, h.nS, u32(h.nextEpoch)),
  )
}

/** The MAC by which one side shows that it holds `crk`: side `d` the device, `s` the server. */
export function confirm(crk: Uint8Array, th: Uint8Array, side: 'd' | 's'): Uint8Array {
  return hmac(hkdf(crk, th, enc(`stint/v1/confirm/${side}`)), th)
}

const derived = new WeakMap<Device, CodeKeys>()

/** Sub-keys of a device's CRK. Remembered for each device object, because resolving asks for them thousands of times. */
export function codeKeys(device: Device): CodeKeys {
  const known = derived.get(device)
  if (known !== undefined) return known
  const derive = (name: string): Uint8Array =>
    hkdf(
      join(device.crk, device.pepper),
      join(device.tenant, device.deviceId),
      enc(`stint/v1/code/${name}`, u32(device.epoch)),
    )
  const keys = {
    req: derive('req'),
    app: derive('app'),
    rsp0: derive('rsp/0'),
    rsp1: derive('rsp/1'),
    rec: derive('rec'),
  }
  derived.set(device, keys)
  return keys
}
