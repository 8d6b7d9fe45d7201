import { ALPHABET, echoTyping, REQUEST_LENGTHS, type TypingEcho } from '@stint/code'

/** Symbols that name the computer: the first group. */
const PREFIX = 5
const APPLICATION_KIND = 1

export function echoRequest(typed: string): TypingEcho {
  return echoTyping(typed, REQUEST_LENGTHS)
}

/** What was typed, folded to the symbols of a code; unreadable characters are left out. */
export function foldedSymbols(typed: string): string {
  return echoRequest(typed)
    .symbols.map(({ symbol }) => symbol ?? '')
    .join('')
}

/** The first group, once all of it is there. */
export function devicePrefix(typed: string): string | null {
  const { form } = echoRequest(typed)
  const symbols = foldedSymbols(typed)
  return form === 'symbols' && symbols.length >= PREFIX ? symbols.slice(0, PREFIX) : null
}

/** Groups of the code that is being typed: the kind, bits 2 and 3 of the first symbol, decides (protocol 5.2). */
export function requestGroups(typed: string): readonly number[] {
  const first = ALPHABET.indexOf(foldedSymbols(typed).slice(0, 1))
  const isApplication = first > 0 && ((first >> 2) & 3) === APPLICATION_KIND
  return isApplication ? [5, 5, 5, 5] : [5, 5, 5]
}

/** The whole code to resolve, or null while something is missing. */
export function completeCode(typed: string): string | null {
  const { form, length } = echoRequest(typed)
  if (length !== 'complete') return null
  const symbols = foldedSymbols(typed)
  const wanted = requestGroups(typed).length * PREFIX
  return form === 'digits' || symbols.length === wanted ? symbols : null
}
