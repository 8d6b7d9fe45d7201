/** A piece of a text: words, or a time (`at`: milliseconds since 1970) as it was written. */
export type SpokenPart = { readonly text: string } | { readonly text: string; readonly at: number }

const time = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/

/** Splits a sentence at the RFC 3339 times in it. The texts of all parts together are the sentence. */
export function spokenTimes(sentence: string): readonly SpokenPart[] {
  return sentence
    .split(time)
    .map((text, i) =>
      i % 2 === 1 && !Number.isNaN(Date.parse(text)) ? { text, at: Date.parse(text) } : { text },
    )
    .filter(({ text }) => text !== '')
}
