import { wordlist as english } from '@scure/bip39/wordlists/english.js'
import { wordlist as french } from '@scure/bip39/wordlists/french.js'
import { wordlist as italian } from '@scure/bip39/wordlists/italian.js'
import { wordlist as spanish } from '@scure/bip39/wordlists/spanish.js'

/** BIP 39 lists of 2 048 words, 11 bits each, by language tag, in the order in which they are tried. */
export const WORD_LANGUAGES = ['en', 'es', 'fr', 'it'] as const
export type WordLanguage = (typeof WORD_LANGUAGES)[number]

const LISTS: Record<WordLanguage, readonly string[]> = { en: english, es: spanish, fr: french, it: italian }
const STEM = 4
const stems = new Map<WordLanguage, Map<string, number>>()

/** Lower-case without accents: how words are compared and typed. */
function plain(word: string): string {
  return word.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
}

function stemsOf(language: WordLanguage): Map<string, number> {
  const known = stems.get(language)
  if (known) return known
  const made = new Map(LISTS[language].map((word, index) => [plain(word).slice(0, STEM), index]))
  stems.set(language, made)
  return made
}

/** The word of an index 0 … 2047, as the list writes it (NFC). */
export function wordAt(language: WordLanguage, index: number): string {
  return (LISTS[language][index] ?? '').normalize('NFC')
}

/**
 * Index of a typed word: the whole word, or at least its first four letters and nothing that the word does
 * not have; case and accents do not matter. `undefined` when the list has no such word.
 */
export function wordIndex(language: WordLanguage, typed: string): number | undefined {
  const letters = plain(typed)
  const index = stemsOf(language).get(letters.slice(0, STEM))
  if (index === undefined) return undefined
  const word = plain(wordAt(language, index))
  const abbreviated = letters.length >= STEM && word.startsWith(letters)
  return abbreviated || letters === word ? index : undefined
}

/** The typed text as words: split at white space and separators. */
export function splitWords(typed: string): string[] {
  return typed.split(/[\p{White_Space}\p{Cf}\p{Dash}.·,:;/_]+/u).filter((word) => word !== '')
}
