import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { base64url } from './base64.ts'
import { canonical, parsed } from './canonical.ts'
import { ChainError } from './chain-error.ts'
import { type Hash, plainHash } from './hash.ts'

/**
 * One fact in an append-only chain (spec: evidence, entries). The header is what is chained; body and salt are kept beside it
 * and only their hash is in the header, so that personal data can be dropped later without breaking the chain.
 *
 *     header = JCS {v, seq, boot, up, t, type, prev, bh}
 *     bh     = H(salt as base64url ‖ "." ‖ JCS(body))
 *     leaf   = H(0x00 ‖ header)        prev = leaf of the entry before, 64 zeros for the first
 */
export interface EntryHeader {
  readonly v: 1
  /** Number in the chain, from 0, without gaps. */
  readonly seq: number
  /** Identity of the computer's boot, 1 to 64 characters of `A-Z a-z 0-9 -`. */
  readonly boot: string
  /** Milliseconds since that boot. */
  readonly up: number
  /** The computer's own idea of the time: RFC 3339 UTC with milliseconds. Not trusted. */
  readonly t: string
  /** 1 to 64 characters of `a-z . -`. */
  readonly type: string
  /** Hex of 32 bytes. */
  readonly prev: string
  /** Hex of 32 bytes. */
  readonly bh: string
}

/** As it is stored and sent. `salt` is 16 bytes, base64url without padding. */
export interface Entry {
  readonly header: string
  readonly salt: string
  readonly body: unknown
}

/** An entry whose body was dropped: it still joins and still has its leaf. */
export interface DroppedEntry {
  readonly header: string
  readonly salt: null
  readonly body: null
}

/** Where a chain stands: the number of the next entry and the leaf of the last one. */
export interface ChainEnd {
  readonly size: number
  readonly leaf: string
}

export const emptyChain: ChainEnd = { size: 0, leaf: '0'.repeat(64) }

/** What is to become an entry. `up` in milliseconds, `t` RFC 3339. */
export interface NewFact extends Pick<EntryHeader, 'boot' | 'up' | 't' | 'type'> {
  readonly body: unknown
}

/**
 * Makes the next entry. `salt` is 16 fresh random bytes.
 * Throws `ChainError` `body` for a body that is no JSON, `header` for a value that no header may have, `salt`.
 */
export function makeEntry(
  at: ChainEnd,
  fact: NewFact,
  salt: Uint8Array,
  hash: Hash = plainHash,
): { entry: Entry; end: ChainEnd } {
  if (salt.length !== 16) throw new ChainError('salt', 'A salt has 16 bytes')
  const saltText = base64url(salt)
  const header: EntryHeader = {
    v: 1,
    seq: at.size,
    boot: fact.boot,
    up: fact.up,
    t: fact.t,
    type: fact.type,
    prev: at.leaf,
    bh: bodyHash(saltText, fact.body, hash),
  }
  if (!isHeader(header)) throw new ChainError('header', 'A value of this fact does not fit a header')
  const text = headerText(header)
  return {
    entry: { header: text, salt: saltText, body: fact.body },
    end: { size: at.size + 1, leaf: leafOf(text, hash) },
  }
}

/**
 * Checks that `entry` is the next one after `at`: canonical header, number, join, body. Gives the end after it.
 * A dropped body is not looked at. Throws `ChainError` `header`, `sequence`, `join`, `salt` or `body`, the first in
 * this order.
 */
export function verifyEntry(
  at: ChainEnd,
  entry: Entry | DroppedEntry,
  hash: Hash = plainHash,
): { header: EntryHeader; end: ChainEnd } {
  const header = readHeader(entry.header)
  if (header.seq !== at.size)
    throw new ChainError('sequence', `Entry ${header.seq} stands where ${at.size} belongs`)
  if (header.prev !== at.leaf)
    throw new ChainError('join', `Entry ${header.seq} does not join the one before it`)
  if (!isDropped(entry)) verifyBody(header, entry, hash)
  return { header, end: { size: at.size + 1, leaf: leafOf(entry.header, hash) } }
}

export function isDropped(entry: Entry | DroppedEntry): entry is DroppedEntry {
  return entry.salt === null && entry.body === null
}

/** Reads a header text. Throws `ChainError('header')` for anything but its one canonical form. */
export function readHeader(text: string): EntryHeader {
  const value = parsed(text)
  if (!isHeader(value) || canonical(value) !== text)
    throw new ChainError('header', 'This is not the canonical header of an entry')
  return value
}

/** As `canonical`, without looking again at what `isHeader` has let pass: none of it needs an escape. */
function headerText({ bh, boot, prev, seq, t, type, up, v }: EntryHeader): string {
  const chained = `"bh":"${bh}","boot":"${boot}","prev":"${prev}","seq":${seq}`
  return `{${chained},"t":"${t}","type":"${type}","up":${up},"v":${v}}`
}

/** Throws `ChainError` `salt` or `body` unless body and salt are those that the header was made of. */
export function verifyBody(
  header: EntryHeader,
  entry: Pick<Entry, 'salt' | 'body'>,
  hash: Hash = plainHash,
): void {
  if (!SALT.test(entry.salt)) throw new ChainError('salt', `The salt of entry ${header.seq} has another form`)
  if (bodyHash(entry.salt, entry.body, hash) !== header.bh)
    throw new ChainError('body', `The body of entry ${header.seq} is not the one it was made of`)
}

/** `H(0x00 ‖ header)` in hex. */
export function leafOf(header: string, hash: Hash = plainHash): string {
  return bytesToHex(hash(utf8ToBytes(`\0${header}`)))
}

/** `H(salt ‖ "." ‖ JCS(body))` in hex; `salt` as its base64url text. Throws `ChainError('body')`. */
export function bodyHash(salt: string, body: unknown, hash: Hash = plainHash): string {
  return bytesToHex(hash(utf8ToBytes(`${salt}.${canonical(body)}`)))
}

// 22 characters hold 132 bits: the last one may only be A, Q, g or w, or two texts would mean one salt.
const SALT = /^[A-Za-z0-9_-]{21}[AQgw]$/
const HASH = /^[0-9a-f]{64}$/
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

const members: { readonly [Name in keyof EntryHeader]: (value: unknown) => boolean } = {
  v: (value) => value === 1,
  seq: isCount,
  boot: (value) => typeof value === 'string' && /^[A-Za-z0-9-]{1,64}$/.test(value),
  up: isCount,
  t: (value) => typeof value === 'string' && TIME.test(value),
  type: (value) => typeof value === 'string' && /^[a-z.-]{1,64}$/.test(value),
  prev: (value) => typeof value === 'string' && HASH.test(value),
  bh: (value) => typeof value === 'string' && HASH.test(value),
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && typeof value === 'number' && value >= 0
}

function isHeader(value: unknown): value is EntryHeader {
  if (typeof value !== 'object' || value === null) return false
  const found = new Map<string, unknown>(Object.entries(value))
  return (
    found.size === Object.keys(members).length &&
    Object.entries(members).every(([name, fits]) => fits(found.get(name)))
  )
}
