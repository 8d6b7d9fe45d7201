import { argon2Sync } from 'node:crypto'
import { bits, enc, toHex, u8, u32 } from './bytes.ts'
import { checkFits, checkSymbol, fromSymbols, group, normalise, toSymbols } from './symbols.ts'

export const argon2id = { m: 65536, t: 3, p: 1, len: 16 } as const

/** Printed form of one code of an emergency list. */
export function emergencyText(list: number, index: number, secret: bigint): string {
  const symbols = toSymbols((BigInt(list) << 70n) | (BigInt(index) << 65n) | secret, 75)
  return group(symbols + checkSymbol(symbols, 0), 4)
}

const computed = new Map<string, Uint8Array>()

/** What the device keeps instead of the code: 16 bytes of argon2id. The same input is computed once: it is slow. */
export function emergencyVerifier(
  deviceId: Uint8Array,
  userId: string,
  list: number,
  index: number,
  secret: bigint,
  salt: Uint8Array,
): Uint8Array {
  const message = enc('stint/v1/emg', deviceId, userId, u32(list), u8(index), bits(secret, 65))
  const input = `${toHex(message)} ${toHex(salt)}`
  const verifier = computed.get(input) ?? verifierOf(message, salt)
  computed.set(input, verifier)
  return verifier
}

function verifierOf(message: Uint8Array, salt: Uint8Array): Uint8Array {
  return new Uint8Array(
    argon2Sync('argon2id', {
      message,
      nonce: salt,
      memory: argon2id.m,
      passes: argon2id.t,
      parallelism: argon2id.p,
      tagLength: argon2id.len,
    }),
  )
}

export type ParsedEmergency =
  | { readonly list: number; readonly index: number; readonly secret: bigint }
  | { readonly result: 'format' | 'typo' }

/** Typed emergency code; its list, number and secret. */
export function parseEmergency(typed: string): ParsedEmergency {
  const symbols = normalise(typed)
  if (symbols?.length !== 16) return { result: 'format' }
  const value = fromSymbols(symbols.slice(0, 15))
  const index = Number((value >> 65n) & 31n)
  if (index === 0) return { result: 'format' }
  if (!checkFits(symbols, 0)) return { result: 'typo' }
  return { list: Number(value >> 70n), index, secret: value & ((1n << 65n) - 1n) }
}
