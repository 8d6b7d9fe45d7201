import { hex, sha256, text, toHex } from './bytes.ts'
import type { Device } from './keys.ts'
import { type Code, encodeRequest, type Request, requestText } from './request.ts'
import type { Params } from './response.ts'

/** One subject's file: `name` without folder, cases in the order they are read. */
export interface VectorFile {
  readonly name: string
  readonly note: string
  /** What all cases of the file share. */
  readonly given?: object
  readonly vectors: readonly VectorCase[]
}

export interface VectorCase {
  readonly id: string
  readonly why: string
  readonly in: object
  readonly out: object
}

/** Reproducible bytes for a name: the same input in every run, no meaning of its own. */
export const seeded = (name: string, length = 32): Uint8Array =>
  sha256(text(`stint spec vectors 1: ${name}`)).slice(0, length)

/** The device of vectors.json. */
export const laptop: Device = {
  tenant: hex('b9d9a20983b9828498367e638b60ee6f'),
  deviceId: hex('cd9ac7a2d91521b87371b373d10e97f8'),
  devNo: 2_804_958,
  epoch: 5,
  crk: hex('d9d691ef4726878947c27cd44c7bdd67387b57c75989e093b90ad7f53b94abe8'),
  pepper: new Uint8Array(32),
}

export const alice = { userSlot: 1, userId: 'alice@example.org' }

export const sessionRequest: Request = { ...alice, kind: 0, counter: 37n, nonce: 193_441, pol: 118 }

export const halfHour: Params = { dur: 6, end: true, profile: 0, slot: 0 }

export const deviceJson = (d: Device): object => ({
  tenant: toHex(d.tenant),
  deviceId: toHex(d.deviceId),
  devNo: d.devNo,
  epoch: d.epoch,
  crk: toHex(d.crk),
  pepper: toHex(d.pepper),
})

export const requestJson = (r: Request): object => ({
  kind: r.kind,
  userSlot: r.userSlot,
  userId: r.userId,
  counter: Number(r.counter),
  nonce: r.nonce,
  pol: r.pol,
  ...(r.appDigest === undefined ? {} : { appDigest: toHex(r.appDigest) }),
})

/** Code bits as the oldest file writes them: hex digits for exactly `width` bits, rounded up to a digit. */
export const codeHex = (code: Code): string => code.bits.toString(16).padStart(Math.ceil(code.width / 4), '0')

export const codeOf = (device: Device, request: Request): Code => encodeRequest(device, request)

export const textOf = (device: Device, request: Request): string => requestText(codeOf(device, request))
