import { refuse } from '@stint/elevation'
import { sql } from 'kysely'
import { RefusedCall } from '../../http/problem.ts'
import type { ReportPage } from './report.ts'
import type { Part } from './sql-parts.ts'

/** What rows are sorted by, before their id. */
export interface SortKey {
  readonly by: Part
  readonly kind: 'number' | 'text'
}

/** `-started` → descending by `keys.started`. The names are those of the route's schema. */
export function sorting<K extends Record<string, SortKey>>(
  keys: K,
  asked: string | undefined,
  usual: string,
): { readonly key: SortKey; readonly descending: boolean } {
  const wish = asked ?? usual
  const descending = wish.startsWith('-')
  const key = keys[descending ? wish.slice(1) : wish]
  if (key === undefined) throw notGivenOut('sort', 'is not a column of this report')
  return { key, descending }
}

/** Rows after the last one of the page before: `(key, id)` beyond its values. */
export function beyond(key: SortKey, id: Part, descending: boolean, cursor: string | null): Part | null {
  if (cursor === null) return null
  const [value, last] = readCursor(cursor, [key.kind, 'text'])
  return descending
    ? sql`(${key.by}, ${id}) < (${value}, ${last})`
    : sql`(${key.by}, ${id}) > (${value}, ${last})`
}

export function direction(descending: boolean): Part {
  return descending ? sql`desc` : sql`asc`
}

type CursorPart = string | number

/** Cuts `limit + 1` rows to a page; the next one begins after the `key` of the last that is shown. */
export function pageOf<R, Row>(
  rows: readonly R[],
  limit: number,
  key: (row: R) => readonly CursorPart[],
  view: (row: R) => Row,
): ReportPage<Row> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const cursor = rows.length > limit && last !== undefined ? cursorOf(key(last)) : null
  return { items: shown.map(view), cursor }
}

/** A page by position, for lists that are short because they are figures of something. */
export function offsetOf(cursor: string | null): number {
  if (cursor === null) return 0
  const [offset] = readCursor(cursor, ['number'])
  if (typeof offset !== 'number' || offset < 0) throw notGivenOut('cursor', notOurs)
  return offset
}

export function cursorOf(key: readonly CursorPart[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url')
}

const notOurs = 'is not one that was given out'

export function readCursor(cursor: string, kinds: readonly SortKey['kind'][]): readonly CursorPart[] {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (Array.isArray(key) && key.length === kinds.length && key.every((part, i) => isPart(part, kinds[i])))
      return key
  } catch {
    // Falls through to the one refusal for everything that is no cursor of ours.
  }
  throw notGivenOut('cursor', notOurs)
}

function isPart(part: unknown, kind: SortKey['kind'] | undefined): part is CursorPart {
  if (kind === 'number') return Number.isSafeInteger(part)
  // PostgreSQL takes no text with a zero character.
  return typeof part === 'string' && !part.includes('\0')
}

function notGivenOut(field: string, why: string): RefusedCall {
  return new RefusedCall(refuse('invalid'), { fields: { [field]: why } })
}
