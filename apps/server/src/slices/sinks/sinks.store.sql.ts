import type { Reader } from '../../db/database.ts'
import type { SinkStore } from './sinks.store.ts'

export function createSinkStore(read: Reader): SinkStore {
  return {
    sink: async (id, tx) =>
      (await (tx?.q ?? read).selectFrom('sink').selectAll().where('id', '=', id).executeTakeFirst()) ?? null,
    sinks: (tx) => (tx?.q ?? read).selectFrom('sink').selectAll().orderBy('name').execute(),
    due: ({ nowMs, server, newest }) =>
      read
        .selectFrom('sink')
        .selectAll()
        .where('paused', '=', 0)
        .where('position', '<=', newest)
        .where((is) => is.or([is('next_try_at', 'is', null), is('next_try_at', '<=', nowMs)]))
        .where((is) =>
          is.or([is('lease_by', 'is', null), is('lease_by', '=', server), is('lease_until', '<=', nowMs)]),
        )
        .orderBy('id')
        .execute(),
    async insert(tx, row) {
      await tx.q.insertInto('sink').values(row).execute()
    },
    async change(tx, id, to) {
      await tx.q.updateTable('sink').set(to).where('id', '=', id).execute()
    },
    async delete(tx, id) {
      await tx.q.deleteFrom('sink').where('id', '=', id).execute()
    },
  }
}
