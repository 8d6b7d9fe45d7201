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

/** What the key of a list's rows is made of, in order: a counted number or time, and an id. */
export type KeyShape = readonly ('number' | 'id')[]

/**
 * Reads `?limit&cursor`. A cursor is base64url of a JSON list as `shape` says; refusal `invalid` for another, so that
 * nothing else reaches the database.
 */
export function pageAsked(
  query: { readonly limit?: number; readonly cursor?: string },
  shape: KeyShape,
): PageAsked<CursorKey> {
  const after = query.cursor === undefined ? null : readCursor(query.cursor, shape)
  return { limit: query.limit ?? 50, after }
}

export type CursorKey = readonly (string | number)[]

function readCursor(cursor: string, shape: KeyShape): CursorKey {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (Array.isArray(key) && key.length === shape.length && key.every((part, i) => isPart(part, shape[i])))
      return key
  } catch {
    // Falls through to the one refusal for everything that is no cursor of ours.
  }
  throw new RefusedCall(refuse('invalid'), { fields: { cursor: 'is not one that was given out' } })
}

function isPart(part: unknown, kind: KeyShape[number] | undefined): boolean {
  return kind === 'number'
    ? Number.isSafeInteger(part)
    : typeof part === 'string' && /^[0-9a-f-]+$/.test(part)
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
