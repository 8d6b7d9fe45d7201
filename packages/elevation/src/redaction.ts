/**
 * Secrets on command lines. A pattern is one word, or two words with one blank between them. `*` is any run of
 * characters, also none; `{secret}` is what must not be written down, at least one character.
 */
import { commandWords, isCommandLine } from './command-words.ts'

const secretMark = '{secret}'
const instead = '[redacted]'
/** Command lines within command lines; each needs quotes of its own, so deeper ones exist only on purpose. */
const deepest = 8
/** What follows `sh -c` is a command line and never one word: `A_TOKEN=x program` has its secret in the first word. */
const shellOption = /^-[a-z]*c$/

export interface Redacted {
  readonly args: readonly string[]
  /** How many secrets were taken out. */
  readonly redacted: number
}

/** Patterns made ready; see `redactionOf`. */
export interface Redaction {
  /**
   * The arguments with `[redacted]` in place of every secret that a pattern finds: in one argument, in one and the
   * next, and in the words of an argument that is a command line itself. In doubt it takes too much: where a pattern
   * fits in several ways the longest secret goes, and an argument that begins with `A_TOKEN=` is one word with a long
   * secret unless it follows a shell's `-c`.
   */
  redactArgs(args: readonly string[]): Redacted
}

/** One word of a pattern, around its secret; without one, `after` is null and the word only has to fit. */
interface WordPattern {
  /** What stands between the stars, in order. */
  readonly before: readonly string[]
  readonly after: readonly string[] | null
  /** The longest of all these texts: a word without it cannot fit, and that is quick to see. */
  readonly needed: string
}

type Pattern = readonly [WordPattern] | readonly [WordPattern, WordPattern]

/** Half-open, in UTF-16 units. */
interface Range {
  readonly from: number
  readonly to: number
}

/** Why this is no pattern, for the person who wrote it; null if it is one. */
export function patternMistake(pattern: string): string | null {
  const marks = pattern.split(secretMark).length - 1
  if (marks === 0) return `Write ${secretMark} where the secret stands.`
  if (marks > 1) return `Write ${secretMark} only once.`
  const words = pattern.split(' ')
  if (words.length > 2 || words.includes(''))
    return 'Write one word, or two words with one blank between them.'
  return null
}

/** @throws TypeError for what `patternMistake` finds a mistake in */
export function redactionOf(patterns: readonly string[]): Redaction {
  const compiled = patterns.map(compile)
  return {
    redactArgs: (args) => {
      const found = secretsIn(compiled, args, new Set(), 0)
      const parts = args.map((arg, at) => replaced(arg, found.get(at) ?? []))
      return {
        args: parts.map(({ text }) => text),
        redacted: parts.reduce((sum, { count }) => sum + count, 0),
      }
    },
  }
}

function compile(pattern: string): Pattern {
  const mistake = patternMistake(pattern)
  if (mistake !== null) throw new TypeError(`not a pattern: ${mistake}`)
  const [first = '', second] = pattern.split(' ')
  return second === undefined ? [wordPattern(first)] : [wordPattern(first), wordPattern(second)]
}

function wordPattern(word: string): WordPattern {
  const [before = [], after = null] = word.split(secretMark).map((side) => side.split('*'))
  const texts = [...before, ...(after ?? [])]
  const needed = texts.reduce((longest, text) => (text.length > longest.length ? text : longest), '')
  return { before, after, needed }
}

/** By the number of the word. `breaks` are words that do not belong to the one before. */
function secretsIn(
  all: readonly Pattern[],
  words: readonly string[],
  breaks: ReadonlySet<number>,
  depth: number,
): ReadonlyMap<number, readonly Range[]> {
  const found = new Map<number, readonly Range[]>()
  const add = (at: number, ranges: readonly Range[]): void => {
    if (ranges.length > 0) found.set(at, [...(found.get(at) ?? []), ...ranges])
  }
  const text = words.join('\n')
  const patterns = all.filter((pattern) => pattern.every(({ needed }) => text.includes(needed)))
  for (const [at, word] of words.entries()) {
    const isLine = depth < deepest && isCommandLine(word)
    // All patterns again: without its quotes a word may hold what it does not hold with them.
    if (isLine) add(at, nested(all, word, depth))
    if (isLine && shellOption.test(words[at - 1] ?? '')) continue
    const next = breaks.has(at + 1) ? undefined : words[at + 1]
    for (const pattern of patterns) findIn(pattern, word, next, (offset, range) => add(at + offset, [range]))
  }
  return found
}

function findIn(
  [first, second]: Pattern,
  word: string,
  next: string | undefined,
  add: (offset: number, range: Range) => void,
): void {
  if (second === undefined) {
    const range = secretOf(first, word)
    if (range) add(0, range)
    return
  }
  if (next === undefined || !word.includes(first.needed)) return
  const [here, there] = [fitOf(first, word), fitOf(second, next)]
  if (here === null || there === null) return
  if (here !== 'no secret') add(0, here)
  if (there !== 'no secret') add(1, there)
}

/** Secrets of a command line, in its own positions. */
function nested(patterns: readonly Pattern[], text: string, depth: number): readonly Range[] {
  const words = commandWords(text)
  const breaks = new Set([...words.entries()].filter(([, { isFirst }]) => isFirst).map(([at]) => at))
  const texts = words.map((word) => word.text)
  const found: Range[] = []
  for (const [at, ranges] of secretsIn(patterns, texts, breaks, depth + 1)) {
    const positions = words[at]?.positions ?? []
    for (const { from, to } of ranges)
      found.push({ from: positions[from] ?? 0, to: (positions[to - 1] ?? text.length) + 1 })
  }
  return found
}

function fitOf(pattern: WordPattern, word: string): Range | 'no secret' | null {
  if (pattern.after !== null) return secretOf(pattern, word)
  return fits(pattern.before, word) ? 'no secret' : null
}

/**
 * The longest secret for which the pattern fits: it begins where the text before it ends first, and ends where the
 * text after it begins last. A blank before the secret says that this is a command line and not one word.
 */
function secretOf({ before, after, needed }: WordPattern, word: string): Range | null {
  if (after === null || !word.includes(needed)) return null
  const from = firstEnd(before, word)
  if (from === null) return null
  const to = lastStart(after, word)
  if (to === null || to <= from || /\s/.test(word.slice(0, from))) return null
  return { from, to }
}

/** Where a text that begins the word and consists of these pieces can end first. */
function firstEnd([first = '', ...others]: readonly string[], word: string): number | null {
  if (!word.startsWith(first)) return null
  let end = first.length
  for (const piece of others) {
    const at = word.indexOf(piece, end)
    if (at < 0) return null
    end = at + piece.length
  }
  return end
}

/** Where a text that ends the word and consists of these pieces can begin last. */
function lastStart(pieces: readonly string[], word: string): number | null {
  const last = pieces.at(-1) ?? ''
  if (!word.endsWith(last)) return null
  let start = word.length - last.length
  for (const piece of pieces.slice(0, -1).reverse()) {
    const at = start < piece.length ? -1 : word.lastIndexOf(piece, start - piece.length)
    if (at < 0) return null
    start = at
  }
  return start
}

/** Whether the whole word consists of these pieces, with anything between them. */
function fits(pieces: readonly string[], word: string): boolean {
  if (pieces.length === 1) return word === pieces[0]
  const end = firstEnd(pieces.slice(0, -1), word)
  const last = pieces.at(-1) ?? ''
  return end !== null && word.length - last.length >= end && word.endsWith(last)
}

function replaced(text: string, ranges: readonly Range[]): { readonly text: string; readonly count: number } {
  let written = ''
  let done = 0
  let count = 0
  for (const { from, to } of [...ranges].sort((a, b) => a.from - b.from)) {
    if (from >= done) {
      written += text.slice(done, from) + instead
      count += 1
    }
    done = Math.max(done, to)
  }
  return { text: written + text.slice(done), count }
}
