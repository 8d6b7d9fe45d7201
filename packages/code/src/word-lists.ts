import { wordlist as czech } from '@scure/bip39/wordlists/czech.js'
import { wordlist as english } from '@scure/bip39/wordlists/english.js'
import { wordlist as french } from '@scure/bip39/wordlists/french.js'
import { wordlist as italian } from '@scure/bip39/wordlists/italian.js'
import { wordlist as japanese } from '@scure/bip39/wordlists/japanese.js'
import { wordlist as korean } from '@scure/bip39/wordlists/korean.js'
import { wordlist as portuguese } from '@scure/bip39/wordlists/portuguese.js'
import { wordlist as chineseSimplified } from '@scure/bip39/wordlists/simplified-chinese.js'
import { wordlist as spanish } from '@scure/bip39/wordlists/spanish.js'
import { wordlist as chineseTraditional } from '@scure/bip39/wordlists/traditional-chinese.js'
import { isSeparator, isTypedLength } from './symbols.ts'

/** The BIP 39 lists of 2 048 words, 11 bits each (spec/symbols.md, "Words"). Latin ones first. */
export const WORD_LISTS = [
  'english',
  'spanish',
  'french',
  'italian',
  'czech',
  'portuguese',
  'japanese',
  'korean',
  'chinese_simplified',
  'chinese_traditional',
] as const
export type WordList = (typeof WORD_LISTS)[number]

const WORDS: Record<WordList, readonly string[]> = {
  english,
  spanish,
  french,
  italian,
  czech,
  portuguese,
  japanese,
  korean,
  chinese_simplified: chineseSimplified,
  chinese_traditional: chineseTraditional,
}

const STEM = 4

interface Index {
  readonly latin: boolean
  /** comparable form → position */
  readonly whole: ReadonlyMap<string, number>
  /** first four letters → comparable form; empty unless latin */
  readonly stems: ReadonlyMap<string, string>
}

const indexes = new Map<WordList, Index>()

function isLatin(list: WordList): boolean {
  return WORD_LISTS.indexOf(list) < 6
}

/** The form in which words are compared: NFKD and lower case, for Latin lists without accents. */
function comparable(text: string, list: WordList): string {
  const lower = text.normalize('NFKD').toLowerCase()
  return isLatin(list) ? lower.replace(/\p{Mn}/gu, '') : lower
}

function indexOf(list: WordList): Index {
  const known = indexes.get(list)
  if (known) return known
  const latin = isLatin(list)
  const whole = new Map(WORDS[list].map((word, position) => [comparable(word, list), position]))
  const stems = new Map(latin ? Array.from(whole.keys(), (word) => [word.slice(0, STEM), word]) : [])
  const index = { latin, whole, stems }
  indexes.set(list, index)
  return index
}

/** The word at position 0 … 2047, in NFC. */
export function wordAt(list: WordList, position: number): string {
  return (WORDS[list][position] ?? '').normalize('NFC')
}

/** Typed text as comparable words: split at separators, in Chinese after every character. */
export function splitWords(typed: string, list: WordList): string[] {
  const words: string[] = []
  const everyCharacter = list === 'chinese_simplified' || list === 'chinese_traditional'
  let open = false
  for (const character of comparable(typed, list)) {
    if (isSeparator(character)) {
      open = false
      continue
    }
    if (open && !everyCharacter) words.push((words.pop() ?? '') + character)
    else words.push(character)
    open = true
  }
  return words
}

/**
 * Position of a comparable word: a whole word, or in Latin lists the beginning of one with at least four
 * letters. `undefined` when the list has no such word.
 */
export function wordPosition(list: WordList, word: string): number | undefined {
  const { whole, stems } = indexOf(list)
  const position = whole.get(word)
  if (position !== undefined || word.length < STEM) return position
  const full = stems.get(word.slice(0, STEM))
  return full?.startsWith(word) ? whole.get(full) : undefined
}

/** Positions of `count` typed words, or `undefined` when the text is not exactly that. */
export function typedPositions(typed: string, list: WordList, count: number): number[] | undefined {
  if (!isTypedLength(typed)) return undefined
  const words = splitWords(typed, list)
  if (words.length !== count) return undefined
  const positions = words.map((word) => wordPosition(list, word)).filter((position) => position !== undefined)
  return positions.length === count ? positions : undefined
}
