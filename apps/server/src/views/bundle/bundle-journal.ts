import { type Json, jcs } from '@stint/code'
import { neverDropped } from '@stint/elevation'
import type { Reader } from '../../db/database.ts'
import type { JournalEntryRow } from '../../db/schema.ts'
import { type NodeTables, treeOf } from '../../db/tree-nodes.ts'

/** What of a journal is in a bundle: `from` ≤ number < `until`. */
export interface BundleSpan {
  readonly kind: 'device' | 'session'
  readonly deviceId: string
  readonly sessionId: string | null
  /** By the computer's name for it; null for a whole journal. */
  readonly deviceRequestId: string | null
  readonly from: number
  readonly until: number
  /** Hex: of the tree of size `from`. */
  readonly frontier: readonly string[]
}

const PAGE = 500

/** The whole journal as it is stored now; null before the first entry. */
export async function deviceSpan(read: Reader, deviceId: string): Promise<BundleSpan | null> {
  const last = await read
    .selectFrom('journal_entry')
    .select('seq')
    .where('device_id', '=', deviceId)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (last === undefined) return null
  const whole = { sessionId: null, deviceRequestId: null, from: 0, frontier: [] }
  return { kind: 'device', deviceId, ...whole, until: last.seq + 1 }
}

/** From the last seal before its request to the first behind its end; null where it is not sealed. */
export async function sessionSpan(read: Reader, sessionId: string): Promise<BundleSpan | null> {
  const span = await read
    .selectFrom('session_span')
    .innerJoin('session', 'session.id', 'session_span.session_id')
    .select(['session.device_id', 'session.device_request_id', 'grant_seq', 'seal_seq'])
    .where('session.id', '=', sessionId)
    .executeTakeFirst()
  if (span === undefined || span.seal_seq === null) return null
  const { device_id: deviceId, device_request_id: deviceRequestId } = span
  const request = await read
    .selectFrom('journal_request')
    .select('seq')
    .where('device_id', '=', deviceId)
    .where('request_id', '=', deviceRequestId)
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst()
  const seal = await read
    .selectFrom('journal_entry')
    .select('seq')
    .where('device_id', '=', deviceId)
    .where('type', '=', 'seal.rotate')
    .where('seq', '<', request?.seq ?? span.grant_seq)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  const from = seal?.seq ?? 0
  const { frontier } = await treeOf(nodesOf(read, deviceId), from)
  const about = { kind: 'session', deviceId, sessionId, deviceRequestId } as const
  return { ...about, from, until: span.seal_seq + 1, frontier }
}

function nodesOf(read: Reader, deviceId: string): NodeTables {
  return {
    async leaves(seqs) {
      const found = await read
        .selectFrom('journal_entry')
        .select(['seq', 'leaf'])
        .where('device_id', '=', deviceId)
        .where('seq', 'in', [...seqs])
        .execute()
      return found.map(({ seq, leaf }) => ({ level: 0, index: seq, hash: leaf }))
    },
    async inner(places) {
      const found = await read
        .selectFrom('journal_node')
        .select(['level', 'number', 'hash'])
        .where('device_id', '=', deviceId)
        .where((is) =>
          is.or(
            places.map(({ level, index }) => is.and([is('level', '=', level), is('number', '=', index)])),
          ),
        )
        .execute()
      return found.map(({ level, number: index, hash }) => ({ level, index, hash }))
    },
  }
}

/** A line for each entry; bodies of others are withheld in the bundle of a session. */
export async function* journalLines(read: Reader, span: BundleSpan): AsyncGenerator<string> {
  for (let from = span.from; from < span.until; from += PAGE) {
    const rows = await read
      .selectFrom('journal_entry')
      .selectAll()
      .where('device_id', '=', span.deviceId)
      .where('seq', '>=', from)
      .where('seq', '<', Math.min(from + PAGE, span.until))
      .orderBy('seq')
      .execute()
    for (const row of rows) yield `${jcs(shown(row, span))}\n`
  }
}

/** Types that say nothing of people. */
const open: readonly string[] = [...neverDropped, 'policy.applied', 'key.healed', 'clock.jump']

function shown({ header, salt, body, type }: JournalEntryRow, span: BundleSpan): Json {
  const entry = { header, salt, body: body === null ? null : JSON.parse(body) }
  if (span.kind === 'device' || body === null || open.includes(type)) return entry
  const { sessionId, requestId } = entry.body
  const isIts = sessionId === undefined ? requestId === span.deviceRequestId : sessionId === span.sessionId
  return isIts ? entry : { header, salt: null, body: null }
}
