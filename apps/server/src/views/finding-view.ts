import type { FindingCode } from '@stint/elevation'
import type { Finding, FindingState } from '@stint/wire/findings'
import { isoTime } from '../clock.ts'
import type { Reader } from '../db/database.ts'
import { type CursorKey, type PageAsked, type PageFound, toPage } from '../http/paging.ts'
import { actorNames } from './actor-names.ts'

/** Findings as people see them, newest first. Reads only. */
export interface FindingViews {
  findings(
    page: PageAsked<CursorKey>,
    only: {
      readonly state: FindingState | null
      readonly deviceId: string | null
      readonly code: FindingCode | null
    },
  ): Promise<PageFound<Finding>>
  finding(id: string): Promise<Finding | null>
}

export function createFindingViews(read: Reader): FindingViews {
  return {
    async findings({ limit, after }, { state, deviceId, code }) {
      const [foundAt, id] = after ?? []
      let rows = joined(read)
      if (state === 'open') rows = rows.where('finding.acknowledged_at', 'is', null)
      if (state === 'acknowledged') rows = rows.where('finding.acknowledged_at', 'is not', null)
      if (deviceId !== null) rows = rows.where('finding.device_id', '=', deviceId)
      if (code !== null) rows = rows.where('finding.code', '=', code)
      if (foundAt !== undefined && id !== undefined)
        rows = rows.where((is) =>
          is.or([
            is('finding.found_at', '<', Number(foundAt)),
            is.and([is('finding.found_at', '=', Number(foundAt)), is('finding.id', '<', String(id))]),
          ]),
        )
      const found = await newestFirst(rows)
        .limit(limit + 1)
        .execute()
      const view = await viewOf(read, found)
      return toPage(found, limit, (row) => [row.found_at, row.id], view)
    },
    async finding(id) {
      const row = await joined(read).where('finding.id', '=', id).executeTakeFirst()
      return row === undefined ? null : (await viewOf(read, [row]))(row)
    },
  }
}

/** The newest of a page's worth of findings at these numbers of a journal. */
export async function findingsAt(
  read: Reader,
  deviceId: string,
  span: { readonly from: number; readonly to: number | null },
): Promise<Finding[]> {
  let rows = joined(read)
    .where('finding.device_id', '=', deviceId)
    .where('finding.word', '<>', 'silent')
    .where('finding.seq_to', '>=', span.from)
  if (span.to !== null) rows = rows.where('finding.seq_from', '<=', span.to)
  const found = await newestFirst(rows).limit(200).execute()
  return found.map(await viewOf(read, found))
}

function joined(read: Reader) {
  return read
    .selectFrom('finding')
    .innerJoin('device', 'device.id', 'finding.device_id')
    .leftJoin('session', 'session.id', 'finding.session_id')
    .selectAll('finding')
    .select(['device.name as device_name', 'session.id as known_session'])
}

const newestFirst = (rows: ReturnType<typeof joined>) =>
  rows.orderBy('finding.found_at', 'desc').orderBy('finding.id', 'desc')

type Joined = Awaited<ReturnType<ReturnType<typeof joined>['executeTakeFirstOrThrow']>>

async function viewOf(read: Reader, rows: readonly Joined[]): Promise<(row: Joined) => Finding> {
  const named = await actorNames(
    read,
    rows.flatMap(({ acknowledged_by }) => acknowledged_by ?? []),
  )
  return (row) => ({
    id: row.id,
    code: row.code,
    word: row.word,
    device: { id: row.device_id, name: row.device_name },
    sessionId: row.known_session,
    from: row.seq_from,
    to: row.seq_to,
    foundAt: isoTime(row.found_at),
    details: figuresOf(JSON.parse(row.details)),
    acknowledged:
      row.acknowledged_by === null || row.acknowledged_at === null
        ? null
        : {
            by: named(row.acknowledged_by),
            at: isoTime(row.acknowledged_at),
            note: row.note ?? '',
          },
  })
}

/** What can be shown beside a name: whole lists and records stay in the ledger. */
function figuresOf(details: Readonly<Record<string, unknown>>): Finding['details'] {
  const shown = Object.entries(details).flatMap(([name, value]): [string, string | number | null][] =>
    typeof value === 'string' || typeof value === 'number' || value === null ? [[name, value]] : [],
  )
  return Object.fromEntries(shown)
}
