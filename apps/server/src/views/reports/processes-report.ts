import type { ProcessesSummary, ProcessRow } from '@stint/wire/reports'
import { sql } from 'kysely'
import { isoTime, isoTimeOrNull } from '../../clock.ts'
import type { Reader } from '../../db/database.ts'
import type { SessionProcessRow } from '../../db/schema.ts'
import { userRef } from './account-name.ts'
import { shellText } from './csv.ts'
import { direction, pageOf, readCursor, sorting } from './paged.ts'
import type { Asked, Report } from './report.ts'
import { computerRef, sessionsCounted, sessionsJoined, sessionsThatFit } from './session-scope.ts'
import { equals, every, type Part, rowsOf, total } from './sql-parts.ts'

interface Found extends SessionProcessRow {
  session_started_at: number
  user_id: string
  user_name: string
  device_id: string
  device_name: string
  facts: string
}

/** The processes launched in the sessions that fit: session by session, in each the oldest first. */
export function createProcessesReport(read: Reader): Report<ProcessRow, ProcessesSummary> {
  return {
    async rows(asked, sort, limit, cursor) {
      const { descending } = sorting({ session: { by: sql`s.started_at`, kind: 'number' } }, sort, '-session')
      const way = direction(descending)
      const found = await rowsOf(
        read,
        sql<Found>`select p.*, s.started_at as session_started_at, s.user_id, s.user_name, s.device_id,
          s.device_name, s.facts
          from ${sessionsOfPage(asked, cursor, descending, limit)} s join session_process p on p.session_id = s.id
          where ${every([equals('p.program', asked.filter.program), restOfSession(cursor)])}
          order by s.started_at ${way}, s.id ${way}, p.seq limit ${limit + 1}`,
      )
      return pageOf(found, limit, (row) => [row.session_started_at, row.session_id, row.seq], processRow)
    },
    async summary(asked) {
      const { from, where } = sessionsCounted(asked)
      const [row] = await rowsOf(
        read,
        sql<ProcessesSummary>`select count(*) as sessions, ${total(sql`s.processes`)} as processes
          from ${from} where ${where}`,
      )
      return row ?? { sessions: 0, processes: 0 }
    },
    columns: processColumns,
  }
}

/**
 * Each of these sessions but the first has a row of the page, so no more can be needed: without this the engine sorts
 * all processes there are.
 */
function sessionsOfPage(asked: Asked, cursor: string | null, descending: boolean, limit: number): Part {
  const way = direction(descending)
  return sql`(select s.id, s.started_at, s.user_id, s.user_name, s.device_id, d.name as device_name, d.facts
    from ${sessionsJoined} where ${every([sessionsThatFit(asked), reached(cursor, descending)])} and s.processes > 0
    order by s.started_at ${way}, s.id ${way} limit ${limit + 2})`
}

/** From the session of the last row on. */
function reached(cursor: string | null, descending: boolean): Part | null {
  if (cursor === null) return null
  const [startedAt, id] = readCursor(cursor, cursorKinds)
  return descending
    ? sql`(s.started_at, s.id) <= (${startedAt}, ${id})`
    : sql`(s.started_at, s.id) >= (${startedAt}, ${id})`
}

function restOfSession(cursor: string | null): Part | null {
  if (cursor === null) return null
  const [, id, seq] = readCursor(cursor, cursorKinds)
  return sql`(s.id <> ${id} or p.seq > ${seq})`
}

const cursorKinds = ['number', 'text', 'number'] as const

function processRow(row: Found): ProcessRow {
  return {
    sessionId: row.session_id,
    user: userRef(row.user_id, row.user_name),
    computer: computerRef(row.device_id, row.device_name, row.facts),
    pid: row.pid,
    parentPid: row.parent_pid,
    program: row.program,
    args: JSON.parse(row.args),
    argsCut: row.args_cut === 1,
    directory: row.directory,
    sha256: row.sha256,
    startedAt: isoTime(row.started_at),
    endedAt: isoTimeOrNull(row.ended_at),
    exitCode: row.exit_code,
    signal: row.signal,
  }
}

const processColumns: Report<ProcessRow, ProcessesSummary>['columns'] = [
  ['Session', (row) => row.sessionId],
  ['User', (row) => row.user.name],
  ['User id', (row) => row.user.id],
  ['Domain', (row) => row.user.domain],
  ['OU', (row) => row.user.ou],
  ['Computer', (row) => row.computer.name],
  ['Class', (row) => row.computer.class],
  ['OS', (row) => row.computer.os],
  ['Process', (row) => row.pid],
  ['Parent', (row) => row.parentPid],
  ['Program', (row) => row.program],
  ['Arguments', (row) => shellText(row.args)],
  ['Arguments cut', (row) => row.argsCut],
  ['Directory', (row) => row.directory],
  ['SHA-256', (row) => row.sha256],
  ['Started', (row) => row.startedAt],
  ['Ended', (row) => row.endedAt],
  ['Exit code', (row) => row.exitCode],
  ['Signal', (row) => row.signal],
]
