/** One symbol of a code with the word to say for it: `spell` of @stint/code gives them. */
export interface Spelled {
  readonly symbol: string
  readonly word: string
}

/** Spells a code's text; group separators are left out. `spell` of @stint/code is one. */
export type Spell = (text: string) => readonly Spelled[]

/** What an input box understood so far. `echoTyping` of @stint/code gives it, told which lengths are taken. */
export interface Echo {
  readonly form: string
  readonly length: 'empty' | 'short' | 'complete' | 'long'
  readonly missing: number
  /** Both undefined where a character belongs to no code. */
  readonly symbols: readonly { readonly symbol?: string; readonly word?: string }[]
}

/** The groups of a code's text, spelled. */
export function spelledGroups(text: string, spell: Spell): readonly (readonly Spelled[])[] {
  return text
    .split(/[\s-]+/)
    .filter(Boolean)
    .map((group) => spell(group))
}

/** What a screen reader says: every symbol by its word, groups apart. */
export function spokenCode(text: string, spell: Spell): string {
  return spelledGroups(text, spell)
    .map((group) => group.map(({ word }) => word).join(', '))
    .join('; ')
}
