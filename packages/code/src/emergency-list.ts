import { argon2id } from '@noble/hashes/argon2.js'
import { bits, enc, sameBytes, trunc, u8, u32 } from './bytes.ts'
import { checkSymbol, hasValidCheck } from './check-symbol.ts'
import { CodeError, requireBytes, requireInteger } from './errors.ts'
import { LABELS } from './labels.ts'
import { fromSymbols, normaliseTyped, symbolText, symbolValues, toSymbols } from './symbols.ts'

/** Emergency codes (protocol 5.9): printed once, usable without a request; only verifiers are kept. */

export const EMERGENCY_CODES_MAX = 31
const SECRET_BITS = 65

/** Cost of a verifier (RFC 9106, version 0x13): 64 MiB, three passes, one lane, 16 bytes. */
export const EMERGENCY_ARGON2ID = { memoryKib: 65_536, passes: 3, lanes: 1, length: 16 } as const

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

type Holder = Pick<EmergencyList, 'deviceId' | 'userId' | 'salt'>

/** What a verifier hashes: `enc("stint/v1/emg", deviceId, userId, u32(list), u8(index), bits(secret, 65))`. Secret. */
export function emergencyMessage(code: EmergencyCode, to: Holder): Uint8Array {
  requireBytes('salt', to.salt, 16)
  requireBytes('deviceId', to.deviceId, 16)
  const { list, index, secret } = code
  return enc(LABELS.emergency, to.deviceId, to.userId, u32(list), u8(index), bits(secret, SECRET_BITS))
}

/**
 * argon2id (EMERGENCY_ARGON2ID) of emergencyMessage with the list's salt. Blocks for a second or two and takes
 * 64 MiB: this is plain JavaScript. Where the platform has a native argon2id, use that with the same parameters.
 * Throws `argument`.
 */
export function emergencyVerifier(code: EmergencyCode, to: Holder): Uint8Array {
  const { memoryKib, passes, lanes, length } = EMERGENCY_ARGON2ID
  return argon2id(emergencyMessage(code, to), to.salt, { m: memoryKib, t: passes, p: lanes, dkLen: length })
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

/**
 * Whether the code is the list's. Charge the attempt before (chargeEmergency). `computed` is the code's verifier
 * where the caller made it with a native argon2id.
 */
export function isOfEmergencyList(list: EmergencyList, code: EmergencyCode, computed?: Uint8Array): boolean {
  const verifier = list.verifiers[code.index - 1]
  if (code.list !== list.list || verifier === undefined) return false
  return sameBytes(computed ?? emergencyVerifier(code, list), verifier)
}
