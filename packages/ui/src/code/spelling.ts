/** The word to say for every symbol of a code (ICAO alphabet; digits as they are said on the radio in English). */
const spellingWords: Readonly<Record<string, string>> = {
  0: 'Zero',
  1: 'One',
  2: 'Two',
  3: 'Three',
  4: 'Four',
  5: 'Five',
  6: 'Six',
  7: 'Seven',
  8: 'Eight',
  9: 'Nine',
  A: 'Alfa',
  B: 'Bravo',
  C: 'Charlie',
  D: 'Delta',
  E: 'Echo',
  F: 'Foxtrot',
  G: 'Golf',
  H: 'Hotel',
  J: 'Juliett',
  K: 'Kilo',
  M: 'Mike',
  N: 'November',
  P: 'Papa',
  Q: 'Quebec',
  R: 'Romeo',
  S: 'Sierra',
  T: 'Tango',
  V: 'Victor',
  W: 'Whiskey',
  X: 'X-ray',
  Y: 'Yankee',
  Z: 'Zulu',
}

/** The spelling word of one symbol; empty for what is no symbol. */
export function spell(symbol: string): string {
  return spellingWords[symbol] ?? ''
}

/** `K7PD2-9QMXA` to its groups of symbols. */
export function codeGroups(text: string): readonly (readonly string[])[] {
  return text
    .split(/[\s-]+/)
    .filter(Boolean)
    .map((group) => Array.from(group))
}

/** What a screen reader says: every symbol by its word, groups apart. */
export function spokenCode(text: string): string {
  return codeGroups(text)
    .map((group) => group.map((symbol) => spell(symbol) || symbol).join(', '))
    .join('; ')
}
