import { bits, COUNTER_MAX, enc, text, trunc, U32_MAX, u32, u64 } from './bytes.ts'
import { APPLICATION_DIGITS, fromDigits, REQUEST_DIGITS, toDigits } from './digits.ts'
import { DEVICE_NUMBER_MAX } from './enrolment.ts'
import { CodeError, requireBytes, requireInteger } from './errors.ts'
import { jcs } from './jcs.ts'
import type { CodeKeys, DeviceEpoch } from './keys.ts'
import { LABELS } from './labels.ts'
import { hash, mac } from './mac.ts'
import { fromSymbols, grouped, normaliseTyped, symbolText, symbolValues, toSymbols } from './symbols.ts'

/** Kinds in wire order: the number on the wire is the index. */
export const REQUEST_KINDS = ['session', 'application', 'recovery', 'maintenance'] as const
export type RequestKind = (typeof REQUEST_KINDS)[number]

/** User slot for a user whom the server does not know yet: the approver types the name. */
export const SLOT_UNKNOWN_USER = 14
/** User slot when nobody is signed in; the userId to use with it is the empty string. */
export const SLOT_NO_USER = 15

const TAG_BITS = 20
const APP_BITS = 25
const HEAD_BITS = 55
const NONCE_BITS = 19

/** What the device knows when it asks. */
export interface RequestFacts {
  readonly kind: RequestKind
  readonly devNo: number // 22 bits
  readonly userSlot: number // 0 … 15
  /** `sid:…`, `upn:…` or `uid:<n>:<name>` as in the synced table; empty for SLOT_NO_USER */
  readonly userId: string
  /** the full request counter, below 2^53 */
  readonly counter: number
  /** fresh random, 19 bits */
  readonly nonce: number
  /** serial of the policy in force, below 2^32 */
  readonly pol: number
  /** 32 bytes, for kind `application` and only there */
  readonly appDigest?: Uint8Array
}

/** A request code as the text carries it. `value` has `width` bits: 75, or 100 for kind `application`. */
export interface RequestCode {
  readonly value: bigint
  readonly width: 75 | 100
  readonly kind: RequestKind
  readonly devNo: number
  readonly epochLow: number // epoch mod 4
  readonly userSlot: number
  readonly counterLow: number // counter mod 32
  readonly nonce: number
  readonly tag: number // 20 bits
  readonly app?: number // 25 bits
}

/** What was asked for, in full: what a request code and its answers are bound to. */
export interface RequestContext {
  readonly device: DeviceEpoch
  readonly request: RequestCode
  readonly counter: number
  readonly pol: number
  readonly userId: string
}

/**
 * Makes a request code. Throws `argument` for a value out of range and for an application digest that is
 * missing or not wanted.
 */
export function createRequestCode(
  device: DeviceEpoch,
  keys: Pick<CodeKeys, 'req' | 'app'>,
  facts: RequestFacts,
): RequestCode {
  requireFacts(facts)
  const head = headValue(device.epoch, facts)
  const app =
    facts.appDigest && applicationBits(device, keys.app, facts.counter, facts.nonce, facts.appDigest)
  const message = enc(
    ...requestMacHead(device, head),
    u64(facts.counter),
    ...requestMacTail(facts.pol, facts.userId, app),
  )
  const tag = trunc(mac(keys.req, message), TAG_BITS)
  const short = (head << BigInt(TAG_BITS)) | tag
  return decodeRequest(
    app === undefined ? short : (short << BigInt(APP_BITS)) | BigInt(app),
    app !== undefined,
  )
}

function requireFacts(facts: RequestFacts): void {
  requireInteger('devNo', facts.devNo, DEVICE_NUMBER_MAX)
  requireInteger('userSlot', facts.userSlot, 15)
  requireInteger('counter', facts.counter, COUNTER_MAX)
  requireInteger('nonce', facts.nonce, 2 ** NONCE_BITS - 1)
  requireInteger('pol', facts.pol, U32_MAX)
  if ((facts.kind === 'application') !== (facts.appDigest !== undefined)) {
    throw new CodeError('argument', 'an application digest belongs to kind application, and only there')
  }
  if (facts.appDigest) requireBytes('appDigest', facts.appDigest, 32)
}

function headValue(epoch: number, facts: RequestFacts): bigint {
  const fields: readonly (readonly [number, number])[] = [
    [0, 1], // version
    [REQUEST_KINDS.indexOf(facts.kind), 2],
    [facts.devNo, 22],
    [epoch % 4, 2],
    [facts.userSlot, 4],
    [facts.counter % 32, 5],
    [facts.nonce, NONCE_BITS],
  ]
  return fields.reduce((head, [value, width]) => (head << BigInt(width)) | BigInt(value), 0n)
}

/** Fields of the request MAC before the counter. */
export function requestMacHead(device: DeviceEpoch, head: bigint): (string | Uint8Array)[] {
  return [LABELS.request, device.tenant, device.deviceId, u32(device.epoch), bits(head, HEAD_BITS)]
}

/** Fields of the request MAC after the counter. `app` is the 25-bit value of kind `application`. */
export function requestMacTail(pol: number, userId: string, app: number | undefined): Uint8Array[] {
  return [u32(pol), text(userId), app === undefined ? new Uint8Array() : bits(app, APP_BITS)]
}

/** The first 55 bits of a request code. */
export function requestHead(request: RequestCode): bigint {
  return request.value >> BigInt(request.width - HEAD_BITS)
}

/** `trunc_25(HMAC(K_app, enc("stint/v1/app", deviceId, u64(counter), u32(nonce), appDigest)))`. */
export function applicationBits(
  device: DeviceEpoch,
  keyApp: Uint8Array,
  counter: number,
  nonce: number,
  appDigest: Uint8Array,
): number {
  const message = enc(LABELS.application, device.deviceId, u64(counter), u32(nonce), appDigest)
  return Number(trunc(mac(keyApp, message), APP_BITS))
}

/** The application that a digest stands for; a member that is not known is the empty text. */
export interface Application {
  readonly name: string
  readonly pathClass: string
  readonly product: string
  readonly sha256: string // lower-case hex
  readonly signer: string
}

/** `H(JCS({name, pathClass, product, sha256, signer}))`, 32 bytes. */
export function applicationDigest(app: Application): Uint8Array {
  const { name, pathClass, product, sha256, signer } = app
  return hash(new TextEncoder().encode(jcs({ name, pathClass, product, sha256, signer })))
}

/** Fields of a 75- or 100-bit value. Throws `format` for a reserved version or a kind of another length. */
export function decodeRequest(value: bigint, hasApp: boolean): RequestCode {
  const width = hasApp ? 100 : 75
  let rest = value >> (hasApp ? BigInt(APP_BITS) : 0n)
  const take = (bitCount: number) => {
    const field = Number(rest & ((1n << BigInt(bitCount)) - 1n))
    rest >>= BigInt(bitCount)
    return field
  }
  const tag = take(TAG_BITS)
  const nonce = take(NONCE_BITS)
  const counterLow = take(5)
  const userSlot = take(4)
  const epochLow = take(2)
  const devNo = take(22)
  const kind = REQUEST_KINDS[take(2)]
  if (take(1) !== 0) throw new CodeError('format', 'This request code is of a newer version.')
  if (kind === undefined || (kind === 'application') !== hasApp) {
    throw new CodeError('format', 'A request for one application has 20 symbols, every other has 15.')
  }
  const app = hasApp ? { app: Number(value & ((1n << BigInt(APP_BITS)) - 1n)) } : {}
  return { value, width, kind, devNo, epochLow, userSlot, counterLow, nonce, tag, ...app }
}

/**
 * Reads what a person typed: 15 or 20 symbols, or 24 or 32 digits, after normalisation.
 * Throws `format`, or `typo` for digits whose check digit disagrees.
 */
export function parseRequestCode(typed: string): RequestCode {
  const symbols = normaliseTyped(typed)
  if (symbols.length === 15 || symbols.length === 20) {
    return decodeRequest(fromSymbols(symbolValues(symbols)), symbols.length === 20)
  }
  if (symbols.length === 24) return decodeRequest(fromDigits(symbols, REQUEST_DIGITS, 0), false)
  if (symbols.length === 32) return decodeRequest(fromDigits(symbols, APPLICATION_DIGITS, 0), true)
  throw new CodeError('format', 'A request code has 15 or 20 symbols, or 24 or 32 digits.')
}

/** The one text form: groups of five, `2NK6Y-8JNWX-18W2A`. */
export function requestText(request: RequestCode): string {
  return symbolText(toSymbols(request.value, request.width), 5)
}

/** Digit form: 6 groups of 4, or 8 for an application. */
export function requestDigits(request: RequestCode): string {
  return toDigits(request.value, request.width === 75 ? REQUEST_DIGITS : APPLICATION_DIGITS, 0)
}

/** The first group, constant for a device and kind: may stand on a sticker. */
export function requestSticker(kind: RequestKind, devNo: number): string {
  requireInteger('devNo', devNo, DEVICE_NUMBER_MAX)
  const value = (BigInt(REQUEST_KINDS.indexOf(kind)) << 22n) | BigInt(devNo)
  return grouped(symbolText(toSymbols(value, 25), 5), 5)
}

/** Fields shared by every answer's MAC: `tenant, deviceId, u32(e), bits(R,n), u64(counter), u32(pol), userId`. */
export function contextFields(context: RequestContext): Uint8Array[] {
  const { device, request, counter, pol, userId } = context
  return [
    device.tenant,
    device.deviceId,
    u32(device.epoch),
    bits(request.value, request.width),
    u64(counter),
    u32(pol),
    text(userId),
  ]
}

/** Throws `argument` when the full counter or epoch is not the one whose low bits the request carries. */
export function requireConsistent({ device, request, counter }: RequestContext): void {
  if (counter % 32 !== request.counterLow || device.epoch % 4 !== request.epochLow) {
    throw new CodeError('argument', 'counter and epoch must be those of the request code')
  }
}
