import { bits, enc, hmac, trunc, u32, u64 } from './bytes.ts'
import { codeKeys, type Device } from './keys.ts'
import { dammDigit, dammFits, fromSymbols, group, normalise, toSymbols } from './symbols.ts'

export const kinds = { session: 0, application: 1, recovery: 2, maintenance: 3 } as const

export interface Request {
  readonly kind: number
  readonly userSlot: number
  readonly userId: string
  readonly counter: bigint
  readonly nonce: number
  readonly pol: number
  /** SHA-256 of the application's description; kind 1 only. */
  readonly appDigest?: Uint8Array
}

export interface Code {
  readonly bits: bigint
  readonly width: 75 | 100
}

/** What a request code says by itself, before any key is used. */
export interface Fields {
  readonly kind: number
  readonly dev: number
  readonly epochLow: number
  readonly userSlot: number
  readonly ctrLow: number
  readonly nonce: number
  readonly tag: bigint
  readonly app: bigint | null
}

function headOf(device: Device, r: Request): bigint {
  const fields: [number | bigint, bigint][] = [
    [0, 1n],
    [r.kind, 2n],
    [device.devNo, 22n],
    [device.epoch % 4, 2n],
    [r.userSlot, 4n],
    [r.counter % 32n, 5n],
    [r.nonce, 19n],
  ]
  return fields.reduce((head, [value, width]) => (head << width) | BigInt(value), 0n)
}

/**
 * The request code of `r` on `device`. An application tag comes from `r.appDigest`, or ready-made as
 * `app` when the program is not known.
 */
export function encodeRequest(device: Device, r: Request, app: bigint | null = appTag(device, r)): Code {
  const head = headOf(device, r)
  const tag = trunc(
    20,
    hmac(
      codeKeys(device).req,
      enc(
        'stint/v1/req',
        device.tenant,
        device.deviceId,
        u32(device.epoch),
        bits(head, 55),
        u64(r.counter),
        u32(r.pol),
        r.userId,
        app === null ? new Uint8Array() : bits(app, 25),
      ),
    ),
  )
  const session = (head << 20n) | tag
  return app === null ? { bits: session, width: 75 } : { bits: (session << 25n) | app, width: 100 }
}

/** 25 bits that name the program of this one request, or null when it asks for none. */
function appTag(device: Device, r: Request): bigint | null {
  if (r.appDigest === undefined) return null
  const input = enc('stint/v1/app', device.deviceId, u64(r.counter), u32(r.nonce), r.appDigest)
  return trunc(25, hmac(codeKeys(device).app, input))
}

export const requestText = (code: Code): string => group(toSymbols(code.bits, code.width), 5)

/** Decimal form: 23 (31) digits and Damm's digit with start value 0, groups of four. */
export function requestDigits(code: Code): string {
  const digits = code.bits.toString().padStart(code.width === 75 ? 23 : 31, '0')
  return group(digits + dammDigit(digits, 0), 4, ' ')
}

export type Parsed = { readonly code: Code; readonly fields: Fields } | { readonly result: 'format' | 'typo' }

/** Typed request code in base32 or digits. */
export function parseRequest(typed: string): Parsed {
  const symbols = normalise(typed)
  if (symbols === null) return { result: 'format' }
  if (symbols.length === 24 || symbols.length === 32) return fromDigits(symbols)
  if (symbols.length !== 15 && symbols.length !== 20) return { result: 'format' }
  return fieldsOf({ bits: fromSymbols(symbols), width: symbols.length === 15 ? 75 : 100 })
}

function fromDigits(digits: string): Parsed {
  if (!/^[0-9]+$/.test(digits)) return { result: 'format' }
  const width = digits.length === 24 ? 75 : 100
  const value = BigInt(digits.slice(0, -1))
  if (!dammFits(digits, 0) || value >> BigInt(width) !== 0n) return { result: 'typo' }
  return fieldsOf({ bits: value, width })
}

function fieldsOf(code: Code): Parsed {
  const session = code.width === 75 ? code.bits : code.bits >> 25n
  const field = (shift: bigint, width: bigint): number => Number((session >> shift) & ((1n << width) - 1n))
  const fields: Fields = {
    kind: field(72n, 2n),
    dev: field(50n, 22n),
    epochLow: field(48n, 2n),
    userSlot: field(44n, 4n),
    ctrLow: field(39n, 5n),
    nonce: field(20n, 19n),
    tag: session & 0xfffffn,
    app: code.width === 100 ? code.bits & 0x1ffffffn : null,
  }
  const longer = field(74n, 1n) === 1
  if (longer || (fields.kind === kinds.application) !== (code.width === 100)) return { result: 'format' }
  return { code, fields }
}
