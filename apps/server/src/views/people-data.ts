import { sql } from 'kysely'
import { type Clock, isoTime } from '../clock.ts'
import type { Reader } from '../db/database.ts'

/** Everything that is kept about one person as a user of computers. Reads only. */
export interface PeopleData {
  /** JSON in pieces, oldest first; times are milliseconds since 1970, as they are stored. */
  of(who: PersonAsked): AsyncIterable<string>
}

export interface PersonAsked {
  readonly userId: string
  /** Null: on every computer that knows this id. */
  readonly deviceId: string | null
}

const PAGE = 500

export function createPeopleData(read: Reader, clock: Clock): PeopleData {
  return { of: (who) => written(read, who, isoTime(clock.now())) }
}

async function* written(read: Reader, who: PersonAsked, madeAt: string): AsyncGenerator<string> {
  const { userId, deviceId } = who
  yield `{"userId":${JSON.stringify(userId)},"device":${JSON.stringify(deviceId)},"madeAt":"${madeAt}"`
  for (const [name, ask] of Object.entries(lists)) {
    yield `,"${name}":[`
    let isFirst = true
    for await (const row of pages((limit, offset) => ask(read, who, limit, offset))) {
      yield `${isFirst ? '' : ','}\n${JSON.stringify(row)}`
      isFirst = false
    }
    yield ']'
  }
  yield '}\n'
}

async function* pages(
  ask: (limit: number, offset: number) => Promise<readonly unknown[]>,
): AsyncGenerator<unknown> {
  for (let offset = 0; ; offset += PAGE) {
    const rows = await ask(PAGE, offset)
    yield* rows
    if (rows.length < PAGE) return
  }
}

type Ask = (read: Reader, who: PersonAsked, limit: number, offset: number) => Promise<readonly unknown[]>

const accounts: Ask = (read, { userId, deviceId }, limit, offset) =>
  read
    .selectFrom('device_user')
    .selectAll()
    .where('user_id', '=', userId)
    .$if(deviceId !== null, (rows) => rows.where('device_id', '=', deviceId ?? ''))
    .orderBy('device_id')
    .limit(limit)
    .offset(offset)
    .execute()

const requests: Ask = (read, { userId, deviceId }, limit, offset) =>
  read
    .selectFrom('request')
    .leftJoin('approval', 'approval.request_id', 'request.id')
    .selectAll('request')
    .select(['approval.outcome', 'approval.approver_name', 'approval.note', 'approval.caller_check'])
    .where('request.user_id', '=', userId)
    .$if(deviceId !== null, (rows) => rows.where('request.device_id', '=', deviceId ?? ''))
    .orderBy('request.created_at')
    .orderBy('request.id')
    .limit(limit)
    .offset(offset)
    .execute()

const sessions: Ask = (read, who, limit, offset) =>
  sessionsOf(read, who).selectAll().orderBy('started_at').orderBy('id').limit(limit).offset(offset).execute()

/** Rows of a table of sessions, by session and the number of their entry. */
const ofSessions =
  (table: 'session_process' | 'session_denied' | 'session_fact'): Ask =>
  (read, who, limit, offset) =>
    read
      .selectFrom(table)
      .selectAll()
      .where('session_id', 'in', sessionsOf(read, who).select('id'))
      .orderBy('session_id')
      .orderBy('seq')
      .limit(limit)
      .offset(offset)
      .execute()

const changes: Ask = (read, who, limit, offset) =>
  read
    .selectFrom('session_change')
    .selectAll()
    .where('session_id', 'in', sessionsOf(read, who).select('id'))
    .orderBy('session_id')
    .orderBy('number')
    .limit(limit)
    .offset(offset)
    .execute()

function sessionsOf(read: Reader, { userId, deviceId }: PersonAsked) {
  return read
    .selectFrom('session')
    .where('user_id', '=', userId)
    .$if(deviceId !== null, (rows) => rows.where('device_id', '=', deviceId ?? ''))
}

/** Facts about his requests and sessions. */
const ledger: Ask = (read, who, limit, offset) => {
  const { userId, deviceId } = who
  const here = deviceId === null ? sql`` : sql`and device_id = ${deviceId}`
  return read
    .selectFrom('ledger')
    .select(['seq', 'at', 'type', 'actor', 'subject', 'body'])
    .where(
      sql<boolean>`subject in (select 'request:' || id from request where user_id = ${userId} ${here}
        union all select 'session:' || id from session where user_id = ${userId} ${here})`,
    )
    .orderBy('seq')
    .limit(limit)
    .offset(offset)
    .execute()
}

const lists: Readonly<Record<string, Ask>> = {
  accounts,
  requests,
  sessions,
  processes: ofSessions('session_process'),
  denied: ofSessions('session_denied'),
  changes,
  facts: ofSessions('session_fact'),
  ledger,
}
