import type { Reader } from '../../db/database.ts'
import type { PolicyStore } from './policies.store.ts'

export function createPolicyStore(read: Reader): PolicyStore {
  return {
    latestSettings: async (tx) =>
      (await (tx?.q ?? read)
        .selectFrom('settings_version')
        .selectAll()
        .orderBy('version', 'desc')
        .limit(1)
        .executeTakeFirst()) ?? null,
    async insertSettings(tx, row) {
      await tx.q.insertInto('settings_version').values(row).execute()
    },
    latestPolicy: async (deviceId, tx) =>
      (await (tx?.q ?? read)
        .selectFrom('device_policy')
        .selectAll()
        .where('device_id', '=', deviceId)
        .orderBy('serial', 'desc')
        .limit(1)
        .executeTakeFirst()) ?? null,
    async serials(deviceId, limit) {
      const rows = await read
        .selectFrom('device_policy')
        .select('serial')
        .where('device_id', '=', deviceId)
        .orderBy('serial', 'desc')
        .limit(limit)
        .execute()
      return rows.map(({ serial }) => serial)
    },
    async insertPolicy(tx, row) {
      await tx.q.insertInto('device_policy').values(row).execute()
    },
  }
}
