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
    ...issued,
  }
}

const issued: Pick<ApprovalStore, 'insertIssued' | 'issuedFor' | 'unsettledBelow' | 'settle'> = {
  async insertIssued(tx, row) {
    await tx.q.insertInto('issued_answer').values(row).execute()
  },
  issuedFor: (tx, deviceId, counter) =>
    tx.q
      .selectFrom('issued_answer')
      .selectAll()
      .where('device_id', '=', deviceId)
      .where('counter', '=', counter)
      .execute(),
  unsettledBelow: (tx, deviceId, counter) =>
    tx.q
      .selectFrom('issued_answer')
      .selectAll()
      .where('device_id', '=', deviceId)
      .where('counter', '<', counter)
      .where('settled_at', 'is', null)
      .orderBy('counter')
      .execute(),
  async settle(tx, deviceId, counter, at) {
    await tx.q
      .updateTable('issued_answer')
      .set({ settled_at: at })
      .where('device_id', '=', deviceId)
      .where('counter', '=', counter)
      .where('settled_at', 'is', null)
      .execute()
  },
}
