import type { Reader } from '../../db/database.ts'
import type { ApprovalStore } from './approvals.store.ts'

export function createApprovalStore(read: Reader): ApprovalStore {
  return {
    ofRequest: async (requestId, tx) =>
      (await (tx?.q ?? read)
        .selectFrom('approval')
        .selectAll()
        .where('request_id', '=', requestId)
        .executeTakeFirst()) ?? null,
    async insert(tx, row) {
      await tx.q.insertInto('approval').values(row).execute()
    },
    async issued(tx, id, at) {
      await tx.q
        .updateTable('approval')
        .set({ issued_at: at })
        .where('id', '=', id)
        .where('issued_at', 'is', null)
        .execute()
    },
    unfinished: (decidedAfter) =>
      read
        .selectFrom('approval')
        .selectAll()
        .where('outcome', '=', 'approved')
        .where('carried', '=', 'network')
        .where('issued_at', 'is', null)
        .where('at', '>', decidedAfter)
        .orderBy('at')
        .execute(),
  }
}
