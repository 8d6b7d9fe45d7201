import { hash, hkdfSync } from 'node:crypto'

/** A field of `enc`: bytes as they are, or text that is brought to NFC and UTF-8. */
export type Field = Uint8Array | string

/** Text as the protocol hashes it: Unicode NFC, then UTF-8. Throws on lone surrogates. */
export function text(value: string): Uint8Array {
  if (!value.isWellFormed()) throw new RangeError('text is not well-formed Unicode')
  return new TextEncoder().encode(value.normalize('NFC'))
}

/** `value` as `width` bits: big-endian, ceil(width/8) bytes, zero bits on the left. */
export function bits(value: bigint, width: number): Uint8Array {
  if (value < 0n || value >> BigInt(width) !== 0n) throw new RangeError(`${value} does not fit ${width} bits`)
  return hex(value.toString(16).padStart(Math.ceil(width / 8) * 2, '0'))
}

/** Big-endian. Throws on a value out of range. */
function written(length: number, write: (view: Buffer) => void): Uint8Array {
  const view = Buffer.alloc(length)
  write(view)
  return new Uint8Array(view)
}

export const u8 = (value: number): Uint8Array => written(1, (view) => view.writeUInt8(value))
export const u16 = (value: number): Uint8Array => written(2, (view) => view.writeUInt16BE(value))
export const u32 = (value: number): Uint8Array => written(4, (view) => view.writeUInt32BE(value))
export const u64 = (value: bigint): Uint8Array => written(8, (view) => view.writeBigUInt64BE(value))

/** Length-prefixed fields, each `u16(length) ‖ bytes`; injective for a fixed field list. */
export function enc(...fields: Field[]): Uint8Array {
  const parts = fields.map((field) => (typeof field === 'string' ? text(field) : field))
  return join(...parts.flatMap((part) => [u16(part.length), part]))
}

/** The leftmost `width` bits of `bytes` as an integer. */
export function trunc(width: number, bytes: Uint8Array): bigint {
  return toInteger(bytes) >> BigInt(bytes.length * 8 - width)
}

export const sha256 = (data: Uint8Array): Uint8Array => new Uint8Array(hash('sha256', data, 'buffer'))

/** RFC 2104 written out: resolving asks for it a hundred thousand times, and a key object for each is slow. */
export function hmac(key: Uint8Array, data: Uint8Array): Uint8Array {
  if (key.length > 64) throw new RangeError('keys of this protocol are shorter than a block')
  const padded = new Uint8Array(64)
  padded.set(key)
  const inner = sha256(
    join(
      padded.map((byte) => byte ^ 0x36),
      data,
    ),
  )
  return sha256(
    join(
      padded.map((byte) => byte ^ 0x5c),
      inner,
    ),
  )
}

/** HKDF-SHA256, extract and expand, 32 bytes. */
export const hkdf = (ikm: Uint8Array, salt: Uint8Array, info: Uint8Array): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', ikm, salt, info, 32))

export const join = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))

export const toInteger = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(bytes) || '0'}`)

export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** Bytes of a hex string. Throws on anything but whole bytes of hex. */
export function hex(value: string): Uint8Array {
  if (!/^([0-9a-f]{2})*$/.test(value)) throw new RangeError(`not hex: ${value}`)
  return new Uint8Array(Buffer.from(value, 'hex'))
}
