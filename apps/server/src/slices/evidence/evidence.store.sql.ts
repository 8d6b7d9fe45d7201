import type { EvidenceStore } from './evidence.store.ts'

export function createEvidenceStore(): EvidenceStore {
  return {
    async last(tx, deviceId) {
      const row = await tx.q
        .selectFrom('journal_entry')
        .select(['seq', 'leaf'])
        .where('device_id', '=', deviceId)
        .orderBy('seq', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row ?? null
    },
    async leaf(tx, deviceId, seq) {
      const row = await tx.q
        .selectFrom('journal_entry')
        .select('leaf')
        .where('device_id', '=', deviceId)
        .where('seq', '=', seq)
        .executeTakeFirst()
      return row?.leaf ?? null
    },
    async insert(tx, row) {
      await tx.q.insertInto('journal_entry').values(row).execute()
    },
  }
}
