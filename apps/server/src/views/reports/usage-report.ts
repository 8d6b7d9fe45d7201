import type { Completeness, Credential, EndReason, Mode, SessionState } from '@stint/elevation'
import type { UsageRow, UsageSummary } from '@stint/wire/reports'
import { sql } from 'kysely'
import { isoTime, isoTimeOrNull } from '../../clock.ts'
import type { Reader } from '../../db/database.ts'
import { userRef } from './account-name.ts'
import { beyond, direction, pageOf, type SortKey, sorting } from './paged.ts'
import type { Asked, Report } from './report.ts'
import { computerRef, elevatedMs, sessionsCounted, sessionsJoined } from './session-scope.ts'
import { every, type Part, rowsOf } from './sql-parts.ts'
import { usageSummary } from './usage-summary.ts'

interface Found {
  id: string
  state: SessionState
  credential: Credential
  request_id: string | null
  user_id: string
  user_name: string
  approver: string | null
  approver_name: string | null
  device_id: string
  device_name: string
  facts: string
  mode: Mode
  reason: string | null
  ticket: string | null
  started_at: number
  ends_at: number
  ended_at: number | null
  end_reason: EndReason | null
  elevated_ms: number
  processes: number
  completeness: Completeness
  sort_key: number | string
}

/** Temporary Session Elevation Usage: each session, however it was given. */
export function createUsageReport(read: Reader): Report<UsageRow, UsageSummary> {
  return {
    async rows(asked, sort, limit, cursor) {
      const { key, descending } = sorting(sortKeys(asked), sort, '-activated')
      const way = direction(descending)
      const found = await rowsOf(
        read,
        sql<Found>`select s.id, s.state, s.credential, r.id as request_id, s.user_id, s.user_name, a.approver,
          a.approver_name, s.device_id, d.name as device_name, d.facts, s.mode, r.reason, r.ticket, s.started_at,
          s.ends_at, s.ended_at, s.end_reason, ${elevatedMs(asked.nowMs)} as elevated_ms, s.processes,
          s.completeness, page.sort_key
          from ${sessionsOfPage(asked, key, descending, limit, cursor)} page cross join ${sessionsJoined}
          where s.id = page.id order by page.sort_key ${way}, page.id ${way}`,
      )
      return pageOf(found, limit, (row) => [row.sort_key, row.id], usageRow)
    },
    summary: (asked) => usageSummary(read, asked),
    columns: usageColumns,
  }
}

/** Which sessions stand on the page, before anything else of them is looked up. */
function sessionsOfPage(
  asked: Asked,
  key: SortKey,
  descending: boolean,
  limit: number,
  cursor: string | null,
): Part {
  const way = direction(descending)
  const { from, where } = sessionsCounted(asked)
  const conditions = every([where, beyond(key, sql`s.id`, descending, cursor)])
  return sql`(select s.id, ${key.by} as sort_key from ${from} where ${conditions}
    order by ${key.by} ${way}, s.id ${way} limit ${limit + 1})`
}

function sortKeys({ nowMs }: Asked) {
  return {
    activated: { by: sql`s.started_at`, kind: 'number' },
    elevation: { by: elevatedMs(nowMs), kind: 'number' },
    processes: { by: sql`s.processes`, kind: 'number' },
    user: { by: sql`s.user_name`, kind: 'text' },
    computer: { by: sql`(select c.name from device c where c.id = s.device_id)`, kind: 'text' },
  } as const
}

function usageRow(row: Found): UsageRow {
  return {
    sessionId: row.id,
    state: row.state,
    credential: row.credential,
    passcode: null,
    requestId: row.request_id,
    user: userRef(row.user_id, row.user_name),
    approvedBy: row.approver === null ? null : { id: row.approver, name: row.approver_name ?? row.approver },
    computer: computerRef(row.device_id, row.device_name, row.facts),
    mode: row.mode,
    reason: row.reason,
    ticket: row.ticket,
    activatedAt: isoTime(row.started_at),
    endsAt: isoTime(row.ends_at),
    endedAt: isoTimeOrNull(row.ended_at),
    endReason: row.end_reason,
    use: usesOf(row.credential),
    elevationSeconds: Math.round(row.elevated_ms / 1000),
    processes: row.processes,
    completeness: row.completeness,
  }
}

/** An answer to a request is good once (spec: codes). The others are not counted by uses here. */
function usesOf(credential: Credential): UsageRow['use'] {
  return credential === 'response-code' || credential === 'answer-token' ? { n: 1, of: 1 } : null
}

const usageColumns: Report<UsageRow, UsageSummary>['columns'] = [
  ['Session', (row) => row.sessionId],
  ['State', (row) => row.state],
  ['Given by', (row) => row.credential],
  ['Passcode id', (row) => row.passcode?.id ?? null],
  ['Passcode title', (row) => row.passcode?.title ?? null],
  ['Request', (row) => row.requestId],
  ['User', (row) => row.user.name],
  ['User id', (row) => row.user.id],
  ['Domain', (row) => row.user.domain],
  ['OU', (row) => row.user.ou],
  ['Approved by', (row) => row.approvedBy?.name ?? null],
  ['Computer', (row) => row.computer.name],
  ['Computer id', (row) => row.computer.id],
  ['Class', (row) => row.computer.class],
  ['OS', (row) => row.computer.os],
  ['Mode', (row) => row.mode],
  ['Reason', (row) => row.reason],
  ['Ticket', (row) => row.ticket],
  ['Activated', (row) => row.activatedAt],
  ['Allowed until', (row) => row.endsAt],
  ['Ended', (row) => row.endedAt],
  ['End reason', (row) => row.endReason],
  ['Use', (row) => row.use?.n ?? null],
  ['Uses', (row) => row.use?.of ?? null],
  ['Elevation seconds', (row) => row.elevationSeconds],
  ['Processes', (row) => row.processes],
  ['Completeness', (row) => row.completeness],
]
