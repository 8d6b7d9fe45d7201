import { RESPONSE_WORDS } from './response-forms.ts'
import { spellingWord } from './spelling.ts'
import { foldTyped } from './symbols.ts'
import { splitWords, type WordList, wordPosition } from './word-lists.ts'

/** One character of an input box as it was understood; both undefined where it belongs to no code. */
export interface EchoedSymbol {
  readonly symbol?: string
  readonly word?: string
}

/**
 * What an input box shows while somebody types: what was understood and how much is missing. Never whether, or
 * where, a symbol is wrong: that would be a guess for free.
 */
export interface TypingEcho {
  readonly form: 'empty' | 'symbols' | 'digits' | 'words' | 'token' | 'unreadable'
  readonly length: 'empty' | 'short' | 'complete' | 'long'
  /** symbols, digits or words still missing for the next complete length; 0 when complete or too long */
  readonly missing: number
  /** for forms symbols, digits and unreadable; empty otherwise */
  readonly symbols: readonly EchoedSymbol[]
}

/** What a box takes: complete lengths, and whether words and tokens are taken too. */
export interface ExpectedAnswer {
  readonly symbols: readonly number[]
  readonly digits: readonly number[]
  readonly words?: WordList
  readonly token?: boolean
}

export const REQUEST_LENGTHS: ExpectedAnswer = { symbols: [15, 20], digits: [24, 32] }

/** Lengths of an endpoint's one box for answers. */
export function answerLengths(words: WordList = 'english'): ExpectedAnswer {
  return { symbols: [10, 16], digits: [15], words, token: true }
}

/** answerLengths of an endpoint whose policy names no other word list. */
export const ANSWER_LENGTHS: ExpectedAnswer = answerLengths()

const TOKEN_START = /^\s*eyJ[A-Za-z0-9_-]{20}/

/** Live recognition for a box that takes `expected`. Never throws. */
export function echoTyping(typed: string, expected: ExpectedAnswer): TypingEcho {
  if (expected.token && TOKEN_START.test(typed)) {
    const parts = typed.split('.', 4).length
    return {
      form: 'token',
      length: parts === 3 ? 'complete' : parts < 3 ? 'short' : 'long',
      missing: 0,
      symbols: [],
    }
  }
  const folded = foldTyped(typed)
  if (!folded) return { form: 'unreadable', length: 'long', missing: 0, symbols: [] }
  if (expected.words) {
    const count = wordCount(typed, expected.words)
    if (count > 0) return { form: 'words', ...lengthState(count, [RESPONSE_WORDS]), symbols: [] }
  }
  return echoSymbols(folded, expected)
}

function echoSymbols(folded: readonly (string | undefined)[], expected: ExpectedAnswer): TypingEcho {
  const symbols = folded.map((symbol) => (symbol === undefined ? {} : { symbol, word: spellingWord(symbol) }))
  if (folded.length === 0) return { form: 'empty', ...lengthState(0, expected.symbols), symbols }
  if (folded.includes(undefined)) {
    return { form: 'unreadable', ...lengthState(folded.length, expected.symbols), symbols }
  }
  const decimal = folded.every((symbol) => symbol !== undefined && symbol <= '9')
  const form = decimal && !expected.symbols.includes(folded.length) ? 'digits' : 'symbols'
  return { form, ...lengthState(folded.length, expected[form]), symbols }
}

/** How many words stand there, if all but the last, which may be unfinished, are of the list; else 0. */
function wordCount(typed: string, list: WordList): number {
  const words = splitWords(typed, list)
  const finished = words.slice(0, -1)
  if (!finished.every((word) => wordPosition(list, word) !== undefined)) return 0
  const last = words.at(-1)
  const known = last !== undefined && wordPosition(list, last) !== undefined
  return known || finished.length > 0 ? words.length : 0
}

function lengthState(count: number, complete: readonly number[]): Pick<TypingEcho, 'length' | 'missing'> {
  if (complete.includes(count)) return { length: 'complete', missing: 0 }
  const next = complete.find((length) => length > count)
  if (next === undefined) return { length: 'long', missing: 0 }
  return { length: count === 0 ? 'empty' : 'short', missing: next - count }
}
