import type { Report } from './findings.ts'
import { base64, canonical, type Json, type JsonObject, nesting, readObject, sha256 } from './formats.ts'

/** One line of a log, read without belief (spec/evidence.md, entries). */

export interface Entry {
  readonly seq: number
  readonly boot: string
  readonly up: number
  readonly t: string
  readonly type: string
  readonly leaf: string
  /** Null: dropped, withheld, or not the one that the header was made of. */
  readonly body: JsonObject | null
}

/** Entries as far as they join, and what follows from them. */
export interface Log {
  readonly entries: Entry[]
  /** It stopped at an entry that does not follow. */
  isBroken: boolean
}

interface ReadEntry {
  readonly entry: Entry
  readonly prev: string
  readonly isBody: boolean
  readonly proof: Json | undefined
}

/** One line; null when its form is wrong. `isBody`: dropped, or the one that the header was made of. */
export function readEntry(line: string, members: string): ReadEntry | null {
  const { header, salt = null, body = null, proof } = readObject(line, members) ?? {}
  const read = typeof header === 'string' && header.length <= 1000 ? readObject(header, HEADER) : undefined
  if (typeof header !== 'string' || read === undefined) return null
  const { v, seq, boot, up, t, type, prev, bh } = read
  const isForm = (value: Json | undefined, form: RegExp): value is string =>
    typeof value === 'string' && form.test(value)
  const hasTime =
    isForm(t, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) && isForm(boot, /^[A-Za-z0-9-]{1,64}$/)
  if (v !== 1 || !isCount(seq) || !isCount(up) || !hasTime || !isForm(type, /^[a-z.-]{1,64}$/)) return null
  if (!isHex(prev, 32) || !isHex(bh, 32)) return null
  const isDropped = salt === null && body === null
  const isSalt = isForm(salt, /^[A-Za-z0-9_-]{21}[AQgw]$/)
  const isBody = isDropped || (isSalt && nesting(body) <= 32 && sha256(`${salt}.${canonical(body)}`) === bh)
  const isObject = isBody && body !== null && typeof body === 'object' && !Array.isArray(body)
  const entry: Entry = {
    seq,
    boot,
    up,
    t,
    type,
    leaf: sha256(`\0${header}`),
    body: isObject ? (body as JsonObject) : null,
  }
  return { entry, prev, isBody, proof }
}

/** What is wrong with where an entry stands; `prev` null: nothing before it is known. */
export function wrongPlace(read: ReadEntry | null, expected: number, isStrict: boolean, prev: string | null) {
  if (read === null) return 'entry-form'
  if (isStrict ? read.entry.seq !== expected : read.entry.seq < expected) return 'entry-gap'
  return prev !== null && read.prev !== prev ? 'entry-join' : null
}

/** 0 to 63 hashes in base64, as hex; null for anything else. */
export function hashesOf(list: Json | undefined): string[] | null {
  if (!Array.isArray(list) || list.length > 63) return null
  const found = list.flatMap((each) =>
    typeof each === 'string' ? (base64(each, 32)?.toString('hex') ?? []) : [],
  )
  return found.length === list.length ? found : null
}

export const linesOf = (text: string): string[] => (text === '' ? [] : text.slice(0, -1).split('\n'))

export function stopAt(
  log: Log,
  name: 'journal' | 'ledger',
  word: 'entry-form' | 'entry-gap' | 'entry-join',
  number: number,
  report: Report,
): void {
  log.isBroken = true
  report.find(word, name, number, 'here it breaks')
  report.skip(`everything in the ${name} from entry ${number} on`, 'it does not join what is before it')
}

export const isCount = (value: Json | undefined): value is number => typeof value === 'number' && value >= 0

export const isHex = (value: Json | undefined, bytes: number): value is string =>
  typeof value === 'string' && /^[0-9a-f]*$/.test(value) && value.length === 2 * bytes

const HEADER = 'bh boot prev seq t type up v'
