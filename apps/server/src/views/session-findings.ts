import type { SessionDetail } from '@stint/wire/console'
import { isoTime, isoTimeOrNull } from '../clock.ts'
import type { Reader } from '../db/database.ts'
import { type RecordedProcess, whoRan } from './during.ts'

type Denied = Pick<SessionDetail, 'denied' | 'deniedCount'>
type Changes = SessionDetail['changes']

/** Somebody can try a denied program as often as he likes; a page shows the beginning and how many there were. */
const DENIED_SHOWN = 200

/** Programs that were kept from starting in a session. */
export async function deniedOf(read: Reader, sessionId: string): Promise<Denied> {
  const rows = await read
    .selectFrom('session_denied')
    .selectAll()
    .where('session_id', '=', sessionId)
    .orderBy('seq')
    .limit(DENIED_SHOWN)
    .execute()
  const denied = rows.map((row) => ({
    at: isoTime(row.at),
    pid: row.pid,
    uid: row.uid,
    program: row.program,
    args: JSON.parse(row.args),
    argsCut: row.args_cut === 1,
    redacted: row.redacted,
    rule: row.rule,
    repeated: row.repeated,
  }))
  return { denied, deniedCount: rows.length < DENIED_SHOWN ? rows.length : await countOf(read, sessionId) }
}

async function countOf(read: Reader, sessionId: string): Promise<number> {
  const { count } = await read
    .selectFrom('session_denied')
    .select((is) => is.fn.countAll<number>().as('count'))
    .where('session_id', '=', sessionId)
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** What is not as it was before a session; null until the computer compared. */
export async function changesOf(read: Reader, sessionId: string): Promise<Changes> {
  const comparison = await read
    .selectFrom('session_comparison')
    .selectAll()
    .where('session_id', '=', sessionId)
    .executeTakeFirst()
  if (comparison === undefined) return null
  const rows = await read
    .selectFrom('session_change')
    .selectAll()
    .where('session_id', '=', sessionId)
    .orderBy('number')
    .execute()
  const times = rows.flatMap(({ at }) => (at === null ? [] : [at]))
  const ran = whoRan(await processesAround(read, sessionId, times))
  return {
    items: rows.map(({ kind, what, before, after, at, undone }) => ({
      kind,
      what,
      before,
      after,
      at: isoTimeOrNull(at),
      during: at === null ? [] : ran(at).map(named),
      undone,
    })),
    unread: JSON.parse(comparison.unread),
    cut: comparison.cut === 1,
  }
}

/** Those that started before the last of these times. */
async function processesAround(
  read: Reader,
  sessionId: string,
  times: readonly number[],
): Promise<RecordedProcess[]> {
  if (times.length === 0) return []
  return read
    .selectFrom('session_process')
    .select([
      'seq',
      'pid',
      'parent_pid as parentPid',
      'program',
      'started_at as startedAt',
      'ended_at as endedAt',
    ])
    .where('session_id', '=', sessionId)
    .where(
      'started_at',
      '<=',
      times.reduce((latest, at) => Math.max(latest, at)),
    )
    .orderBy('seq')
    .execute()
}

function named({ pid, startedAt, program }: RecordedProcess) {
  return { pid, startedAt: isoTime(startedAt), program }
}
