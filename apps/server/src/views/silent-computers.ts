import { sql } from 'kysely'
import type { Reader } from '../db/database.ts'
import type { SilentComputer } from '../slices/evidence/check-silence.ts'

/** Enough for one run of the job; the others come with the next one. */
const AT_ONCE = 100

/**
 * Computers that came to the server `silentMs` or more after something that their journal must tell, and whose journal
 * does not: a request that they sent themselves, or the end of a session whose time is over. An idle computer owes
 * nothing, however long it says nothing. Reads only.
 */
export async function silentComputers(read: Reader, silentMs: number): Promise<readonly SilentComputer[]> {
  const requests = await read
    .selectFrom('request')
    .innerJoin('device', 'device.id', 'request.device_id')
    .leftJoin('journal_request', (on) =>
      on
        .onRef('journal_request.device_id', '=', 'request.device_id')
        .onRef('journal_request.request_id', '=', 'request.device_request_id'),
    )
    .select(['device.id', 'request.id as owed', 'request.created_at as since'])
    .where('device.state', '=', 'enrolled')
    .where('request.device_request_id', 'is not', null)
    .where('journal_request.seq', 'is', null)
    .where(unreported('request.created_at'))
    .whereRef('device.last_seen_at', '>', (is) => is('request.created_at', '+', silentMs))
    .limit(AT_ONCE)
    .execute()
  const sessions = await read
    .selectFrom('session')
    .innerJoin('device', 'device.id', 'session.device_id')
    .select(['device.id', 'session.id as owed', 'session.ends_at as since'])
    .where('device.state', '=', 'enrolled')
    .where('session.state', '=', 'live')
    .where(unreported('session.ends_at'))
    .whereRef('device.last_seen_at', '>', (is) => is('session.ends_at', '+', silentMs))
    .limit(AT_ONCE)
    .execute()
  return [
    ...requests.map(({ id, owed, since }) => ({ deviceId: id, sinceMs: since, owes: `request:${owed}` })),
    ...sessions.map(({ id, owed, since }) => ({ deviceId: id, sinceMs: since, owes: `session:${owed}` })),
  ]
}

/** Found once for what is owed since then: another run of the job would only see the same again. */
const unreported = (since: 'request.created_at' | 'session.ends_at') =>
  sql<boolean>`not exists (select 1 from finding f
    where f.device_id = device.id and f.word = 'silent' and f.found_at > ${sql.ref(since)})`
