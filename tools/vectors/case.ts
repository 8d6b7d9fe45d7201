/** Reading one test case: named members of its `in` and `out`, with errors that say which one is wrong. */

export type Members = Readonly<Record<string, unknown>>

export function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A case that cannot be read as what it claims to be; the message is the line that is printed. */
export class CaseError extends Error {}

export function textOf(members: Members, name: string): string {
  const value = members[name]
  if (typeof value !== 'string') throw new CaseError(`${name} must be text`)
  return value
}

export function integerOf(members: Members, name: string): number {
  const value = members[name]
  if (typeof value !== 'number' || !Number.isSafeInteger(value))
    throw new CaseError(`${name} must be an integer`)
  return value
}

export function booleanOf(members: Members, name: string): boolean {
  const value = members[name]
  if (typeof value !== 'boolean') throw new CaseError(`${name} must be true or false`)
  return value
}

export function membersOf(members: Members, name: string): Members {
  const value = members[name]
  if (!isMembers(value)) throw new CaseError(`${name} must be an object`)
  return value
}

export function listOf(members: Members, name: string): readonly unknown[] {
  const value = members[name]
  if (!Array.isArray(value)) throw new CaseError(`${name} must be a list`)
  return value
}

export function bytesOf(members: Members, name: string): Uint8Array {
  const hex = textOf(members, name)
  if (!/^(?:[0-9a-f]{2})*$/.test(hex)) throw new CaseError(`${name} must be hexadecimal bytes`)
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** An integer of `width` bits as hex digits, as many as the width needs. */
export function hexOfBits(value: bigint, width: number): string {
  return value.toString(16).padStart(Math.ceil(width / 4), '0')
}
