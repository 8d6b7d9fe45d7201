import { CodeError } from './errors.ts'
import { ALPHABET } from './symbols.ts'

/** ICAO spelling words of the symbols, in ALPHABET order. */
const WORDS = [
  'Zero',
  'One',
  'Two',
  'Three',
  'Four',
  'Five',
  'Six',
  'Seven',
  'Eight',
  'Nine',
  'Alfa',
  'Bravo',
  'Charlie',
  'Delta',
  'Echo',
  'Foxtrot',
  'Golf',
  'Hotel',
  'Juliett',
  'Kilo',
  'Mike',
  'November',
  'Papa',
  'Quebec',
  'Romeo',
  'Sierra',
  'Tango',
  'Victor',
  'Whiskey',
  'X-ray',
  'Yankee',
  'Zulu',
] as const

/** The word to say for a symbol of ALPHABET. Throws `argument`. */
export function spellingWord(symbol: string): string {
  const word = symbol.length === 1 ? WORDS[ALPHABET.indexOf(symbol)] : undefined
  if (word === undefined) throw new CodeError('argument', 'only symbols of a code have a spelling word')
  return word
}

/** One symbol with its word. */
export interface SpelledSymbol {
  readonly symbol: string
  readonly word: string
}

/** Symbols of a code's text with their words; group separators are left out. Throws `argument`. */
export function spell(text: string): SpelledSymbol[] {
  return Array.from(text.replace(/[- ]/g, ''), (symbol) => ({ symbol, word: spellingWord(symbol) }))
}
