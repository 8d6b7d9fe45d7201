import type { RequestState } from '@stint/elevation'
import type { RequestView } from '@stint/wire/console'
import { dayMs, isoTime } from '../clock.ts'
import type { Reader } from '../db/database.ts'
import type { RequestRow } from '../db/schema.ts'
import { type CursorKey, type PageAsked, type PageFound, toPage } from '../http/paging.ts'

/** Requests as people see them, with their computer, decision and session. Reads and joins, writes nothing. */
export interface RequestViews {
  requests(page: PageAsked<CursorKey>, state: RequestState | null): Promise<PageFound<RequestView>>
  request(id: string): Promise<RequestView | null>
  ofDeviceRequest(deviceId: string, deviceRequestId: string): Promise<RequestView | null>
  /** Sessions of this user on this computer in the last seven days. */
  sessionsThisWeek(deviceId: string, userId: string, now: number): Promise<number>
}

export function createRequestViews(
  read: Reader,
  isOnline: (deviceId: string) => boolean,
  ceilingMinutes: () => Promise<number>,
): RequestViews {
  const one = async (rows: ReturnType<typeof joined>) => {
    const row = await rows.executeTakeFirst()
    return row === undefined ? null : requestView(row, isOnline(row.device_id), await ceilingMinutes())
  }
  return {
    async requests({ limit, after }, state) {
      const [createdAt, id] = after ?? []
      let rows = joined(read)
      if (state !== null) rows = rows.where('request.state', '=', state)
      if (createdAt !== undefined && id !== undefined)
        rows = rows.where((is) =>
          is.or([
            is('request.created_at', '<', Number(createdAt)),
            is.and([is('request.created_at', '=', Number(createdAt)), is('request.id', '<', String(id))]),
          ]),
        )
      const found = await rows
        .orderBy('request.created_at', 'desc')
        .orderBy('request.id', 'desc')
        .limit(limit + 1)
        .execute()
      const ceiling = await ceilingMinutes()
      const view = (row: Joined) => requestView(row, isOnline(row.device_id), ceiling)
      return toPage(found, limit, (row) => [row.created_at, row.id], view)
    },
    request: (id) => one(joined(read).where('request.id', '=', id)),
    ofDeviceRequest: (deviceId, id) =>
      one(joined(read).where('request.device_id', '=', deviceId).where('request.device_request_id', '=', id)),
    async sessionsThisWeek(deviceId, userId, now) {
      const row = await read
        .selectFrom('session')
        .select((of) => of.fn.countAll<number>().as('count'))
        .where('device_id', '=', deviceId)
        .where('user_id', '=', userId)
        .where('started_at', '>', now - 7 * dayMs)
        .executeTakeFirstOrThrow()
      return Number(row.count)
    },
  }
}

function joined(read: Reader) {
  return (
    read
      .selectFrom('request')
      .innerJoin('device', 'device.id', 'request.device_id')
      .leftJoin('approval', 'approval.request_id', 'request.id')
      // Only the same computer's: another one can claim any request in its own journal.
      .leftJoin('session', (on) =>
        on
          .onRef('session.device_request_id', '=', 'request.device_request_id')
          .onRef('session.device_id', '=', 'request.device_id'),
      )
      .selectAll('request')
      .select([
        'device.name as device_name',
        'session.id as session_id',
        'approval.at as decided_at',
        'approval.outcome',
        'approval.carried',
        'approval.approver_name',
        'approval.note',
        'approval.minutes as decided_minutes',
        'approval.end_processes',
        'approval.caller_check',
      ])
  )
}

type Joined = Awaited<ReturnType<ReturnType<typeof joined>['executeTakeFirstOrThrow']>>

function requestView(row: Joined, online: boolean, ceilingMinutes: number): RequestView {
  return {
    ...plainView(row),
    device: { id: row.device_id, name: row.device_name, online },
    decision: decisionView(row),
    sessionId: row.session_id,
    ceilingMinutes,
  }
}

function plainView(row: RequestRow) {
  return {
    id: row.id,
    state: row.state,
    source: row.source,
    userId: row.user_id,
    userName: row.user_name,
    mode: row.mode,
    reason: row.reason,
    minutes: row.minutes,
    ticket: row.ticket,
    createdAt: isoTime(row.created_at),
    expiresAt: isoTime(row.expires_at),
  }
}

function decisionView(row: Joined): RequestView['decision'] {
  if (row.decided_at === null || row.outcome === null || row.carried === null) return null
  return {
    by: row.approver_name ?? '',
    at: isoTime(row.decided_at),
    outcome: row.outcome,
    minutes: row.decided_minutes,
    endProcesses: row.end_processes === null ? null : row.end_processes === 1,
    note: row.note ?? '',
    callerCheck: row.caller_check,
    carried: row.carried,
  }
}
