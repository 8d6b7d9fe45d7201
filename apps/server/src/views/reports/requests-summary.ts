import type { RequestState } from '@stint/elevation'
import type { RequestsSummary } from '@stint/wire/reports'
import { sql } from 'kysely'
import type { Reader } from '../../db/database.ts'
import type { Asked } from './report.ts'
import { contains, dayNumber, dayText, equals, every, type Part, rowsOf, topOf, within } from './sql-parts.ts'

/** Requests with their computer and decision, as `r`, `d`, `a`. */
export const requestsJoined: Part = sql`request r left join device d on d.id = r.device_id
  left join approval a on a.request_id = r.id`

export const answerMs: Part = sql`(case when a.at < r.created_at then 0 else a.at - r.created_at end)`

export function requestsThatFit({ filter, fromMs, toMs }: Asked): Part {
  return every([
    within('r.created_at', fromMs, toMs),
    equals('r.device_id', filter.device),
    equals('r.user_id', filter.user),
    equals('r.mode', filter.mode),
    equals('r.state', filter.state),
    equals('a.approver', filter.approver),
    contains(filter.text, ['r.user_name', 'r.user_id', 'd.name', 'r.reason', 'r.ticket', 'a.approver_name']),
  ])
}

export async function requestsSummary(read: Reader, asked: Asked): Promise<RequestsSummary> {
  const states = await byDayAndState(read, asked)
  const count = (state?: RequestState) =>
    states.reduce((all, row) => all + (state === undefined || row.state === state ? row.n : 0), 0)
  return {
    generated: count(),
    approved: count('approved'),
    denied: count('denied'),
    pending: count('pending'),
    withdrawn: count('withdrawn'),
    expired: count('expired'),
    void: count('void'),
    ...(await answerTimes(read, asked)),
    perDay: daysOf(states),
    topUsers: topOf(await top(read, asked, sql`r.user_id`, sql`max(r.user_name)`)),
    topComputers: topOf(await top(read, asked, sql`r.device_id`, sql`max(d.name)`)),
    topApprovers: topOf(await top(read, asked, sql`a.approver`, sql`max(a.approver_name)`)),
  }
}

interface DayState {
  day: number
  state: RequestState
  n: number
}

function byDayAndState(read: Reader, asked: Asked): Promise<DayState[]> {
  const day = dayNumber('r.created_at')
  return rowsOf(
    read,
    sql<DayState>`select ${day} as day, r.state, count(*) as n from ${needed(asked)}
      where ${requestsThatFit(asked)} group by ${day}, r.state order by 1`,
  )
}

/** Joins cost more than the count itself, so only where a condition is about them. */
function needed({ filter }: Asked): Part {
  return filter.approver === undefined && filter.text === undefined ? sql`request r` : requestsJoined
}

function daysOf(states: readonly DayState[]): RequestsSummary['perDay'] {
  const days = new Map<string, { day: string; generated: number; approved: number; denied: number }>()
  for (const { day, state, n } of states) {
    const row = days.get(dayText(day)) ?? { day: dayText(day), generated: 0, approved: 0, denied: 0 }
    row.generated += n
    if (state === 'approved' || state === 'denied') row[state] += n
    days.set(row.day, row)
  }
  return [...days.values()]
}

/** Median and 95th percentile by nearest rank: values that occurred. */
async function answerTimes(
  read: Reader,
  asked: Asked,
): Promise<Pick<RequestsSummary, 'answered' | 'medianAnswerSeconds' | 'p95AnswerSeconds'>> {
  const found = await rowsOf(
    read,
    sql<{ ms: number; place: number; n: number }>`select ms, place, n from (
        select ${answerMs} as ms, row_number() over (order by ${answerMs}) as place, count(*) over () as n
        from ${sql`request r join approval a on a.request_id = r.id left join device d on d.id = r.device_id`}
        where ${requestsThatFit(asked)}
      ) t where place in ((n + 1) / 2, (n * 95 + 99) / 100) order by place`,
  )
  const seconds = (row: { ms: number } | undefined) => (row === undefined ? null : Math.round(row.ms / 1000))
  return {
    answered: found[0]?.n ?? 0,
    medianAnswerSeconds: seconds(found[0]),
    p95AnswerSeconds: seconds(found.at(-1)),
  }
}

function top(read: Reader, asked: Asked, id: Part, name: Part) {
  return rowsOf(
    read,
    sql<{ id: string; name: string | null; n: number }>`select ${id} as id, ${name} as name, count(*) as n
      from ${requestsJoined} where ${requestsThatFit(asked)} and ${id} is not null
      group by ${id} order by 3 desc, 1 limit 10`,
  )
}
