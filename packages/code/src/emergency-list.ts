import { argon2id } from '@noble/hashes/argon2.js'
import { bits, enc, sameBytes, trunc, u8, u32 } from './bytes.ts'
import { checkSymbol, hasValidCheck } from './check-symbol.ts'
import { CodeError, requireBytes, requireInteger } from './errors.ts'
import { LABELS } from './labels.ts'
import { fromSymbols, normaliseTyped, symbolText, symbolValues, toSymbols } from './symbols.ts'

/** Emergency codes (protocol 5.9): printed once, usable without a request; only verifiers are kept. */

export const EMERGENCY_CODES_MAX = 31
const SECRET_BITS = 65
const ARGON2ID = { m: 65_536, t: 3, p: 1, dkLen: 16 }

/** One code as read. `secret` is 65 bits. Secret. */
export interface EmergencyCode {
  readonly list: number // 0 … 31
  readonly index: number // 1 … 31
  readonly secret: bigint
}

/** What the device holds of a list, from a signed policy object. */
export interface EmergencyList {
  readonly list: number
  readonly deviceId: Uint8Array
  readonly userId: string
  readonly salt: Uint8Array // 16 bytes
  /** 16 bytes each; position 0 belongs to index 1 */
  readonly verifiers: readonly Uint8Array[]
}

/**
 * A code from 9 random bytes, of which the last 65 bits are used. `index` counts from 1, so that "none used
 * yet" is 0. Throws `argument`.
 */
export function createEmergencyCode(list: number, index: number, randomBytes: Uint8Array): EmergencyCode {
  requireInteger('list', list, 31)
  requireInteger('index', index, EMERGENCY_CODES_MAX)
  requireBytes('randomBytes', randomBytes, 9)
  if (index === 0) throw new CodeError('argument', 'the first code of a list has index 1')
  return { list, index, secret: trunc(randomBytes, 72) & ((1n << BigInt(SECRET_BITS)) - 1n) }
}

/** `936N-J95Y-5Y05-N212`: `[list 5][index 5][secret 65]` and a check symbol with seed 0. */
export function emergencyText({ list, index, secret }: EmergencyCode): string {
  const symbols = [list, index, ...toSymbols(secret, SECRET_BITS)]
  return symbolText([...symbols, checkSymbol(symbols, 0)], 4)
}

/** Reads a typed emergency code. Throws `format` (also for the reserved index 0), then `typo`. */
export function parseEmergencyCode(typed: string): EmergencyCode {
  const symbols = normaliseTyped(typed)
  const values = symbolValues(symbols)
  const [list, index] = values
  if (values.length !== 16 || list === undefined || index === undefined || index === 0) {
    throw new CodeError('format', 'An emergency code has 16 symbols.')
  }
  if (!hasValidCheck(values, 0)) throw new CodeError('typo', 'A symbol was misread.')
  return { list, index, secret: fromSymbols(values.slice(2, -1)) }
}

/**
 * `argon2id(m = 64 MiB, t = 3, p = 1, 16 bytes)` of `enc("stint/v1/emg", deviceId, userId, u32(list), u8(index),
 * bits(secret, 65))` with the list's salt. Takes some tenths of a second and 64 MiB. Throws `argument`.
 */
export function emergencyVerifier(
  code: EmergencyCode,
  to: Pick<EmergencyList, 'deviceId' | 'userId' | 'salt'>,
) {
  requireBytes('salt', to.salt, 16)
  requireBytes('deviceId', to.deviceId, 16)
  const message = enc(
    LABELS.emergency,
    to.deviceId,
    to.userId,
    u32(code.list),
    u8(code.index),
    bits(code.secret, SECRET_BITS),
  )
  return argon2id(message, to.salt, ARGON2ID)
}

/**
 * Before an attempt is charged: a code of another list, or beyond its end, is `expired`; one that is not above
 * the last used index is `consumed` (using one burns the earlier ones). `lastUsed` is 0 at first.
 */
export function emergencyStanding(
  list: EmergencyList,
  code: EmergencyCode,
  lastUsed: number,
): 'ready' | 'expired' | 'consumed' {
  if (code.list !== list.list || code.index > list.verifiers.length) return 'expired'
  return code.index <= lastUsed ? 'consumed' : 'ready'
}

/** Whether the code is the list's. Charge the attempt before (chargeEmergency). */
export function isOfEmergencyList(list: EmergencyList, code: EmergencyCode): boolean {
  const verifier = list.verifiers[code.index - 1]
  if (code.list !== list.list || verifier === undefined) return false
  return sameBytes(emergencyVerifier(code, list), verifier)
}
