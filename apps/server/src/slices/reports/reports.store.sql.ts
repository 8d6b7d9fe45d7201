import type { Reader } from '../../db/database.ts'
import type { ReportStore } from './reports.store.ts'

export function createReportStore(read: Reader): ReportStore {
  return { ...filters(read), ...schedules(read), ...deliveries(read) }
}

type FilterPart = Pick<
  ReportStore,
  'filter' | 'filterNamed' | 'insertFilter' | 'changeFilter' | 'deleteFilter' | 'isScheduled'
>

function filters(read: Reader): FilterPart {
  return {
    filter: async (id, tx) =>
      (await (tx?.q ?? read)
        .selectFrom('report_filter')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst()) ?? null,
    filterNamed: async (tx, { owner_id, report, name }) =>
      (await tx.q
        .selectFrom('report_filter')
        .selectAll()
        .where('owner_id', '=', owner_id)
        .where('report', '=', report)
        .where('name', '=', name)
        .executeTakeFirst()) ?? null,
    async insertFilter(tx, row) {
      await tx.q.insertInto('report_filter').values(row).execute()
    },
    async changeFilter(tx, id, to) {
      await tx.q.updateTable('report_filter').set(to).where('id', '=', id).execute()
    },
    async deleteFilter(tx, id) {
      await tx.q.deleteFrom('report_filter').where('id', '=', id).execute()
    },
    isScheduled: async (tx, filterId) =>
      (await tx.q
        .selectFrom('report_schedule')
        .select('id')
        .where('filter_id', '=', filterId)
        .limit(1)
        .executeTakeFirst()) !== undefined,
  }
}

type SchedulePart = Pick<
  ReportStore,
  | 'schedule'
  | 'scheduleNamed'
  | 'insertSchedule'
  | 'changeSchedule'
  | 'setNextDue'
  | 'deleteSchedule'
  | 'dueSchedules'
>

function schedules(read: Reader): SchedulePart {
  return {
    schedule: async (id, tx) =>
      (await (tx?.q ?? read)
        .selectFrom('report_schedule')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst()) ?? null,
    scheduleNamed: async (tx, name) =>
      (await tx.q.selectFrom('report_schedule').selectAll().where('name', '=', name).executeTakeFirst()) ??
      null,
    async insertSchedule(tx, row) {
      await tx.q.insertInto('report_schedule').values(row).execute()
    },
    async changeSchedule(tx, id, to) {
      await tx.q.updateTable('report_schedule').set(to).where('id', '=', id).execute()
    },
    async setNextDue(tx, id, nextDueAt) {
      await tx.q.updateTable('report_schedule').set({ next_due_at: nextDueAt }).where('id', '=', id).execute()
    },
    async deleteSchedule(tx, id) {
      await tx.q.deleteFrom('report_delivery').where('schedule_id', '=', id).execute()
      await tx.q.deleteFrom('report_schedule').where('id', '=', id).execute()
    },
    dueSchedules: (tx, nowMs) =>
      tx.q
        .selectFrom('report_schedule')
        .selectAll()
        .where('next_due_at', '<=', nowMs)
        .orderBy('id')
        .execute(),
  }
}

function deliveries(read: Reader): Omit<ReportStore, keyof FilterPart | keyof SchedulePart> {
  return {
    delivery: async (id, tx) =>
      (await (tx?.q ?? read)
        .selectFrom('report_delivery')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst()) ?? null,
    async insertDelivery(tx, row) {
      const inserted = await tx.q
        .insertInto('report_delivery')
        .values(row)
        .onConflict((is) => is.columns(['schedule_id', 'period']).doNothing())
        .returning('id')
        .execute()
      return inserted.length > 0
    },
    nextDelivery: async (tx, nowMs) =>
      (await tx.q
        .selectFrom('report_delivery')
        .selectAll()
        .where('state', '=', 'waiting')
        .where('next_try_at', '<=', nowMs)
        .orderBy('next_try_at')
        .orderBy('id')
        .limit(1)
        .executeTakeFirst()) ?? null,
    staleDeliveries: (tx, takenBeforeMs) =>
      tx.q
        .selectFrom('report_delivery')
        .selectAll()
        .where('state', '=', 'sending')
        .where('taken_at', '<', takenBeforeMs)
        .execute(),
    async changeDelivery(tx, id, to) {
      await tx.q.updateTable('report_delivery').set(to).where('id', '=', id).execute()
    },
  }
}
