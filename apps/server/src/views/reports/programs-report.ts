import type { ProgramReportRow, ProgramsSummary } from '@stint/wire/reports'
import { sql } from 'kysely'
import { isoTime } from '../../clock.ts'
import type { Reader } from '../../db/database.ts'
import { cursorOf, direction, offsetOf, sorting } from './paged.ts'
import {
  distinctOf,
  isFromSessions,
  programsThatFit,
  startsByDay,
  startsByProgram,
} from './programs-scope.ts'
import type { Asked, Report } from './report.ts'
import { dayText, every, type Part, rowsOf, topOf, within } from './sql-parts.ts'

interface Found {
  program: string
  starts: number
  first_at: number
  last_at: number
  people: number
  computers: number
}

const sortKeys = {
  starts: { by: sql`x.starts`, kind: 'number' },
  first: { by: sql`x.first_at`, kind: 'number' },
  last: { by: sql`x.last_at`, kind: 'number' },
  people: { by: sql`people`, kind: 'number' },
  computers: { by: sql`computers`, kind: 'number' },
  program: { by: sql`x.program`, kind: 'text' },
} as const

/** Elevated applications: what people used their rights for. */
export function createProgramsReport(read: Reader): Report<ProgramReportRow, ProgramsSummary> {
  return {
    async rows(asked, sort, limit, cursor) {
      const { key, descending } = sorting(sortKeys, sort, '-starts')
      const offset = offsetOf(cursor)
      const order = sql`order by ${key.by} ${direction(descending)}, x.program limit ${limit + 1} offset ${offset}`
      const found = await rowsOf(read, programRows(asked, order, key.by))
      const shown = found.slice(0, limit)
      const variants = await variantsOf(read, shown)
      return {
        items: shown.map((row) => programRow(row, variants.get(row.program) ?? [])),
        cursor: found.length > limit ? cursorOf([offset + limit]) : null,
      }
    },
    summary: (asked) => programsSummary(read, asked),
    columns: programColumns,
  }
}

/** People and computers are counted for the page alone, unless they are what it is sorted by. */
function programRows(asked: Asked, order: Part, by: Part) {
  const programs = (more: Part) => sql`(select t.program, t.starts, k.first_at, k.last_at${more}
    from ${startsByProgram(asked)} t join program k on k.program = t.program where ${programsThatFit(asked)})`
  if (isFromSessions(asked))
    return sql<Found>`select x.* from ${programs(sql`, t.people, t.computers`)} x ${order}`
  const counted = sql`${distinctOf(asked, 'person')} as people, ${distinctOf(asked, 'computer')} as computers`
  const all = programs(sql``)
  const isOfAll = by === sortKeys.people.by || by === sortKeys.computers.by
  if (isOfAll) return sql<Found>`select x.*, ${counted} from ${all} x ${order}`
  return sql<Found>`select x.*, ${counted} from (select x.* from ${all} x ${order}) x`
}

type Variants = ProgramReportRow['variants']
const VARIANTS = 20

async function variantsOf(read: Reader, programs: readonly Found[]): Promise<Map<string, Variants>> {
  const variants = new Map<string, Variants>()
  if (programs.length === 0) return variants
  const names = sql.join(programs.map(({ program }) => sql`${program}`))
  const rows = await rowsOf(
    read,
    sql<{ program: string; sha256: string; first_at: number; last_at: number }>`
      select program, sha256, first_at, last_at from (
        select v.*, row_number() over (partition by program order by last_at desc, sha256) as place
        from program_variant v where program in (${names})
      ) t where place <= ${VARIANTS} order by program, place`,
  )
  for (const { program, sha256, first_at, last_at } of rows) {
    const list = variants.get(program) ?? []
    const seen = { firstSeenAt: isoTime(first_at), lastSeenAt: isoTime(last_at) }
    list.push({ sha256: sha256 === '' ? null : sha256, ...seen })
    variants.set(program, list)
  }
  return variants
}

async function programsSummary(read: Reader, asked: Asked): Promise<ProgramsSummary> {
  const top = await rowsOf(
    read,
    sql<{ id: string; n: number; programs: number; starts: number }>`select t.program as id, t.starts as n,
      count(*) over () as programs, cast(sum(t.starts) over () as bigint) as starts
      from ${startsByProgram(asked)} t where ${programsThatFit(asked)} order by t.starts desc, t.program limit 10`,
  )
  const days = await rowsOf(
    read,
    sql<{ day: number; starts: number }>`select t.day, cast(sum(t.starts) as bigint) as starts
      from ${startsByDay(asked)} t where ${programsThatFit(asked)} group by t.day order by t.day`,
  )
  const newest = await rowsOf(
    read,
    sql<{ program: string; first_at: number }>`select t.program, t.first_at from program t
      where ${every([programsThatFit(asked), within('t.first_at', asked.fromMs, asked.toMs)])}
      order by t.first_at desc, t.program limit 10`,
  )
  return {
    programs: top[0]?.programs ?? 0,
    starts: top[0]?.starts ?? 0,
    top: topOf(top.map(({ id, n }) => ({ id, name: id, n }))),
    perDay: days.map(({ day, starts }) => ({ day: dayText(day), starts })),
    newest: newest.map(({ program, first_at }) => ({ program, firstSeenAt: isoTime(first_at) })),
  }
}

function programRow(row: Found, variants: Variants): ProgramReportRow {
  return {
    program: row.program,
    starts: row.starts,
    firstSeenAt: isoTime(row.first_at),
    lastSeenAt: isoTime(row.last_at),
    people: row.people,
    computers: row.computers,
    variants,
  }
}

const programColumns: Report<ProgramReportRow, ProgramsSummary>['columns'] = [
  ['Program', (row) => row.program],
  ['Starts', (row) => row.starts],
  ['First seen', (row) => row.firstSeenAt],
  ['Last seen', (row) => row.lastSeenAt],
  ['People', (row) => row.people],
  ['Computers', (row) => row.computers],
  ['SHA-256', (row) => row.variants.map(({ sha256 }) => sha256 ?? 'unreadable').join(' ')],
]
