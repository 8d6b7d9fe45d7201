import type { Reader } from '../../db/database.ts'
import type { DeviceStore } from './devices.store.ts'

export function createDeviceStore(read: Reader): DeviceStore {
  return { ...arrivals(read), ...devices(read), ...users(read), ...messages(read) }
}

type ArrivalPart = Pick<
  DeviceStore,
  | 'token'
  | 'tokens'
  | 'insertToken'
  | 'updateToken'
  | 'pending'
  | 'putPending'
  | 'deletePending'
  | 'deletePendingBefore'
>

function arrivals(read: Reader): ArrivalPart {
  return {
    token: async (id, tx) =>
      (await (tx?.q ?? read)
        .selectFrom('enrollment_token')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst()) ?? null,
    tokens(limit, after) {
      const [createdAt, id] = after ?? []
      let rows = read.selectFrom('enrollment_token').selectAll()
      if (createdAt !== undefined && id !== undefined)
        rows = rows.where((is) =>
          is.or([
            is('created_at', '<', Number(createdAt)),
            is.and([is('created_at', '=', Number(createdAt)), is('id', '<', String(id))]),
          ]),
        )
      return rows.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit).execute()
    },
    async insertToken(tx, row) {
      await tx.q.insertInto('enrollment_token').values(row).execute()
    },
    async updateToken(tx, id, change) {
      await tx.q.updateTable('enrollment_token').set(change).where('id', '=', id).execute()
    },
    pending: async (id, tx) =>
      (await (tx?.q ?? read)
        .selectFrom('pending_device')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst()) ?? null,
    async putPending(tx, row) {
      await tx.q.deleteFrom('pending_device').where('id', '=', row.id).execute()
      await tx.q.insertInto('pending_device').values(row).execute()
    },
    async deletePending(tx, id) {
      await tx.q.deleteFrom('pending_device').where('id', '=', id).execute()
    },
    async deletePendingBefore(tx, createdBefore) {
      await tx.q.deleteFrom('pending_device').where('created_at', '<', createdBefore).execute()
    },
  }
}

type DevicePart = Pick<
  DeviceStore,
  | 'device'
  | 'enrolledDevices'
  | 'byNumbers'
  | 'keysToErase'
  | 'insertDevice'
  | 'updateDevice'
  | 'raiseCounter'
>

function devices(read: Reader): DevicePart {
  const all = (q: Reader) => q.selectFrom('device').selectAll()
  return {
    device: async (id, tx) =>
      (await all(tx?.q ?? read)
        .where('id', '=', id)
        .executeTakeFirst()) ?? null,
    enrolledDevices: () => all(read).where('state', '=', 'enrolled').execute(),
    byNumbers: (devNos) =>
      devNos.length === 0
        ? Promise.resolve([])
        : all(read)
            .where('dev_no', 'in', [...devNos])
            .execute(),
    keysToErase: () => all(read).where('state', '=', 'revoked').where('keys_erased_at', 'is', null).execute(),
    async insertDevice(tx, row) {
      await tx.q.insertInto('device').values(row).execute()
    },
    async updateDevice(tx, id, change) {
      await tx.q.updateTable('device').set(change).where('id', '=', id).execute()
    },
    async raiseCounter(tx, id, counter) {
      await tx.q
        .updateTable('device')
        .set({ last_counter: counter })
        .where('id', '=', id)
        .where('last_counter', '<', counter)
        .execute()
    },
  }
}

function users(read: Reader): Pick<DeviceStore, 'users' | 'insertUser' | 'renameUser'> {
  return {
    users: (deviceId, tx) =>
      (tx?.q ?? read)
        .selectFrom('device_user')
        .selectAll()
        .where('device_id', '=', deviceId)
        .orderBy('first_seen_at')
        .orderBy('slot')
        .execute(),
    async insertUser(tx, row) {
      await tx.q.insertInto('device_user').values(row).execute()
    },
    async renameUser(tx, deviceId, userId, name) {
      await tx.q
        .updateTable('device_user')
        .set({ name })
        .where('device_id', '=', deviceId)
        .where('user_id', '=', userId)
        .execute()
    },
  }
}

type MessagePart = Pick<DeviceStore, 'lastMessageId' | 'insertMessage' | 'undoneMessages' | 'finishMessages'>

function messages(read: Reader): MessagePart {
  return {
    async lastMessageId(tx, deviceId) {
      const row = await tx.q
        .selectFrom('device_message')
        .select('id')
        .where('device_id', '=', deviceId)
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row?.id ?? 0
    },
    async insertMessage(tx, row) {
      await tx.q.insertInto('device_message').values(row).execute()
    },
    undoneMessages: (deviceId, after, tx) =>
      (tx?.q ?? read)
        .selectFrom('device_message')
        .selectAll()
        .where('device_id', '=', deviceId)
        .where('id', '>', after)
        .where('done_at', 'is', null)
        .orderBy('id')
        .execute(),
    async finishMessages(tx, deviceId, ids, at) {
      if (ids.length === 0) return
      await tx.q
        .updateTable('device_message')
        .set({ done_at: at })
        .where('device_id', '=', deviceId)
        .where('id', 'in', [...ids])
        .where('done_at', 'is', null)
        .execute()
    },
  }
}
