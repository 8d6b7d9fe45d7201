import { sql } from 'kysely'
import type { Asked } from './report.ts'
import { isNarrowed, sessionsCounted } from './session-scope.ts'
import { contains, dayNumber, equals, every, type Part } from './sql-parts.ts'

const DAY_MS = 86_400_000

/**
 * Starts as `(day, program, starts)` of the sessions that fit. Where only a period is asked for, whole days come from
 * the figures that the engine keeps, and the rest of the first and last day from its sessions.
 */
export function startsByDay(asked: Asked): Part {
  if (isFromSessions(asked)) {
    const { from, where } = sessionsCounted(withoutProgram(asked))
    return sql`(select ${dayNumber('s.started_at')} as day, sp.program, sp.starts
      from ${from} cross join session_program sp where sp.session_id = s.id and ${where})`
  }
  if (asked.fromMs === null && asked.toMs === null) return sql`program_day`
  const firstDay = asked.fromMs === null ? null : Math.ceil(asked.fromMs / DAY_MS)
  const lastDay = asked.toMs === null ? null : Math.floor(asked.toMs / DAY_MS)
  const whole = every([
    firstDay === null ? null : sql`day >= ${firstDay}`,
    lastDay === null ? null : sql`day < ${lastDay}`,
  ])
  return sql`(select day, program, starts from program_day where ${whole}
    ${edge(asked.fromMs, earlier(firstDay, asked.toMs))} ${edge(later(lastDay, firstDay, asked.fromMs), asked.toMs)})`
}

/** The part of the first day, not beyond the end of the period. */
function earlier(firstDay: number | null, toMs: number | null): number | null {
  return firstDay === null ? null : Math.min(firstDay * DAY_MS, toMs ?? Number.MAX_SAFE_INTEGER)
}

/** The part of the last day; nothing where the first day's part reaches as far. */
function later(lastDay: number | null, firstDay: number | null, fromMs: number | null): number | null {
  if (lastDay === null) return null
  if (firstDay !== null && firstDay > lastDay) return null
  return Math.max(lastDay * DAY_MS, fromMs ?? 0)
}

function edge(fromMs: number | null, toMs: number | null): Part {
  if (fromMs === null || toMs === null || fromMs >= toMs) return sql``
  return sql`union all select ${dayNumber('e.started_at')}, ep.program, ep.starts from session e
    join session_program ep on ep.session_id = e.id where e.started_at >= ${fromMs} and e.started_at < ${toMs}`
}

/** Longer periods that are over have more sessions than people and programs to ask for. */
const FEW_DAYS = 62

/**
 * Whether the sessions that fit are looked at one by one: where something else than a period is asked for, and for a
 * short period that is over, where first and last times say little.
 */
export function isFromSessions(asked: Asked): boolean {
  const { fromMs, toMs } = asked
  return isNarrowed(asked) || (fromMs !== null && toMs !== null && toMs - fromMs <= FEW_DAYS * DAY_MS)
}

/** Starts as `(program, starts)`; of single sessions also with `people` and `computers`. */
export function startsByProgram(asked: Asked): Part {
  if (isFromSessions(asked)) {
    const { from, where } = sessionsCounted(withoutProgram(asked))
    // A cross join keeps the engine from going through all sessions of each program instead.
    return sql`(select sp.program, cast(sum(sp.starts) as bigint) as starts, count(distinct s.user_id) as people,
      count(distinct s.device_id) as computers
      from ${from} cross join session_program sp where sp.session_id = s.id and ${where} group by sp.program)`
  }
  if (asked.fromMs === null && asked.toMs === null) return sql`program`
  return sql`(select program, cast(sum(starts) as bigint) as starts from ${startsByDay(asked)} b group by program)`
}

/** The programs that fit, over a table `t` with `program`. */
export function programsThatFit({ filter }: Asked): Part {
  return every([equals('t.program', filter.program), contains(filter.text, ['t.program'])])
}

/** Distinct people or computers of `x.program` in the period, where `startsByProgram` does not have them. */
export function distinctOf(asked: Asked, whom: 'person' | 'computer'): Part {
  const own = whom === 'person' ? sql`s.user_id` : sql`s.device_id`
  const [table, key] =
    whom === 'person' ? [sql`program_person`, sql`q.user_id`] : [sql`program_computer`, sql`q.device_id`]
  return sql`(select count(*) from ${table} q where q.program = x.program and ${met(asked, own, key)})`
}

/**
 * Whether `q` met the program in the period. Most are decided by the first and last time; only who met it before and
 * after has to be looked up.
 */
function met({ fromMs, toMs }: Asked, own: Part, key: Part): Part {
  if (fromMs === null && toMs === null) return sql`1 = 1`
  if (toMs === null) return sql`q.last_at >= ${fromMs}`
  if (fromMs === null) return sql`q.first_at < ${toMs}`
  return sql`q.first_at < ${toMs} and q.last_at >= ${fromMs} and (q.first_at >= ${fromMs} or q.last_at < ${toMs}
    or exists (select 1 from session s join session_program sp on sp.session_id = s.id and sp.program = q.program
      where ${own} = ${key} and s.started_at >= ${fromMs} and s.started_at < ${toMs}))`
}

/** A program and a text are conditions on the programs here, not on the sessions. */
function withoutProgram(asked: Asked): Asked {
  const { program: _program, text: _text, ...filter } = asked.filter
  return { ...asked, filter }
}
