import { CodeError, requireInteger } from './errors.ts'

/** Bytes and integers as the protocol writes them: big-endian, section 1 of the protocol. */

const utf8 = new TextEncoder()

/** Largest counter this package handles. The wire field is u64; larger values are refused, not rounded. */
export const COUNTER_MAX = Number.MAX_SAFE_INTEGER
export const U32_MAX = 0xffff_ffff

export function u8(value: number): Uint8Array {
  requireInteger('u8', value, 0xff)
  return Uint8Array.of(value)
}

export function u16(value: number): Uint8Array {
  requireInteger('u16', value, 0xffff)
  return Uint8Array.of(value >>> 8, value & 0xff)
}

export function u32(value: number): Uint8Array {
  requireInteger('u32', value, U32_MAX)
  return Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff)
}

/** Eight bytes of an integer up to 2^53 − 1. */
export function u64(value: number): Uint8Array {
  requireInteger('u64', value, COUNTER_MAX)
  return concat([u32(Math.floor(value / 2 ** 32)), u32(value % 2 ** 32)])
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** Unicode NFC, UTF-8. A lone surrogate is refused: it has no UTF-8 and would collide with U+FFFD. */
export function text(value: string): Uint8Array {
  if (!value.isWellFormed()) throw new CodeError('argument', 'text must be well-formed Unicode')
  return utf8.encode(value.normalize('NFC'))
}

/**
 * `enc(f1, …, fk)`: each field as `u16(length) ‖ bytes`; strings are taken as NFC UTF-8.
 * Injective for a fixed list of fields. Throws `argument` for a field above 65 535 bytes.
 */
export function enc(...fields: readonly (Uint8Array | string)[]): Uint8Array {
  const parts: Uint8Array[] = []
  for (const field of fields) {
    const bytes = typeof field === 'string' ? text(field) : field
    parts.push(u16(bytes.length), bytes)
  }
  return concat(parts)
}

/** `bits(v, n)`: v in ceil(n/8) bytes, left-padded with zero bits. Throws `argument` if v needs more. */
export function bits(value: number | bigint, width: number): Uint8Array {
  let rest = BigInt(value)
  if (rest < 0n || rest >> BigInt(width) !== 0n)
    throw new CodeError('argument', `value exceeds ${width} bits`)
  const out = new Uint8Array(Math.ceil(width / 8))
  for (let i = out.length - 1; i >= 0; i--) {
    out[i] = Number(rest & 0xffn)
    rest >>= 8n
  }
  return out
}

/** `trunc_n(x)`: the leftmost `width` bits of `bytes`, as an integer. */
export function trunc(bytes: Uint8Array, width: number): bigint {
  const length = Math.ceil(width / 8)
  let value = 0n
  for (const byte of bytes.subarray(0, length)) value = (value << 8n) | BigInt(byte)
  return value >> BigInt(length * 8 - width)
}

/** Compares without stopping at the first difference. Lengths are public; unequal lengths are unequal. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0)
  return difference === 0
}

/** `sameBytes` for two integers below 2^width. */
export function sameBits(a: number | bigint, b: number | bigint, width: number): boolean {
  return sameBytes(bits(a, width), bits(b, width))
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
