import type { SessionState } from '@stint/elevation'
import type { ProcessView, SessionDetail, SessionSummary } from '@stint/wire/console'
import { type Clock, isoTime, isoTimeOrNull, minuteMs } from '../clock.ts'
import type { Reader } from '../db/database.ts'
import type { SessionProcessRow } from '../db/schema.ts'
import { type CursorKey, type PageAsked, type PageFound, toPage } from '../http/paging.ts'
import type { RequestViews } from './request-view.ts'
import { changesOf, deniedOf } from './session-findings.ts'
import { timelineOf } from './timeline.ts'
import { judgedView } from './verdict-view.ts'

/** Rights are gone at their deadline; so long after it, that nobody has reported it is worth saying. */
export const OVERDUE_MS = 10 * minuteMs

/** Sessions as people see them. Reads and joins, writes nothing. */
export interface SessionViews {
  sessions(
    page: PageAsked<CursorKey>,
    only: { readonly state: SessionState | null; readonly deviceId: string | null },
  ): Promise<PageFound<SessionSummary>>
  session(id: string): Promise<SessionDetail | null>
  /** Oldest first. */
  processes(id: string, page: PageAsked<CursorKey>): Promise<PageFound<ProcessView>>
}

export function createSessionViews(
  read: Reader,
  requests: Pick<RequestViews, 'ofDeviceRequest'>,
  clock: Clock,
): SessionViews {
  return {
    async sessions({ limit, after }, { state, deviceId }) {
      const [startedAt, id] = after ?? []
      let rows = joined(read)
      if (state !== null) rows = rows.where('session.state', '=', state)
      if (deviceId !== null) rows = rows.where('session.device_id', '=', deviceId)
      if (startedAt !== undefined && id !== undefined)
        rows = rows.where((is) =>
          is.or([
            is('session.started_at', '<', Number(startedAt)),
            is.and([is('session.started_at', '=', Number(startedAt)), is('session.id', '<', String(id))]),
          ]),
        )
      const found = await rows
        .orderBy('session.started_at', 'desc')
        .orderBy('session.id', 'desc')
        .limit(limit + 1)
        .execute()
      return toPage(
        found,
        limit,
        (row) => [row.started_at, row.id],
        (row) => summaryView(row, clock.now()),
      )
    },
    session: (id) => detail(read, requests, id, clock.now()),
    async processes(id, { limit, after }) {
      const [seq] = after ?? []
      let rows = read.selectFrom('session_process').selectAll().where('session_id', '=', id)
      if (seq !== undefined) rows = rows.where('seq', '>', Number(seq))
      const found = await rows
        .orderBy('seq')
        .limit(limit + 1)
        .execute()
      return toPage(found, limit, (row) => [row.seq], processView)
    },
  }
}

function joined(read: Reader) {
  return (
    read
      .selectFrom('session')
      .innerJoin('device', 'device.id', 'session.device_id')
      // Only the same computer's: a journal can name any request.
      .leftJoin('request', (on) =>
        on
          .onRef('request.device_request_id', '=', 'session.device_request_id')
          .onRef('request.device_id', '=', 'session.device_id'),
      )
      .leftJoin('approval', 'approval.request_id', 'request.id')
      .selectAll('session')
      .select([
        'device.name as device_name',
        'request.id as request_id',
        'request.reason',
        'request.ticket',
        'approval.approver_name',
      ])
  )
}

type Joined = Awaited<ReturnType<ReturnType<typeof joined>['executeTakeFirstOrThrow']>>

function summaryView(row: Joined, now: number): SessionSummary {
  return {
    id: row.id,
    state: row.state,
    device: { id: row.device_id, name: row.device_name },
    userId: row.user_id,
    userName: row.user_name,
    mode: row.mode,
    credential: row.credential,
    reason: row.reason,
    ticket: row.ticket,
    approvedBy: row.approver_name,
    startedAt: isoTime(row.started_at),
    endsAt: isoTime(row.ends_at),
    endedAt: isoTimeOrNull(row.ended_at),
    endReason: row.end_reason,
    processes: row.processes,
    completeness: row.completeness,
    overdue: row.state === 'live' && row.ends_at + OVERDUE_MS < now,
    requestId: row.request_id,
  }
}

async function detail(
  read: Reader,
  requests: Pick<RequestViews, 'ofDeviceRequest'>,
  id: string,
  now: number,
): Promise<SessionDetail | null> {
  const row = await joined(read).where('session.id', '=', id).executeTakeFirst()
  if (row === undefined) return null
  const gaps = await read
    .selectFrom('session_gap')
    .selectAll()
    .where('session_id', '=', id)
    .orderBy('seq')
    .execute()
  const { denied, deniedCount } = await deniedOf(read, id)
  return {
    summary: summaryView(row, now),
    request: await requests.ofDeviceRequest(row.device_id, row.device_request_id),
    endProcesses: row.end_processes === 1,
    recording: row.recording,
    denying: row.denying,
    wasAdministrator: row.was_administrator === 1,
    proven: row.proven === null ? null : row.proven === 1,
    stillRunning: JSON.parse(row.still_running ?? '[]'),
    denied,
    deniedCount,
    changes: await changesOf(read, id),
    gaps: gaps.map(({ from_at, to_at, cause }) => ({ from: isoTime(from_at), to: isoTime(to_at), cause })),
    ...(await judgedView(read, row, gaps)),
    timeline: await timelineOf(read, {
      sessionId: id,
      deviceId: row.device_id,
      deviceRequestId: row.device_request_id,
      requestId: row.request_id,
      deviceName: row.device_name,
      denied,
    }),
  }
}

function processView(row: SessionProcessRow): ProcessView {
  return {
    pid: row.pid,
    parentPid: row.parent_pid,
    uid: row.uid,
    program: row.program,
    args: JSON.parse(row.args),
    argsCut: row.args_cut === 1,
    redacted: row.redacted,
    directory: row.directory,
    sha256: row.sha256,
    startedAt: isoTime(row.started_at),
    endedAt: isoTimeOrNull(row.ended_at),
    exitCode: row.exit_code,
    signal: row.signal,
  }
}
