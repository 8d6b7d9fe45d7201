import { type ChainEnd, ChainError, type Entry, emptyChain, readHeader, verifyEntry } from '@stint/chain'
import { Fault } from '@stint/elevation'
import { parseJson } from '@stint/wire'
import { JournalEntry } from '@stint/wire/journal'

/**
 * A segment is a file of entries, one JSON line each, named by the number of its first entry. Lines are written in
 * batches and told to nobody before they are durable; so the only damage that a power cut can do is at the end.
 */
export interface Segment {
  /** Number of the first entry. */
  readonly first: number
  readonly entries: readonly Entry[]
  /** Bytes of each entry's line, newline included. */
  readonly lineBytes: readonly number[]
  /** Where the chain stands after the last entry. */
  readonly end: ChainEnd
  /** Bytes of the file that are whole, verified lines. What follows was torn by a power cut. */
  readonly wholeBytes: number
}

const NEWLINE = 10
const NUL = 0

export function segmentName(first: number): string {
  return `${String(first).padStart(15, '0')}.jsonl`
}

/** Undefined for a file that is no segment. */
export function firstOfSegment(name: string): number | undefined {
  const digits = /^(\d{15})\.jsonl$/.exec(name)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/**
 * Verifies every line. `before` is where the chain stood before this segment, if that is known.
 * A tail without its newline, or with bytes that were never written (NUL), is torn: it is left out of `wholeBytes`.
 * Throws `Fault('journal-damaged')` for anything else that is not an entry: that is no power cut.
 */
export function readSegment(first: number, content: Uint8Array, before?: ChainEnd): Segment {
  const end = before ?? (first === 0 ? emptyChain : undefined)
  return readLines({ first, entries: [], lineBytes: [], wholeBytes: 0 }, end, content)
}

/** The same segment after it has grown: what was verified before is not read again. Throws as `readSegment`. */
export function readOn(known: Segment, content: Uint8Array): Segment {
  return readLines(known, known.entries.length > 0 ? known.end : undefined, content)
}

function readLines(known: Omit<Segment, 'end'>, before: ChainEnd | undefined, content: Uint8Array): Segment {
  const { first } = known
  const entries = [...known.entries]
  const lineBytes = [...known.lineBytes]
  let end = before
  let at = known.wholeBytes
  for (;;) {
    const newline = content.indexOf(NEWLINE, at)
    if (newline === -1) break
    const line = content.subarray(at, newline)
    if (line.indexOf(NUL) !== -1) break
    const entry = readLine(first + entries.length, line)
    end = verified(end ?? { size: first, leaf: readHeader(entry.header).prev }, entry)
    entries.push(entry)
    lineBytes.push(newline + 1 - at)
    at = newline + 1
  }
  return { first, entries, lineBytes, end: end ?? { size: first, leaf: '' }, wholeBytes: at }
}

export function entryLine(entry: Entry): Uint8Array {
  return Buffer.from(`${JSON.stringify(entry)}\n`)
}

function readLine(seq: number, line: Uint8Array): Entry {
  try {
    return parseJson(JournalEntry, new TextDecoder('utf-8', { fatal: true }).decode(line))
  } catch (cause) {
    throw damaged(`Entry ${seq} of the journal cannot be read`, cause)
  }
}

function verified(at: ChainEnd, entry: Entry): ChainEnd {
  try {
    return verifyEntry(at, entry).end
  } catch (cause) {
    if (cause instanceof ChainError) throw damaged(cause.message, cause)
    throw cause
  }
}

export function damaged(message: string, cause?: unknown): Fault {
  return new Fault(
    'journal-damaged',
    message,
    'Somebody or a failing disk changed the journal. Keep the folder, tell your administrator, then enrol again.',
    { cause },
  )
}
