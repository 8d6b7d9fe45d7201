import type { RequestState } from '@stint/elevation'
import type { RequestsSummary } from '@stint/wire/reports'
import { sql } from 'kysely'
import type { Reader } from '../../db/database.ts'
import type { Asked } from './report.ts'
import {
  contains,
  dayNumber,
  dayText,
  equals,
  every,
  nothing,
  type Part,
  rowsOf,
  topOf,
  within,
} from './sql-parts.ts'

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
    topUsers: topOf(await topUsers(read, asked)),
    topComputers: topOf(await topComputers(read, asked)),
    topApprovers: topOf(await topApprovers(read, asked)),
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
        from ${answeredRequests(asked)}
        where a.request_id = r.id and ${requestsThatFit(asked)}
      ) t where place in ((n + 1) / 2, (n * 95 + 99) / 100) order by place`,
  )
  const seconds = (row: { ms: number } | undefined) => (row === undefined ? null : Math.round(row.ms / 1000))
  return {
    answered: found[0]?.n ?? 0,
    medianAnswerSeconds: seconds(found[0]),
    p95AnswerSeconds: seconds(found.at(-1)),
  }
}

interface Ranked {
  id: string
  name: string | null
  n: number
}

/** The name is the one of the newest request. */
function topUsers(read: Reader, asked: Asked) {
  return rowsOf(
    read,
    sql<Ranked>`select t.id, t.n, (select u.user_name from request u where u.user_id = t.id
        order by u.created_at desc limit 1) as name
      from (
        select r.user_id as id, count(*) as n from ${needed(asked)} where ${requestsThatFit(asked)}
        group by r.user_id order by 2 desc, 1 limit 10
      ) t order by t.n desc, t.id`,
  )
}

function topComputers(read: Reader, asked: Asked) {
  return rowsOf(
    read,
    sql<Ranked>`select t.id, t.n, c.name from (
        select r.device_id as id, count(*) as n from ${needed(asked)} where ${requestsThatFit(asked)}
        group by r.device_id order by 2 desc, 1 limit 10
      ) t join device c on c.id = t.id order by t.n desc, t.id`,
  )
}

function topApprovers(read: Reader, asked: Asked) {
  return rowsOf(
    read,
    sql<Ranked>`select a.approver as id, max(a.approver_name) as name, count(*) as n
      from ${answeredRequests(asked)} where a.request_id = r.id and ${requestsThatFit(asked)}
      group by a.approver order by 3 desc, 1 limit 10`,
  )
}

/**
 * Requests with their decision, from whichever there are fewer of, which the engine does not know; the computer only
 * where a text may be in its name.
 */
function answeredRequests({ filter }: Asked): Part {
  const device = filter.text === undefined ? nothing : sql`left join device d on d.id = r.device_id`
  return filter.approver === undefined
    ? sql`request r ${device} cross join approval a`
    : sql`approval a cross join request r ${device}`
}
