/** Randomness for keys, codes and ids. Fresh, uniform, from a cryptographic generator. */
export type Random = (bytes: number) => Uint8Array

/** UUIDv7 (RFC 9562) in lower case: sorts by the time it was made. */
export function uuid7(wallMs: number, random: Random): string {
  const bytes = random(16)
  const time = BigInt(Math.max(0, Math.floor(wallMs)))
  for (let i = 0; i < 6; i++) bytes[i] = Number((time >> BigInt(8 * (5 - i))) & 0xffn)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Buffer.from(bytes).toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** RFC 3339 UTC with milliseconds. Times no calendar has become the nearest one it has: a wrong clock must not stop us. */
export function rfc3339(wallMs: number): string {
  return new Date(Math.min(Math.max(0, Math.round(wallMs)), lastWallMs)).toISOString()
}

/** 9999-12-31T23:59:59.999Z: later years have another form. */
const lastWallMs = 253_402_300_799_999
