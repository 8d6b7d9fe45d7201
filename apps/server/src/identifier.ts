import type { Clock } from './clock.ts'

/** Cryptographically strong random bytes. */
export type Random = (bytes: number) => Uint8Array

/** Makes UUIDv7 (RFC 9562): 48 bits of milliseconds, then random. Sorting by id is sorting by birth. */
export type NewId = () => string

export function createNewId(clock: Clock, random: Random): NewId {
  return () => {
    const bytes = Buffer.from(random(16))
    bytes.writeUIntBE(clock.now(), 0, 6)
    bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6)
    bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
    const hex = bytes.toString('hex')
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
  }
}
