import type { Reader } from '../../db/database.ts'
import type { RequestStore } from './requests.store.ts'

export function createRequestStore(read: Reader): RequestStore {
  const all = (q: Reader) => q.selectFrom('request').selectAll()
  return {
    request: async (id, tx) =>
      (await all(tx?.q ?? read)
        .where('id', '=', id)
        .executeTakeFirst()) ?? null,
    byCounter: async (tx, deviceId, counter) =>
      (await all(tx.q).where('device_id', '=', deviceId).where('counter', '=', counter).executeTakeFirst()) ??
      null,
    byDeviceRequest: async (deviceRequestId, tx) =>
      (await all(tx?.q ?? read)
        .where('device_request_id', '=', deviceRequestId)
        .executeTakeFirst()) ?? null,
    async insert(tx, row) {
      await tx.q.insertInto('request').values(row).execute()
    },
    async complete(tx, id, facts) {
      await tx.q.updateTable('request').set(facts).where('id', '=', id).execute()
    },
    async close(tx, id, state, at) {
      await tx.q.updateTable('request').set({ state, ended_at: at }).where('id', '=', id).execute()
    },
    pendingUntil: (before) =>
      all(read).where('state', '=', 'pending').where('expires_at', '<=', before).execute(),
  }
}
