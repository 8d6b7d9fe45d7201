import type { DeniedRow, DeniedSummary } from '@stint/wire/reports'
import { sql } from 'kysely'
import { isoTime } from '../../clock.ts'
import type { Reader } from '../../db/database.ts'
import { userRef } from './account-name.ts'
import { shellText } from './csv.ts'
import { direction, pageOf, readCursor, sorting } from './paged.ts'
import type { Asked, Report } from './report.ts'
import { computerRef } from './session-scope.ts'
import { contains, dayNumber, dayText, equals, every, type Part, rowsOf, topOf, within } from './sql-parts.ts'

interface Found {
  session_id: string
  seq: number
  at: number
  program: string
  args: string
  sha256: string | null
  rule: string | null
  repeated: number
  user_id: string
  user_name: string
  device_id: string
  device_name: string
  facts: string
}

const deniedJoined: Part = sql`session_denied n left join session s on s.id = n.session_id
  left join device d on d.id = s.device_id`

/** Programs that a rule kept from starting. */
export function createDeniedReport(read: Reader): Report<DeniedRow, DeniedSummary> {
  return {
    async rows(asked, sort, limit, cursor) {
      const { descending } = sorting({ at: { by: sql`n.at`, kind: 'number' } }, sort, '-at')
      const way = direction(descending)
      const found = await rowsOf(
        read,
        sql<Found>`select n.session_id, n.seq, n.at, n.program, n.args, n.sha256, n.rule, n.repeated, s.user_id,
          s.user_name, s.device_id, d.name as device_name, d.facts
          from ${deniedJoined} where ${every([deniedThatFit(asked), after(cursor, descending)])}
          order by n.at ${way}, n.session_id ${way}, n.seq ${way} limit ${limit + 1}`,
      )
      return pageOf(found, limit, (row) => [row.at, row.session_id, row.seq], deniedRow)
    },
    summary: (asked) => deniedSummary(read, asked),
    columns: deniedColumns,
  }
}

function after(cursor: string | null, descending: boolean): Part | null {
  if (cursor === null) return null
  const [at, id, seq] = readCursor(cursor, ['number', 'text', 'number'])
  return descending
    ? sql`(n.at, n.session_id, n.seq) < (${at}, ${id}, ${seq})`
    : sql`(n.at, n.session_id, n.seq) > (${at}, ${id}, ${seq})`
}

function deniedThatFit({ filter, fromMs, toMs }: Asked): Part {
  return every([
    within('n.at', fromMs, toMs),
    equals('n.session_id', filter.session),
    equals('n.program', filter.program),
    equals('s.device_id', filter.device),
    equals('s.user_id', filter.user),
    equals('s.credential', filter.credential),
    equals('s.mode', filter.mode),
    contains(filter.text, ['n.program', 'n.rule', 's.user_name', 'd.name']),
  ])
}

async function deniedSummary(read: Reader, asked: Asked): Promise<DeniedSummary> {
  const day = dayNumber('n.at')
  const days = await rowsOf(
    read,
    sql<{ day: number; denied: number }>`select ${day} as day, count(*) as denied
      from ${deniedJoined} where ${deniedThatFit(asked)} group by ${day} order by 1`,
  )
  const top = async (id: Part, name: Part) =>
    topOf(
      await rowsOf(
        read,
        sql<{ id: string; name: string | null; n: number }>`select ${id} as id, ${name} as name, count(*) as n
          from ${deniedJoined} where ${deniedThatFit(asked)} and ${id} is not null
          group by ${id} order by 3 desc, 1 limit 10`,
      ),
    )
  return {
    denied: days.reduce((all, { denied }) => all + denied, 0),
    perDay: days.map(({ day: number, denied }) => ({ day: dayText(number), denied })),
    topPrograms: await top(sql`n.program`, sql`max(n.program)`),
    topRules: await top(sql`n.rule`, sql`max(n.rule)`),
    topUsers: await top(sql`s.user_id`, sql`max(s.user_name)`),
    topComputers: await top(sql`s.device_id`, sql`max(d.name)`),
  }
}

function deniedRow(row: Found): DeniedRow {
  return {
    at: isoTime(row.at),
    sessionId: row.session_id,
    user: userRef(row.user_id, row.user_name),
    computer: computerRef(row.device_id, row.device_name, row.facts),
    program: row.program,
    args: JSON.parse(row.args),
    sha256: row.sha256,
    rule: row.rule,
    repeated: row.repeated,
  }
}

const deniedColumns: Report<DeniedRow, DeniedSummary>['columns'] = [
  ['Tried', (row) => row.at],
  ['Session', (row) => row.sessionId],
  ['User', (row) => row.user.name],
  ['User id', (row) => row.user.id],
  ['Computer', (row) => row.computer.name],
  ['Program', (row) => row.program],
  ['Arguments', (row) => shellText(row.args)],
  ['SHA-256', (row) => row.sha256],
  ['Rule', (row) => row.rule],
  ['Repeated', (row) => row.repeated],
]
