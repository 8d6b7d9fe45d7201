import type { SinkState } from '@stint/elevation'
import type { Sink } from '@stint/wire/sinks'
import { isoTime, isoTimeOrNull } from '../clock.ts'
import type { Reader } from '../db/database.ts'
import type { SinkRow } from '../db/schema.ts'

/** Receivers of facts as people see them, without their secrets. Reads only. */
export interface SinkViews {
  /** By name. */
  sinks(): Promise<Sink[]>
  sink(id: string): Promise<Sink | null>
  /** For measuring: facts that each has not confirmed, and how old the oldest of them is, in milliseconds. */
  lags(nowMs: number): Promise<readonly SinkLag[]>
}

export interface SinkLag {
  readonly id: string
  readonly kind: string
  readonly facts: number
  readonly ageMs: number
}

export function createSinkViews(read: Reader): SinkViews {
  const rows = () => read.selectFrom('sink').selectAll().orderBy('name')
  const size = async () => {
    const last = await read
      .selectFrom('ledger')
      .select('seq')
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst()
    return last === undefined ? 0 : last.seq + 1
  }
  return {
    async sinks() {
      const facts = await size()
      return (await rows().execute()).map((row) => sinkView(row, facts))
    },
    async sink(id) {
      const row = await rows().where('id', '=', id).executeTakeFirst()
      return row === undefined ? null : sinkView(row, await size())
    },
    async lags(nowMs) {
      const facts = await size()
      const found = await rows()
        .leftJoin('ledger', 'ledger.seq', 'sink.position')
        .select('ledger.at')
        .execute()
      return found.map(({ id, kind, position, at }) => {
        const ageMs = at === null ? 0 : Math.max(0, nowMs - at)
        return { id, kind, facts: behind(position, facts), ageMs }
      })
    },
  }
}

/** A receiver may have been made, and a fact written, between two reads. */
const behind = (position: number, facts: number) => Math.max(0, facts - position)

function sinkView(row: SinkRow, facts: number): Sink {
  return {
    ...{ id: row.id, kind: row.kind, name: row.name, target: JSON.parse(row.target) },
    types: row.types === null ? null : JSON.parse(row.types),
    hasSecret: row.secret !== null,
    createdBy: row.created_by,
    createdAt: isoTime(row.created_at),
    state: stateOf(row, facts),
    position: row.position,
    behind: behind(row.position, facts),
    lastSentAt: isoTimeOrNull(row.last_sent_at),
    lastError: row.last_error,
    failedTries: row.failures,
    nextTryAt: isoTimeOrNull(row.next_try_at),
  }
}

function stateOf({ paused, failures, position }: SinkRow, facts: number): SinkState {
  if (paused === 1) return 'paused'
  if (failures > 0) return 'failing'
  return position < facts ? 'behind' : 'ok'
}
