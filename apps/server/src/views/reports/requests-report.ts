import type { CallerCheck, Mode, RequestSource, RequestState } from '@stint/elevation'
import type { RequestReportRow, RequestsSummary } from '@stint/wire/reports'
import { sql } from 'kysely'
import { isoTime, isoTimeOrNull } from '../../clock.ts'
import type { Reader } from '../../db/database.ts'
import { userRef } from './account-name.ts'
import { beyond, direction, pageOf, sorting } from './paged.ts'
import type { Report } from './report.ts'
import { answerMs, requestsJoined, requestsSummary, requestsThatFit } from './requests-summary.ts'
import { computerRef } from './session-scope.ts'
import { every, rowsOf } from './sql-parts.ts'

interface Found {
  id: string
  state: RequestState
  source: RequestSource
  user_id: string
  user_name: string
  device_id: string
  device_name: string
  facts: string
  mode: Mode
  reason: string | null
  ticket: string | null
  minutes: number | null
  created_at: number
  at: number | null
  approver: string | null
  approver_name: string | null
  granted: number | null
  carried: 'network' | 'telephone' | null
  caller_check: CallerCheck | null
  note: string | null
  answer_ms: number | null
  session_id: string | null
  sort_key: number | string
}

const sortKeys = {
  created: { by: sql`r.created_at`, kind: 'number' },
  answer: { by: sql`coalesce(${answerMs}, -1)`, kind: 'number' },
  user: { by: sql`r.user_name`, kind: 'text' },
  computer: { by: sql`d.name`, kind: 'text' },
} as const

/** What was asked for, what became of it, and how long an answer took. */
export function createRequestsReport(read: Reader): Report<RequestReportRow, RequestsSummary> {
  return {
    async rows(asked, sort, limit, cursor) {
      const { key, descending } = sorting(sortKeys, sort, '-created')
      // One row each: a computer's journal may claim two sessions for one request.
      const session = sql`(select min(s.id) from session s
        where s.device_request_id = r.device_request_id and s.device_id = r.device_id)`
      const found = await rowsOf(
        read,
        sql<Found>`select r.id, r.state, r.source, r.user_id, r.user_name, r.device_id, d.name as device_name, d.facts,
          r.mode, r.reason, r.ticket, r.minutes, r.created_at, a.at, a.approver, a.approver_name,
          a.minutes as granted, a.carried, a.caller_check, a.note, ${answerMs} as answer_ms,
          ${session} as session_id, ${key.by} as sort_key
          from ${requestsJoined}
          where ${every([requestsThatFit(asked), beyond(key, sql`r.id`, descending, cursor)])}
          order by ${key.by} ${direction(descending)}, r.id ${direction(descending)} limit ${limit + 1}`,
      )
      return pageOf(found, limit, (row) => [row.sort_key, row.id], requestRow)
    },
    summary: (asked) => requestsSummary(read, asked),
    columns: requestColumns,
  }
}

function requestRow(row: Found): RequestReportRow {
  return {
    requestId: row.id,
    state: row.state,
    source: row.source,
    user: userRef(row.user_id, row.user_name),
    computer: computerRef(row.device_id, row.device_name, row.facts),
    mode: row.mode,
    reason: row.reason,
    ticket: row.ticket,
    minutesAsked: row.minutes,
    minutesGranted: row.granted,
    createdAt: isoTime(row.created_at),
    answeredAt: isoTimeOrNull(row.at),
    answeredBy: row.approver === null ? null : { id: row.approver, name: row.approver_name ?? row.approver },
    carried: row.carried,
    callerCheck: row.caller_check,
    note: row.note,
    answerSeconds: row.answer_ms === null ? null : Math.round(row.answer_ms / 1000),
    sessionId: row.session_id,
  }
}

const requestColumns: Report<RequestReportRow, RequestsSummary>['columns'] = [
  ['Request', (row) => row.requestId],
  ['State', (row) => row.state],
  ['Arrived by', (row) => row.source],
  ['User', (row) => row.user.name],
  ['User id', (row) => row.user.id],
  ['Domain', (row) => row.user.domain],
  ['OU', (row) => row.user.ou],
  ['Computer', (row) => row.computer.name],
  ['Class', (row) => row.computer.class],
  ['OS', (row) => row.computer.os],
  ['Mode', (row) => row.mode],
  ['Reason', (row) => row.reason],
  ['Ticket', (row) => row.ticket],
  ['Minutes asked', (row) => row.minutesAsked],
  ['Minutes granted', (row) => row.minutesGranted],
  ['Made', (row) => row.createdAt],
  ['Answered', (row) => row.answeredAt],
  ['Answered by', (row) => row.answeredBy?.name ?? null],
  ['Carried by', (row) => row.carried],
  ['Caller check', (row) => row.callerCheck],
  ['Note', (row) => row.note],
  ['Answer seconds', (row) => row.answerSeconds],
  ['Session', (row) => row.sessionId],
]
