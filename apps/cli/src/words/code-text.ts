import { ANSWER_LENGTHS, echoTyping, spell, type TypingEcho } from '@stint/code'
import { plain, type Terminal } from '../terminal.ts'

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1)

/** `Two November Kilo Six Yankee` of one group of a code. */
export function groupWords(group: string): string {
  return spell(group)
    .map(({ word }) => capital(word))
    .join('  ')
}

/** A request code to be read aloud: the whole once, then group by group with the word for every symbol. */
export function requestCodeLines(requestCode: string, { style }: Pick<Terminal, 'style'>): readonly string[] {
  const groups = requestCode.split('-')
  const spaced = (group: string) => Array.from(group).join(' ')
  return [
    `    ${style(['bold', 'cyan'], groups.map(spaced).join('   -   '))}`,
    '',
    ...groups.map((group) => `    ${style('bold', group)}   ${style('dim', groupWords(group))}`),
  ]
}

/** What was understood of a typed answer, so that the person can compare it with what was read to him. */
export function echoText(typed: string): string {
  const echo = echoTyping(typed, ANSWER_LENGTHS)
  if (echo.form === 'words') return `understood: ${plain(typed)}`
  if (echo.form === 'token') return 'understood: a whole answer token'
  const groups: string[] = []
  echo.symbols.forEach(({ symbol = '?' }, at) => {
    if (at % 5 === 0) groups.push('')
    groups[groups.length - 1] += symbol
  })
  const words = echo.symbols.flatMap(({ word }) => (word === undefined ? [] : [capital(word)]))
  return `understood: ${groups.join('-')}${echo.form === 'symbols' ? `   ${words.join(' ')}` : ''}`
}

/** Why a typed answer cannot be sent yet; null when its length is right. Never says which symbol is wrong. */
export function lengthProblem({ form, length, missing }: TypingEcho): string | null {
  if (length === 'empty') return 'Nothing was typed.'
  if (form === 'unreadable') return 'There is a character in it that no code has.'
  if (length === 'short') return `${missing} more ${form === 'words' ? 'words' : form} to go.`
  if (length === 'long') return 'That is longer than a code.'
  return null
}
