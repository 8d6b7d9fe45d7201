import { completeness, credentials, endReasons, modes } from '@stint/elevation'
import type { UsageSummary } from '@stint/wire/reports'
import { sql } from 'kysely'
import type { Reader } from '../../db/database.ts'
import type { Asked } from './report.ts'
import { elevatedMs, sessionsCounted, sessionsThatFit } from './session-scope.ts'
import { dayNumber, dayText, nothing, rowsOf, sharesOf, topOf, total } from './sql-parts.ts'

interface Ranked {
  id: string
  name: string | null
  n: number
  /** How many there are in all. */
  all: number
}

/** What the charts of the usage report show. One pass over the sessions for each kind of figure. */
export async function usageSummary(read: Reader, asked: Asked): Promise<UsageSummary> {
  const days = await perDay(read, asked)
  const kinds = await byKind(read, asked)
  const users = await topUsers(read, asked)
  const computers = await topComputers(read, asked)
  const sum = (of: (day: (typeof days)[number]) => number) => days.reduce((all, day) => all + of(day), 0)
  return {
    sessions: sum(({ sessions }) => sessions),
    processes: sum(({ processes }) => processes),
    elevationSeconds: Math.round(sum(({ elevated_ms }) => elevated_ms) / 1000),
    people: users[0]?.all ?? 0,
    computers: computers[0]?.all ?? 0,
    perDay: days.map(({ day, sessions, processes, elevated_ms }) => ({
      day: dayText(day),
      sessions,
      processes,
      elevationSeconds: Math.round(elevated_ms / 1000),
    })),
    ...kinds,
    topUsers: topOf(users),
    topComputers: topOf(computers),
    topApprovers: topOf(await topApprovers(read, asked)),
  }
}

function perDay(read: Reader, asked: Asked) {
  const { from, where } = sessionsCounted(asked)
  const day = dayNumber('s.started_at')
  return rowsOf(
    read,
    sql<{ day: number; sessions: number; processes: number; elevated_ms: number }>`
      select ${day} as day, count(*) as sessions, ${total(sql`s.processes`)} as processes,
        ${total(elevatedMs(asked.nowMs))} as elevated_ms
      from ${from} where ${where} group by ${day} order by 1`,
  )
}

/** Each word of the closed lists is a count of its own in one pass: groups of four texts would have to be sorted. */
const kindsCounted = {
  credentials: ['s.credential', credentials],
  modes: ['s.mode', modes],
  endReasons: ['s.end_reason', endReasons],
  completeness: ['s.completeness', completeness],
} as const

async function byKind(read: Reader, asked: Asked) {
  const { from, where } = sessionsCounted(asked)
  const counts = Object.values(kindsCounted).flatMap(([column, words]) =>
    words.map(
      (word) => sql`count(*) filter (where ${sql.ref(column)} = ${sql.lit(word)}) as ${sql.id(word)}`,
    ),
  )
  const [row = {}] = await rowsOf(
    read,
    sql<Record<string, number>>`select ${sql.join(counts)} from ${from} where ${where}`,
  )
  const shares = ([, words]: readonly [string, readonly string[]]) =>
    sharesOf(
      words.flatMap((word) => (row[word] ? [{ word, n: row[word] }] : [])),
      ({ word }) => word,
    )
  return {
    credentials: shares(kindsCounted.credentials),
    modes: shares(kindsCounted.modes),
    endReasons: shares(kindsCounted.endReasons),
    completeness: shares(kindsCounted.completeness),
  }
}

/** The name is the one of the newest session. */
function topUsers(read: Reader, asked: Asked) {
  const { from, where } = sessionsCounted(asked)
  return rowsOf(
    read,
    sql<Ranked>`select t.id, t.n, t."all", (select u.user_name from session u where u.user_id = t.id
        order by u.started_at desc limit 1) as name
      from (
        select s.user_id as id, count(*) as n, count(*) over () as "all"
        from ${from} where ${where} group by s.user_id order by 2 desc, 1 limit 10
      ) t order by t.n desc, t.id`,
  )
}

function topComputers(read: Reader, asked: Asked) {
  const { from, where } = sessionsCounted(asked)
  return rowsOf(
    read,
    sql<Ranked>`select t.id, c.name, t.n, t."all" from (
        select s.device_id as id, count(*) as n, count(*) over () as "all"
        from ${from} where ${where} group by s.device_id order by 2 desc, 1 limit 10
      ) t join device c on c.id = t.id order by 3 desc, 1`,
  )
}

/** Cross joins keep the engine from going through all decisions for the sessions of a short period. */
function topApprovers(read: Reader, asked: Asked) {
  const device = asked.filter.text === undefined ? nothing : sql`left join device d on d.id = s.device_id`
  return rowsOf(
    read,
    sql<Ranked>`select a.approver as id, max(a.approver_name) as name, count(*) as n, 0 as "all"
      from session s ${device} cross join request r cross join approval a
      where r.device_request_id = s.device_request_id and r.device_id = s.device_id and a.request_id = r.id
        and a.outcome = 'approved' and ${sessionsThatFit(asked)}
      group by a.approver order by 3 desc, 1 limit 10`,
  )
}
