/** A small seeded generator (mulberry32), so that a failing run can be repeated from its seed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Characters that decoders treat in a way of their own, or should not. */
const STRANGE = [
  ...'0123456789ABCDEFGHJKMNPQRSTVWXYZ',
  ...'oiluOILU-._ :/,!*~$="{}[]\\',
  ...'\u0000\t\r\n\u00a0\u00ad\u0130\u0131\u00df\u0301\u0391\u0410\u0417\u0661\u1d7d8\u200b\u200d\u2013\u202e\u2212',
  ...'\u3000\u30fb\ufb01\ufdfa\ufeff\uff10\uff21\uffff',
  '\ud800',
  '\udc00',
  '\u{1d7d8}',
  '\u{1f600}',
  'eyJ',
  '.',
]

/** One to four small changes to one of `corpus`, sometimes spliced with another of them. */
export function mutate(corpus: readonly string[], random: () => number): string {
  const below = (limit: number) => Math.floor(random() * limit)
  const pick = (list: readonly string[]) => list[below(list.length)] ?? ''
  let text = pick(corpus)
  for (let change = below(5); change > 0; change--) {
    const at = below(text.length + 1)
    const [before, after] = [text.slice(0, at), text.slice(at)]
    const changes = [
      () => before + pick(STRANGE) + after.slice(1),
      () => before + pick(STRANGE) + after,
      () => before + after.slice(1 + below(3)),
      () => before + after.charAt(1) + after.charAt(0) + after.slice(2),
      () => before + pick(corpus).slice(below(20)),
      () => before + before.slice(-1 - below(8)) + after,
      () => before.toLowerCase() + after.toUpperCase(),
      () => before + pick(STRANGE).repeat(below(400)) + after,
    ]
    text = changes[below(changes.length)]?.() ?? text
  }
  return text
}
