import type { DeviceFacts } from '@stint/wire/journal'
import type { ComputerRef } from '@stint/wire/reports'
import { sql } from 'kysely'
import type { Asked } from './report.ts'
import { contains, equals, every, type Part, within } from './sql-parts.ts'

/** Sessions with their request and approval, as `s`, `d`, `r`, `a`. The outer joins keep the sessions' order. */
export const sessionsJoined: Part = sql`session s
  left join device d on d.id = s.device_id
  left join request r on r.device_request_id = s.device_request_id and r.device_id = s.device_id
  left join approval a on a.request_id = r.id and a.outcome = 'approved'`

/** The sessions that fit, over `sessionsJoined`. */
export function sessionsThatFit(asked: Asked): Part {
  return every([...ownConditions(asked), ...joinedConditions(asked)])
}

/** The tables that the conditions need and no more: summaries look at every session of the period. */
export function sessionsCounted(asked: Asked): { readonly from: Part; readonly where: Part } {
  const where = sessionsThatFit(asked)
  const isJoined = joinedConditions(asked).some((condition) => condition !== null)
  return { from: isJoined ? sessionsJoined : sql`session s`, where }
}

/** Whether anything but the period, a program and a text is asked for. */
export function isNarrowed({ filter }: Asked): boolean {
  const { program: _program, text: _text, state: _state, ...rest } = filter
  return Object.values(rest).some((value) => value !== undefined)
}

function ownConditions({ filter, fromMs, toMs }: Asked): (Part | null)[] {
  return [
    within('s.started_at', fromMs, toMs),
    equals('s.id', filter.session),
    equals('s.device_id', filter.device),
    equals('s.user_id', filter.user),
    equals('s.credential', filter.credential),
    equals('s.mode', filter.mode),
    equals('s.end_reason', filter.endReason),
    equals('s.completeness', filter.completeness),
    filter.program === undefined
      ? null
      : sql`exists (select 1 from session_program e where e.session_id = s.id and e.program = ${filter.program})`,
    filter.approver === undefined ? null : approvedBy(filter.approver),
  ]
}

/** By way of the approver's own decisions, which are few beside all sessions. */
function approvedBy(approver: string): Part {
  return sql`s.id in (select x.id from approval y join request z on z.id = y.request_id
    join session x on x.device_request_id = z.device_request_id and x.device_id = z.device_id
    where y.approver = ${approver} and y.outcome = 'approved')`
}

function joinedConditions({ filter }: Asked): (Part | null)[] {
  return [
    contains(filter.text, ['s.user_name', 's.user_id', 'd.name', 'r.reason', 'r.ticket', 'a.approver_name']),
  ]
}

/** How long rights were up, in ms: until the end, or until now. A computer's clock may be ahead of ours. */
export function elevatedMs(nowMs: number): Part {
  const end = sql`coalesce(s.ended_at, cast(${nowMs} as bigint))`
  return sql`(case when ${end} > s.started_at then ${end} - s.started_at else 0 end)`
}

export function computerRef(id: string, name: string, factsJson: string): ComputerRef {
  const facts: DeviceFacts = JSON.parse(factsJson)
  return { id, name, class: facts.class, os: `${facts.osName} ${facts.osVersion}`.trim() }
}
