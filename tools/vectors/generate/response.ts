import { bits, enc, hmac, sha256, trunc, u8, u32, u64 } from './bytes.ts'
import { codeKeys, type Device } from './keys.ts'
import { type Code, kinds, type Request } from './request.ts'
import {
  answerSeed,
  checkFits,
  checkSymbol,
  dammDigit,
  dammFits,
  fromSymbols,
  group,
  normalise,
  toSymbols,
} from './symbols.ts'
import { type ListName, readWords } from './words.ts'

export interface Params {
  readonly dur: number
  readonly end: boolean
  readonly profile: number
  readonly slot: number
}

const payloadWidth = 45

/** Minutes by value of `dur`; 0 is the policy's default, 31 is until sign-out, the rest is reserved. */
export const minutes = [
  null,
  2,
  5,
  10,
  15,
  20,
  30,
  45,
  60,
  90,
  120,
  180,
  240,
  360,
  480,
  600,
  720,
  1440,
  2880,
  4320,
  7200,
  10080,
]
export const untilSignOut = 31
export const isReservedDuration = (dur: number): boolean => dur >= minutes.length && dur !== untilSignOut

export const packParams = (p: Params): number => (p.dur << 5) | (p.end ? 16 : 0) | (p.profile << 1) | p.slot

export function unpackParams(payload: bigint): Params {
  const p = Number(payload >> 35n)
  return { dur: p >> 5, end: (p & 16) !== 0, profile: (p >> 1) & 7, slot: p & 1 }
}

/** The 45-bit payload that answers request `code` with `params`. */
export function answerPayload(device: Device, r: Request, code: Code, params: Params): bigint {
  const keys = codeKeys(device)
  const p = packParams(params)
  const mac = hmac(
    params.slot === 0 ? keys.rsp0 : keys.rsp1,
    enc(
      'stint/v1/rsp',
      device.tenant,
      device.deviceId,
      u32(device.epoch),
      bits(code.bits, code.width),
      u64(r.counter),
      u32(r.pol),
      r.userId,
      u8(p >> 8),
      u8(p & 255),
    ),
  )
  return (BigInt(p) << 35n) | trunc(35, mac)
}

export interface Renderings {
  readonly text: string
  readonly digits: string
  /** Positions in the list of 2048 words. */
  readonly words: number[]
}

export function render(payload: bigint, code: Code): Renderings {
  const seed = answerSeed(code.bits, code.width)
  const symbols = toSymbols(payload, payloadWidth)
  const digits = payload.toString().padStart(14, '0')
  const spoken = (payload << 10n) | wordsCheck(payload, code)
  return {
    text: group(symbols + checkSymbol(symbols, seed), 5),
    digits: group(digits + dammDigit(digits, seed % 10), 5, ' '),
    words: [44n, 33n, 22n, 11n, 0n].map((shift) => Number((spoken >> shift) & 2047n)),
  }
}

function wordsCheck(payload: bigint, code: Code): bigint {
  return trunc(10, sha256(enc('stint/v1/w10', bits(code.bits, code.width), bits(payload, payloadWidth))))
}

/** `reserved` marks the one `format` that has the shape of an answer. */
export type ParsedAnswer =
  | { readonly payload: bigint }
  | { readonly result: 'format' | 'typo'; readonly reserved?: true }

/** Typed response in any of the three renderings, for the open request `code`. */
export function parseResponse(typed: string, code: Code, list: ListName = 'english'): ParsedAnswer {
  const seed = answerSeed(code.bits, code.width)
  const words = readWords(typed, list)
  if (words !== null) {
    const spoken = words.reduce((value, word) => (value << 11n) | BigInt(word), 0n)
    return accept(spoken >> 10n, wordsCheck(spoken >> 10n, code) === (spoken & 1023n))
  }
  const symbols = normalise(typed)
  if (symbols?.length === 10) return accept(fromSymbols(symbols.slice(0, 9)), checkFits(symbols, seed))
  if (symbols === null || !/^[0-9]{15}$/.test(symbols)) return { result: 'format' }
  const payload = BigInt(symbols.slice(0, 14))
  return accept(payload, dammFits(symbols, seed % 10) && payload >> 45n === 0n)
}

function accept(payload: bigint, fits: boolean): ParsedAnswer {
  if (!fits) return { result: 'typo' }
  return isReservedDuration(unpackParams(payload).dur) ? { result: 'format', reserved: true } : { payload }
}

/** The answer to a recovery or maintenance request: 75 bits and a check symbol, groups of four. */
export function recoveryText(device: Device, r: Request, code: Code): string {
  const label = r.kind === kinds.maintenance ? 'stint/v1/mnt' : 'stint/v1/rec'
  const tag = trunc(
    75,
    hmac(
      codeKeys(device).rec,
      enc(
        label,
        device.tenant,
        device.deviceId,
        u32(device.epoch),
        bits(code.bits, 75),
        u64(r.counter),
        u32(r.pol),
        r.userId,
      ),
    ),
  )
  const symbols = toSymbols(tag, 75)
  return group(symbols + checkSymbol(symbols, answerSeed(code.bits, 75)), 4)
}
