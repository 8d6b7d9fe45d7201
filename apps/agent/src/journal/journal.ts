import { hash } from 'node:crypto'
import { join } from 'node:path'
import { appendTo, type ChainEnd, type Entry, emptyLog, type LogEnd, leafOf } from '@stint/chain'
import { Fault, type JournalType } from '@stint/elevation'
import { parse } from '@stint/wire'
import { journalBodies } from '@stint/wire/journal'
import type { Alarm, Clock } from '../clock/clock.ts'
import type { Disk } from '../config/disk.ts'
import { type Random, rfc3339 } from '../config/ids.ts'
import type { Fact } from './fact.ts'
import {
  damaged,
  entryLine,
  firstOfSegment,
  readOn,
  readSegment,
  type Segment,
  segmentName,
} from './segment.ts'
import { grown, keepTree, readTree } from './tree.ts'

export interface JournalParts {
  readonly disk: Disk
  readonly clock: Clock
  readonly random: Random
  /** Folder of the segments. */
  readonly dir: string
  /** A segment is closed when it is longer. */
  readonly segmentBytes?: number
}

const defaultSegmentBytes = 1024 * 1024
/** A segment in memory is a few MB. */
const keptForMs = 30_000
const saltBytes = 16
/**
 * Made by nobody but `RecordedFacts`, and so many that to check each against its shape costs more than all the rest; a
 * property test shows that what it makes is as agreed, whatever the kernel says.
 */
const madeAsAgreed: ReadonlySet<JournalType> = new Set(['process.elevated', 'process.ended'])
/** Node's, which is several times as fast as the chain's own. */
const sha256 = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer')

/**
 * The facts of this computer, append-only and chained. `append` resolves when they are on the disk. After a `Fault`
 * nothing of that call counts, and a later call is written over its remains.
 */
export class Journal {
  readonly #parts: JournalParts
  #log: LogEnd = emptyLog
  /** First numbers of the segments, rising. */
  #segments: number[] = []
  /** Durable bytes of the last segment. */
  #lastBytes = 0
  /** The segment that was read last: who reads page by page wants it again, and only what is new must be verified. */
  #recent: Segment | null = null
  #forgetting: Alarm | null = null
  #queue: Promise<unknown> = Promise.resolve()

  private constructor(parts: JournalParts) {
    this.#parts = parts
  }

  /**
   * Verifies the newest segment and its join to the one before; older ones are verified when they are read, or when
   * the tree over them has to be made again.
   * @throws Fault `journal-damaged`, `disk-failed`
   */
  static async open(parts: JournalParts): Promise<Journal> {
    const journal = new Journal(parts)
    await parts.disk.makeDir(parts.dir)
    const names = await parts.disk.list(parts.dir)
    journal.#segments = names.map(firstOfSegment).filter((first) => first !== undefined)
    await journal.#findEnd()
    return journal
  }

  /** Goes on from the kept tree, or from the beginning where there is none. */
  async #findEnd(): Promise<void> {
    const { disk, dir } = this.#parts
    const kept = await readTree(disk, dir)
    if (!kept && (this.#segments[0] ?? 0) > 0)
      throw damaged('The beginning of the journal and its tree are gone')
    this.#log = kept ?? emptyLog
    const from = this.#segments.findIndex((first) => first >= this.#log.end.size)
    // With the one before, to which they join. The tree is kept right before a segment begins: there may be no newer one.
    const newest = this.#segments.slice(from === -1 ? -1 : Math.max(0, from - 1))
    if (newest.length === 0 && this.#log.end.size > 0) throw damaged('The end of the journal is gone')
    for (const first of newest) await this.#goOver(first)
  }

  /** What the tree has already must end where the tree does; what it does not have must join there. */
  async #goOver(first: number): Promise<void> {
    const { size } = this.#log.end
    if (first > size) throw damaged(`The journal has no entry ${size}`)
    const segment = await this.#load(first, first === size ? this.#log.end : undefined)
    if (first === size) this.#log = grown(this.#log, segment)
    this.#lastBytes = segment.wholeBytes
    const { end } = this.#log
    if (segment.end.size !== end.size || segment.end.leaf !== end.leaf)
      throw damaged(`The journal has no entry ${Math.min(segment.end.size, end.size)}`)
  }

  /** Where chain and tree stand. */
  get log(): LogEnd {
    return this.#log
  }

  /** The journal has the entries with seq < size. */
  get size(): number {
    return this.#log.end.size
  }

  /**
   * All of them in this order, or none.
   * @throws Fault `disk-full`, `disk-failed`; `malformed` for a body that is not as agreed
   */
  append(facts: readonly Fact[]): Promise<void> {
    return this.#inTurn(() => this.#append(facts))
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work)
    this.#queue = done.catch(() => undefined)
    return done
  }

  async #append(facts: readonly Fact[]): Promise<void> {
    if (facts.length === 0) return
    const { clock, random, disk, dir, segmentBytes = defaultSegmentBytes } = this.#parts
    const now = clock.now()
    const stamp = { boot: now.bootId, up: now.bootMs, t: rfc3339(now.wallMs) }
    let log = this.#log
    const salts = random(saltBytes * facts.length)
    const lines = facts.map(({ type, body }, at) => {
      const salt = salts.subarray(at * saltBytes, (at + 1) * saltBytes)
      if (!madeAsAgreed.has(type)) parse(journalBodies[type], body)
      const made = appendTo(log, { ...stamp, type, body }, salt, sha256)
      log = made.at
      return entryLine(made.entry)
    })
    const startNew = this.#segments.length === 0 || this.#lastBytes >= segmentBytes
    const first = startNew ? this.#log.end.size : (this.#segments.at(-1) ?? 0)
    const offset = startNew ? 0 : this.#lastBytes
    const content = Buffer.concat(lines)
    if (startNew && this.#segments.length > 0) await keepTree(disk, dir, this.#log)
    await disk.append(join(dir, segmentName(first)), offset, content)
    if (startNew) this.#segments.push(first)
    this.#lastBytes = offset + content.length
    this.#log = log
  }

  /**
   * Entries from `from` on, verified, at most `limit` and about `maxBytes`, but one at least if there is one.
   * @throws Fault `journal-damaged`, `disk-failed`
   */
  read(from: number, limit: number, maxBytes = 4 * 1024 * 1024): Promise<Entry[]> {
    return this.#inTurn(() => this.#read(from, limit, maxBytes))
  }

  async #read(from: number, limit: number, maxBytes: number): Promise<Entry[]> {
    const found: Entry[] = []
    let bytes = 0
    while (from + found.length < this.#log.end.size && found.length < limit) {
      const segment = await this.#segmentOf(from + found.length)
      const skip = from + found.length - segment.first
      for (const [i, entry] of segment.entries.entries()) {
        if (i < skip || found.length >= limit || segment.first + i >= this.#log.end.size) continue
        bytes += segment.lineBytes[i] ?? 0
        if (bytes > maxBytes && found.length > 0) return found
        found.push(entry)
      }
    }
    return found
  }

  /** Leaf of an entry, hex. Undefined beyond the end. */
  async leafAt(seq: number): Promise<string | undefined> {
    const [entry] = seq < 0 ? [] : await this.read(seq, 1)
    return entry && leafOf(entry.header)
  }

  async #segmentOf(seq: number): Promise<Segment> {
    const first = this.#segments.findLast((start) => start <= seq)
    const recent = this.#recent !== null && this.#recent.first === first ? this.#recent : undefined
    if (recent && seq < recent.end.size) return this.#keep(recent)
    const segment = first === undefined ? undefined : await this.#load(first, undefined, recent)
    if (!segment || segment.end.size <= seq) throw damaged(`Entry ${seq} of the journal is missing`)
    return this.#keep(segment)
  }

  #keep(segment: Segment): Segment {
    // Remains of an append that failed are overwritten by the next one: what was read of them is not kept.
    this.#recent = segment.end.size <= this.#log.end.size ? segment : null
    this.#forgetting?.cancel()
    this.#forgetting = this.#parts.clock.after(keptForMs, () => {
      this.#recent = null
    })
    return segment
  }

  async #load(first: number, before?: ChainEnd, known?: Segment): Promise<Segment> {
    const { disk, dir } = this.#parts
    const content = await disk.read(join(dir, segmentName(first)))
    if (content === null) throw new Fault('disk-failed', 'A part of the journal is gone', 'Look at the disk.')
    const segment = known ? readOn(known, content) : readSegment(first, content, before)
    const torn = segment.wholeBytes < content.length
    if (torn && first !== this.#segments.at(-1))
      throw damaged(`The journal is damaged after entry ${segment.end.size}`)
    return segment
  }
}
