import type { Reader } from '../../db/database.ts'
import type { SessionStore } from './sessions.store.ts'

export function createSessionStore(read: Reader): SessionStore {
  return { ...sessions(read), ...recording(), ...findings(), ...spans }
}

type SessionPart = Pick<SessionStore, 'session' | 'insert' | 'end' | 'setCompleteness' | 'insertFact'>

function sessions(read: Reader): SessionPart {
  return {
    session: async (id, tx) =>
      (await (tx?.q ?? read).selectFrom('session').selectAll().where('id', '=', id).executeTakeFirst()) ??
      null,
    async insert(tx, row) {
      await tx.q.insertInto('session').values(row).execute()
    },
    async end(tx, id, how) {
      await tx.q
        .updateTable('session')
        .set({ ...how, state: 'ended' })
        .where('id', '=', id)
        .execute()
    },
    async setCompleteness(tx, id, completeness) {
      await tx.q.updateTable('session').set({ completeness }).where('id', '=', id).execute()
    },
    async insertFact(tx, row) {
      await tx.q.insertInto('session_fact').values(row).execute()
    },
  }
}

type FindingPart = Pick<SessionStore, 'insertDenied' | 'isCompared' | 'insertComparison'>

/** PostgreSQL binds 65 535 values at once, the embedded engine half as many. */
const ROWS_AT_ONCE = 500

function findings(): FindingPart {
  return {
    async insertDenied(tx, row) {
      await tx.q.insertInto('session_denied').values(row).execute()
    },
    isCompared: async (tx, sessionId) =>
      (await tx.q
        .selectFrom('session_comparison')
        .select('seq')
        .where('session_id', '=', sessionId)
        .executeTakeFirst()) !== undefined,
    async insertComparison(tx, row, changes) {
      await tx.q.insertInto('session_comparison').values(row).execute()
      for (let at = 0; at < changes.length; at += ROWS_AT_ONCE)
        await tx.q
          .insertInto('session_change')
          .values(changes.slice(at, at + ROWS_AT_ONCE))
          .execute()
    },
  }
}

function recording(): Omit<SessionStore, keyof SessionPart | keyof FindingPart | keyof SpanPart> {
  return {
    async insertProcess(tx, row) {
      await tx.q.insertInto('session_process').values(row).execute()
      await tx.q
        .updateTable('session')
        .set((old) => ({ processes: old('processes', '+', 1) }))
        .where('id', '=', row.session_id)
        .execute()
    },
    async endProcess(tx, { session_id, pid, started_at }, how) {
      const row = await tx.q
        .selectFrom('session_process')
        .select('seq')
        .where('session_id', '=', session_id)
        .where('pid', '=', pid)
        .where('started_at', '=', started_at)
        .where('ended_at', 'is', null)
        .orderBy('seq', 'desc')
        .limit(1)
        .executeTakeFirst()
      if (row === undefined) return
      await tx.q
        .updateTable('session_process')
        .set(how)
        .where('session_id', '=', session_id)
        .where('seq', '=', row.seq)
        .execute()
    },
    async insertGap(tx, row) {
      await tx.q.insertInto('session_gap').values(row).execute()
    },
    async gaps(tx, sessionId) {
      const rows = await tx.q
        .selectFrom('session_gap')
        .select('seq')
        .where('session_id', '=', sessionId)
        .execute()
      return rows.length
    },
  }
}

type SpanPart = Pick<SessionStore, 'span' | 'insertSpan' | 'endSpan' | 'sealSpans' | 'spansAt' | 'trouble'>

const spans: SpanPart = {
  span: async (tx, sessionId) =>
    (await tx.q
      .selectFrom('session_span')
      .selectAll()
      .where('session_id', '=', sessionId)
      .executeTakeFirst()) ?? null,
  async insertSpan(tx, row) {
    await tx.q
      .insertInto('session_span')
      .values(row)
      .onConflict((on) => on.column('session_id').doNothing())
      .execute()
  },
  async endSpan(tx, sessionId, how) {
    await tx.q.updateTable('session_span').set(how).where('session_id', '=', sessionId).execute()
  },
  async sealSpans(tx, deviceId, sealSeq) {
    const sealed = await tx.q
      .updateTable('session_span')
      .set({ seal_seq: sealSeq })
      .where('device_id', '=', deviceId)
      .where('end_seq', '<', sealSeq)
      .where('seal_seq', 'is', null)
      .returning('session_id')
      .execute()
    return sealed.map(({ session_id }) => session_id)
  },
  async spansAt(tx, deviceId, from, to) {
    const rows = await tx.q
      .selectFrom('session_span')
      .select('session_id')
      .where('device_id', '=', deviceId)
      .where('grant_seq', '<=', to)
      .where((is) => is.or([is('seal_seq', 'is', null), is('seal_seq', '>=', from)]))
      .where((is) => is.or([is('seals', '=', 1), is('end_seq', 'is', null), is('end_seq', '>=', from)]))
      .orderBy('grant_seq')
      .execute()
    return rows.map(({ session_id }) => session_id)
  },
  async trouble(tx, sessionId) {
    await tx.q.updateTable('session_span').set({ troubled: 1 }).where('session_id', '=', sessionId).execute()
  },
}
