import { refuse } from '@stint/elevation'
import { RefusedCall } from './problem.ts'

/** A page that was asked for. `after` is the key of the last row that the caller has; null at the start. */
export interface PageAsked<K> {
  readonly limit: number
  readonly after: K | null
}

/** Rows up to `limit`, and whether there are more: ask the database for one more than the limit. */
export interface PageFound<T> {
  readonly items: T[]
  readonly cursor: string | null
}

/** Reads `?limit&cursor`. A cursor is base64url of a JSON list of strings and numbers; refusal `invalid` for another. */
export function pageAsked(query: {
  readonly limit?: number
  readonly cursor?: string
}): PageAsked<CursorKey> {
  return { limit: query.limit ?? 50, after: query.cursor === undefined ? null : readCursor(query.cursor) }
}

export type CursorKey = readonly (string | number)[]

function readCursor(cursor: string): CursorKey {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (Array.isArray(key) && key.every((part) => typeof part === 'string' || typeof part === 'number'))
      return key
  } catch {
    // Falls through to the one refusal for everything that is no cursor of ours.
  }
  throw new RefusedCall(refuse('invalid'), { fields: { cursor: 'is not one that was given out' } })
}

/** Cuts `limit + 1` rows to a page; `key` of the last row that is shown becomes the cursor. */
export function toPage<R, T>(
  rows: readonly R[],
  limit: number,
  key: (row: R) => CursorKey,
  view: (row: R) => T,
): PageFound<T> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const more = rows.length > limit && last !== undefined
  return {
    items: shown.map(view),
    cursor: more ? Buffer.from(JSON.stringify(key(last))).toString('base64url') : null,
  }
}
