import { soundAlike } from './confusion.ts'
import { CodeError } from './errors.ts'
import { decodeRequest, type RequestCode, requestText } from './request-code.ts'
import { type KnownDevice, type ResolvedRequest, type ResolveOptions, resolveRequest } from './resolve.ts'
import { foldTyped, fromSymbols, symbolOf, symbolValues, toSymbols } from './symbols.ts'

/** Most suggestions that are offered. */
export const SUGGESTIONS_MAX = 5

/** Counters ahead of the last one that corrections try: small, because every candidate is a fresh chance. */
export const CORRECTION_WINDOW = 256

/** One reading that would be right. Shown to the approver, never taken without asking the caller. */
export interface Suggestion {
  readonly text: string
  readonly request: RequestCode
  readonly match: ResolvedRequest
  /** `sound`: a symbol that sounds alike; `swap`: two neighbours exchanged; `other`: any other one symbol */
  readonly change: 'sound' | 'swap' | 'other'
  /** position of the change in the code, 0 … 19 */
  readonly position: number
}

const RANK = { sound: 0, swap: 1, other: 2 } as const

interface Candidate {
  readonly symbols: readonly number[]
  readonly change: Suggestion['change']
  readonly position: number
}

/**
 * Readings that differ from an unresolved request code by one symbol or one exchange of neighbours and that
 * resolve to exactly one request, best first and at most five: sound-alikes, swaps, others, each by position and
 * then by the new symbol's value. Only for a server whose operator is signed in (spec/request-code.md); an
 * endpoint must never correct an answer.
 * `code` is the request code, or the typed text where that is no request code at all: a first symbol that was
 * misheard may say another version or kind. Typed digits are not corrected. `devicesOf` gives the devices with a number; it is asked for every number one slip away.
 */
export function correctRequest(
  code: RequestCode | string,
  devicesOf: (devNo: number) => readonly KnownDevice[],
  options: ResolveOptions = {},
): Suggestion[] {
  const window = { ...options, windowAhead: options.windowAhead ?? CORRECTION_WINDOW }
  const suggestions: Suggestion[] = []
  const symbols = typeof code === 'string' ? typedSymbols(code) : toSymbols(code.value, code.width)
  for (const candidate of neighbours(symbols)) {
    const read = readCandidate(candidate.symbols)
    if (!read) continue
    const resolution = resolveRequest(read, devicesOf(read.devNo), window)
    if (resolution.result !== 'match') continue
    const { change, position } = candidate
    suggestions.push({ text: requestText(read), request: read, match: resolution.match, change, position })
  }
  // neighbours() rises by position and value, and sort is stable
  suggestions.sort((a, b) => RANK[a.change] - RANK[b.change] || a.position - b.position)
  return suggestions.slice(0, SUGGESTIONS_MAX)
}

function* neighbours(symbols: readonly number[]): Generator<Candidate> {
  for (const [position, symbol] of symbols.entries()) {
    for (let other = 0; other < 32; other++) {
      if (other === symbol) continue
      const change = soundAlike(symbolOf(symbol), symbolOf(other)) ? 'sound' : 'other'
      yield { symbols: symbols.with(position, other), change, position }
    }
    const next = symbols[position + 1]
    if (next !== undefined && next !== symbol) {
      yield { symbols: symbols.with(position, next).with(position + 1, symbol), change: 'swap', position }
    }
  }
}

function typedSymbols(typed: string): number[] {
  const symbols = foldTyped(typed)
  const readable = symbols?.every((symbol) => symbol !== undefined) && [15, 20].includes(symbols.length)
  return readable ? symbolValues(symbols.join('')) : []
}

/** A candidate of another version or length is no candidate. */
function readCandidate(symbols: readonly number[]): RequestCode | undefined {
  try {
    return decodeRequest(fromSymbols(symbols), symbols.length === 20)
  } catch (error) {
    if (error instanceof CodeError) return undefined
    throw error
  }
}
