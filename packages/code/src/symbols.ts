import { CodeError } from './errors.ts'

/** The 32 symbols of every spoken code, in value order: Crockford's, no I L O U (protocol 5.1). */
export const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** Longest typed text that is looked at, in code points. Nothing is done with a longer one. */
export const TYPED_TEXT_MAX = 256

const VALUE = new Map(Array.from(ALPHABET, (symbol, value) => [symbol, value]))

/** What may stand between symbols or words: spaces, format characters, dashes, dots and `. , : / _`. */
const SEPARATOR = /^[\s\p{Zs}\p{Cf}\p{Pd}\u0085\u2212\u00B7\u2022\u2027\u30FB.,:/_]$/u
const DECIMAL_DIGIT = /^\p{Nd}$/u

/** Capitals that look like a symbol, or stand on its key: Latin, Cyrillic, Greek (spec/symbols.md). */
const ALIASES: Readonly<Record<string, string>> = {
  '0': 'O\u041E\u039F',
  '1': 'IL\u0406\u04C0\u0399',
  A: '\u0410\u0391',
  B: '\u0412\u0392',
  C: '\u0421\u03F9',
  E: '\u0415\u0395',
  H: '\u041D\u0397',
  J: '\u0408\u037F',
  K: '\u041A\u039A',
  M: '\u041C\u039C',
  N: '\u039D',
  P: '\u0420\u03A1',
  Q: '\u051A',
  S: '\u0405',
  T: '\u0422\u03A4',
  V: 'U\u0474',
  W: '\u051C',
  X: '\u0425\u03A7',
  Y: '\u0423\u04AE\u03A5',
  Z: '\u0396',
}
const SYMBOL_OF = new Map(
  Object.entries(ALIASES).flatMap(([symbol, aliases]) =>
    Array.from(aliases, (alias) => [alias, symbol] as const),
  ),
)

export function isSeparator(character: string): boolean {
  return SEPARATOR.test(character)
}

/** Whether typed text is well-formed and within TYPED_TEXT_MAX; constant time for text far above it. */
export function isTypedLength(typed: string): boolean {
  if (typed.length > 2 * TYPED_TEXT_MAX || !typed.isWellFormed()) return false
  return typed.length <= TYPED_TEXT_MAX || Array.from(typed).length <= TYPED_TEXT_MAX
}

/** Value of a decimal digit of any script. Unicode stores them in runs of ten that begin with zero. */
function digitValue(digit: string): number {
  const own = digit.codePointAt(0) ?? 0
  let first = own
  while (first > 0 && DECIMAL_DIGIT.test(String.fromCodePoint(first - 1))) first -= 1
  return (own - first) % 10
}

function foldSymbol(character: string): string | undefined {
  if (DECIMAL_DIGIT.test(character)) return String(digitValue(character))
  const symbol = SYMBOL_OF.get(character) ?? character
  return VALUE.has(symbol) ? symbol : undefined
}

/**
 * Documented normalisation of typed text (spec/symbols.md): refuse what is ill-formed or too long; NFKC; upper
 * case; drop separators; fold decimal digits and aliases. Gives one entry per remaining character, `undefined`
 * where it is no symbol; or `undefined` for text that is refused whole.
 */
export function foldTyped(typed: string): (string | undefined)[] | undefined {
  if (!isTypedLength(typed)) return undefined
  const characters = Array.from(typed.normalize('NFKC').toUpperCase())
  return characters.filter((character) => !isSeparator(character)).map(foldSymbol)
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
