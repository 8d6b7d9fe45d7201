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
import { dropped } from './symbols.ts'

export type ListName = keyof typeof wordLists

/** The ten BIP-39 lists under the names they have there. */
export const wordLists = {
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

const latin: readonly string[] = ['english', 'spanish', 'french', 'italian', 'czech', 'portuguese']

/** How a list's words are compared: NFKD, lower case, without accents for Latin lists. */
export function plainWord(value: string, list: ListName): string {
  const plain = value.normalize('NFKD').toLowerCase()
  return latin.includes(list) ? plain.replace(/\p{Mn}/gu, '') : plain
}

/** Five positions when `typed` is five words of `list`, else null. */
export function readWords(typed: string, list: ListName): number[] | null {
  if (!typed.isWellFormed() || [...typed].length > 256) return null
  const plain = [...plainWord(typed, list)].map((c) => (dropped.test(c) ? ' ' : c)).join('')
  const tokens = list.startsWith('chinese')
    ? [...plain.replaceAll(' ', '')]
    : plain.split(' ').filter((t) => t !== '')
  if (tokens.length !== 5) return null
  const known = wordLists[list].map((word) => plainWord(word, list))
  const found = tokens.map((token) => {
    const whole = known.indexOf(token)
    const beginning = latin.includes(list) && token.length >= 4
    return whole >= 0 || !beginning ? whole : known.findIndex((word) => word.startsWith(token))
  })
  return found.includes(-1) ? null : found
}
