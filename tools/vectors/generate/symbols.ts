import { bits, enc, sha256 } from './bytes.ts'

export const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** Capitals that stand for a symbol: Crockford's own aliases, then Cyrillic and Greek look-alikes. */
const aliases = new Map(
  Object.entries({
    O: '0',
    I: '1',
    L: '1',
    U: 'V',
    А: 'A',
    В: 'B',
    С: 'C',
    Е: 'E',
    Н: 'H',
    І: '1',
    Ј: 'J',
    К: 'K',
    М: 'M',
    О: '0',
    Р: 'P',
    Ѕ: 'S',
    Т: 'T',
    У: 'Y',
    Х: 'X',
    Ү: 'Y',
    Ӏ: '1',
    Ԛ: 'Q',
    Ԝ: 'W',
    Ѵ: 'V',
    Α: 'A',
    Β: 'B',
    Ε: 'E',
    Ζ: 'Z',
    Η: 'H',
    Ι: '1',
    Κ: 'K',
    Μ: 'M',
    Ν: 'N',
    Ο: '0',
    Ρ: 'P',
    Τ: 'T',
    Υ: 'Y',
    Χ: 'X',
    Ϲ: 'C',
    Ϳ: 'J',
  }),
)
export const aliasTable: ReadonlyMap<string, string> = aliases

/** A code point that separates and means nothing: white space, format characters, dashes, dots. */
export const dropped = /[\s\p{Cf}\p{Pd}\u0085\u2212\u00b7\u2022\u2027\u30fb.,:/_]/u

/** The longest typed text that is looked at, in code points. */
export const maxTypedLength = 256

/** Value 0..9 of a Unicode decimal digit: Nd code points come in runs of ten that start at the zero. */
function digitValue(character: string): number {
  const codePoint = character.codePointAt(0) ?? 0
  let start = codePoint
  while (/\p{Nd}/u.test(String.fromCodePoint(start - 1))) start -= 1
  return (codePoint - start) % 10
}

/** Typed text to symbols of the alphabet, or null when a character stands for none. */
export function normalise(typed: string): string | null {
  if (!typed.isWellFormed() || [...typed].length > maxTypedLength) return null
  let symbols = ''
  for (const character of typed.normalize('NFKC').toUpperCase()) {
    if (dropped.test(character)) continue
    if (/\p{Nd}/u.test(character)) symbols += digitValue(character)
    else if (aliases.has(character)) symbols += aliases.get(character)
    else if (alphabet.includes(character)) symbols += character
    else return null
  }
  return symbols
}

/** `width`/5 symbols of `value`, first symbol most significant. */
export function toSymbols(value: bigint, width: number): string {
  let out = ''
  for (let shift = width - 5; shift >= 0; shift -= 5)
    out += alphabet.charAt(Number((value >> BigInt(shift)) & 31n))
  return out
}

export function fromSymbols(symbols: string): bigint {
  let value = 0n
  for (const symbol of symbols) value = (value << 5n) | BigInt(alphabet.indexOf(symbol))
  return value
}

/** Groups of `size` characters joined by `separator`. */
export function group(symbols: string, size: number, separator = '-'): string {
  return (symbols.match(new RegExp(`.{1,${size}}`, 'g')) ?? []).join(separator)
}

const timesAlpha = (a: number): number => ((a << 1) ^ (a & 16 ? 0x25 : 0)) & 31

/** Register of the GF(32) check after all symbols of `symbols`. */
function register(symbols: string, seed: number): number {
  let a = seed
  for (const symbol of symbols) a = timesAlpha(a) ^ alphabet.indexOf(symbol)
  return a
}

export const checkSymbol = (symbols: string, seed: number): string =>
  alphabet.charAt(timesAlpha(register(symbols, seed)))

/** True when the last symbol is the check symbol of those before it. */
export const checkFits = (symbols: string, seed: number): boolean => register(symbols, seed) === 0

/** The seed of every check of an answer to the request of `width` bits `request`: 0..31. */
export function answerSeed(request: bigint, width: number): number {
  return (sha256(enc('stint/v1/chk', bits(request, width)))[0] ?? 0) >> 3
}

const damm = [
  '0317598642',
  '7092154863',
  '4206871359',
  '1750983426',
  '6123045978',
  '3674209581',
  '5869720134',
  '8945362017',
  '9438617205',
  '2581436790',
]
export const dammTable: readonly string[] = damm

/** Register of Damm's check after all decimal digits, from `start`. */
function dammRegister(digits: string, start: number): number {
  let row = start
  for (const digit of digits) row = Number(damm[row]?.charAt(Number(digit)))
  return row
}

export const dammDigit = (digits: string, start: number): string => String(dammRegister(digits, start))

export const dammFits = (digits: string, start: number): boolean => dammRegister(digits, start) === 0
