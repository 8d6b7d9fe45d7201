import { CodeError } from './errors.ts'

/** The 32 symbols of every spoken code, in value order: Crockford's, no I L O U (protocol 5.1). */
export const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/**
 * Longest text that is looked at, in UTF-16 units. It is checked before anything else is done with the text,
 * so a megabyte is refused without normalising it.
 */
export const TYPED_TEXT_MAX = 256

const VALUE = new Map(Array.from(ALPHABET, (symbol, value) => [symbol, value]))

/** What may stand between symbols: white space, format characters (Cf), everything Unicode calls a dash, the
 *  Japanese long-vowel mark and hyphen bullet that stand in for one, and `. · , : / _`. */
const SEPARATOR = /[\p{White_Space}\p{Cf}\p{Dash}\u{30FC}\u{2043}.·,:/_]/u
const DECIMAL_DIGIT = /\p{Nd}/u

/** Letters that look like a symbol, or that stand on its key: folded after upper-casing. */
const LOOK_ALIKE = new Map<string, string>([
  ...pairs('OILU', '011V'),
  // Cyrillic A Ve Es Ie En I Je Ka Em O Er Dze Te Ha U Ue Izhitsa Qa We Komi-Sje Ze Palochka
  ...pairs('\u0410\u0412\u0421\u0415\u041D\u0406\u0408\u041A\u041C\u041E\u0420\u0405', 'ABCEH1JKM0PS'),
  ...pairs('\u0422\u0425\u0423\u04AE\u0474\u051A\u051C\u050C\u0417\u04C0', 'TXYYVQWG31'),
  // Greek Alpha Beta Epsilon Zeta Eta Iota Kappa Mu Nu Omicron Rho Tau Upsilon Chi, lunate Sigma
  ...pairs('\u0391\u0392\u0395\u0396\u0397\u0399\u039A\u039C', 'ABEZH1KM'),
  ...pairs('\u039D\u039F\u03A1\u03A4\u03A5\u03A7\u03F9', 'N0PTYXC'),
  ['\u0130', '1'], // Turkish dotted I
])

function pairs(from: string, to: string): [string, string][] {
  return Array.from(from, (letter, i): [string, string] => [letter, to.charAt(i)])
}

/** Value of a decimal digit of any script. Unicode stores them in runs of ten that begin with zero. */
function digitValue(digit: string): number {
  let before = digit.codePointAt(0) ?? 0
  let run = 0
  while (before > 0 && DECIMAL_DIGIT.test(String.fromCodePoint(before - 1))) {
    before -= 1
    run += 1
  }
  return run % 10
}

function foldSymbol(character: string): string | undefined {
  const upper = character.toUpperCase()
  const symbol = LOOK_ALIKE.get(upper) ?? upper
  if (VALUE.has(symbol)) return symbol
  return DECIMAL_DIGIT.test(character) ? String(digitValue(character)) : undefined
}

/**
 * Documented normalisation of typed text: refuse above TYPED_TEXT_MAX units; NFKC; upper-case; fold O to 0, I
 * and L to 1, U to V, look-alike Cyrillic and Greek capitals, and decimal digits of every script; drop
 * separators. Gives one entry per remaining character, `undefined` where it is no symbol, or `undefined` for
 * text that is too long.
 */
export function foldTyped(typed: string): (string | undefined)[] | undefined {
  if (typed.length > TYPED_TEXT_MAX) return undefined
  const folded: (string | undefined)[] = []
  for (const character of typed.normalize('NFKC')) {
    if (!SEPARATOR.test(character)) folded.push(foldSymbol(character))
  }
  return folded
}

/** `foldTyped` as one string of ALPHABET symbols. Throws `format` for anything that is no symbol. */
export function normaliseTyped(typed: string): string {
  const folded = foldTyped(typed)
  if (folded === undefined) throw new CodeError('format', 'This is far too long to be a code.')
  if (folded.includes(undefined)) throw new CodeError('format', 'This holds a character that no code has.')
  return folded.join('')
}

/** Values 0 … 31 of a text of ALPHABET symbols. Throws `format`. */
export function symbolValues(symbols: string): number[] {
  return Array.from(symbols, (symbol) => {
    const value = VALUE.get(symbol)
    if (value === undefined) throw new CodeError('format', 'This holds a character that no code has.')
    return value
  })
}

/** The symbol of a value 0 … 31. Throws `argument`. */
export function symbolOf(value: number): string {
  const symbol = ALPHABET[value]
  if (symbol === undefined) throw new CodeError('argument', 'a symbol value is an integer from 0 to 31')
  return symbol
}

/** `width / 5` symbol values of an integer, most significant first. */
export function toSymbols(value: bigint, width: number): number[] {
  return Array.from({ length: width / 5 }, (_, i) => Number((value >> BigInt(width - 5 * (i + 1))) & 31n))
}

/** Inverse of `toSymbols`. */
export function fromSymbols(values: readonly number[]): bigint {
  return values.reduce((sum, value) => (sum << 5n) | BigInt(value), 0n)
}

/** `ABCDE-FGHJK`: groups of `size` joined by `separator`. */
export function grouped(symbols: string, size: number, separator = '-'): string {
  const groups: string[] = []
  for (let i = 0; i < symbols.length; i += size) groups.push(symbols.slice(i, i + size))
  return groups.join(separator)
}

/** Symbol values as grouped text. */
export function symbolText(values: readonly number[], size: number): string {
  return grouped(values.map(symbolOf).join(''), size)
}
