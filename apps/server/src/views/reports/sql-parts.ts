import { type RawBuilder, sql } from 'kysely'
import type { Reader } from '../../db/database.ts'

/** A piece of SQL that both engines read. */
export type Part = RawBuilder<unknown>

export const nothing: Part = sql``

/** All of the conditions that there are. */
export function every(conditions: readonly (Part | null)[]): Part {
  const there = conditions.filter((condition) => condition !== null)
  return there.length === 0 ? sql`1 = 1` : sql.join(there, sql` and `)
}

export function equals(column: string, value: string | null | undefined): Part | null {
  return value === null || value === undefined ? null : sql`${sql.ref(column)} = ${value}`
}

/** One of the columns contains the text. Capitals do not matter; on the embedded engine those of ASCII. */
export function contains(text: string | undefined, columns: readonly string[]): Part | null {
  if (text === undefined) return null
  const like = `%${text.replace(/[\\%_]/g, '\\$&')}%`
  const tests = columns.map((column) => sql`lower(${sql.ref(column)}) like lower(${like}) escape '\\'`)
  return sql`(${sql.join(tests, sql` or `)})`
}

export function within(column: string, fromMs: number | null, toMs: number | null): Part | null {
  if (fromMs === null && toMs === null) return null
  return every([
    fromMs === null ? null : sql`${sql.ref(column)} >= ${fromMs}`,
    toMs === null ? null : sql`${sql.ref(column)} < ${toMs}`,
  ])
}

const DAY_MS = 86_400_000

/** Days since 1970 in UTC. */
export function dayNumber(column: string): Part {
  return sql`(${sql.ref(column)} / ${sql.lit(DAY_MS)})`
}

/** `2026-11-22` of a day number. */
export function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10)
}

/** A sum that is a number on both engines, and 0 of nothing. */
export function total(expression: Part): Part {
  return sql`cast(coalesce(sum(${expression}), 0) as bigint)`
}

export async function rowsOf<Row>(read: Reader, query: RawBuilder<Row>): Promise<Row[]> {
  return (await query.execute(read)).rows
}

interface Counted {
  readonly id: string
  readonly name: string | null
  readonly n: number
}

/** Rows of a query for `Top`. */
export function topOf(rows: readonly Counted[]): { id: string; name: string; count: number }[] {
  return rows.map(({ id, name, n }) => ({ id, name: name ?? id, count: n }))
}

/** How many of each value of a member, most first; null values are left out. */
export function sharesOf<R extends { readonly n: number }>(
  rows: readonly R[],
  value: (row: R) => string | null,
): { name: string; count: number }[] {
  const counts = new Map<string, number>()
  for (const row of rows) {
    const name = value(row)
    if (name !== null) counts.set(name, (counts.get(name) ?? 0) + row.n)
  }
  return [...counts].map(([name, count]) => ({ name, count })).sort((a, b) => b.count - a.count)
}
