import type { Delivery, SavedFilter, Schedule } from '@stint/wire/report-schedules'
import { isoTime, isoTimeOrNull } from '../clock.ts'
import type { Reader } from '../db/database.ts'
import type { ReportDeliveryRow, ReportScheduleRow } from '../db/schema.ts'
import { type CursorKey, type PageAsked, type PageFound, toPage } from '../http/paging.ts'

/** Saved filters, schedules and deliveries as people see them. Reads and joins, writes nothing. */
export interface ScheduleViews {
  /** Those of this person and the shared ones, by name. */
  filters(personId: string): Promise<SavedFilter[]>
  filter(id: string, personId: string): Promise<SavedFilter | null>
  schedules(): Promise<Schedule[]>
  schedule(id: string): Promise<Schedule | null>
  /** Newest first. */
  deliveries(scheduleId: string, page: PageAsked<CursorKey>): Promise<PageFound<Delivery>>
  delivery(id: string): Promise<Delivery | null>
}

export function createScheduleViews(read: Reader): ScheduleViews {
  const deliveries = () => read.selectFrom('report_delivery').selectAll()
  return {
    ...filterViews(read),
    async schedules() {
      const rows = await scheduleRows(read).orderBy('report_schedule.name').execute()
      return Promise.all(rows.map((row) => scheduleView(read, row)))
    },
    async schedule(id) {
      const row = await scheduleRows(read).where('report_schedule.id', '=', id).executeTakeFirst()
      return row === undefined ? null : scheduleView(read, row)
    },
    async deliveries(scheduleId, { limit, after }) {
      const [last] = after ?? []
      let rows = deliveries().where('schedule_id', '=', scheduleId)
      if (last !== undefined) rows = rows.where('id', '<', String(last))
      const found = await rows
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute()
      return toPage(found, limit, ({ id }) => [id], deliveryView)
    },
    async delivery(id) {
      const row = await deliveries().where('id', '=', id).executeTakeFirst()
      return row === undefined ? null : deliveryView(row)
    },
  }
}

function filterViews(read: Reader): Pick<ScheduleViews, 'filters' | 'filter'> {
  const seenBy = (personId: string) =>
    read
      .selectFrom('report_filter')
      .innerJoin('person', 'person.id', 'report_filter.owner_id')
      .selectAll('report_filter')
      .select(['person.name as owner_name', 'person.email'])
      .where((is) => is.or([is('shared', '=', 1), is('owner_id', '=', personId)]))
  const view =
    (personId: string) => (row: Awaited<ReturnType<ReturnType<typeof seenBy>['execute']>>[number]) => ({
      id: row.id,
      name: row.name,
      report: row.report,
      filter: JSON.parse(row.body),
      shared: row.shared === 1,
      owner: { id: row.owner_id, name: row.owner_name || row.email },
      own: row.owner_id === personId,
      changedAt: isoTime(row.changed_at),
    })
  return {
    async filters(personId) {
      const rows = await seenBy(personId).orderBy('report_filter.name').orderBy('report_filter.id').execute()
      return rows.map(view(personId))
    },
    async filter(id, personId) {
      const row = await seenBy(personId).where('report_filter.id', '=', id).executeTakeFirst()
      return row === undefined ? null : view(personId)(row)
    },
  }
}

function scheduleRows(read: Reader) {
  return read
    .selectFrom('report_schedule')
    .leftJoin('report_filter', 'report_filter.id', 'report_schedule.filter_id')
    .selectAll('report_schedule')
    .select('report_filter.name as filter_name')
}

async function scheduleView(
  read: Reader,
  row: ReportScheduleRow & { readonly filter_name: string | null },
): Promise<Schedule> {
  const last = await read
    .selectFrom('report_delivery')
    .selectAll()
    .where('schedule_id', '=', row.id)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return {
    id: row.id,
    name: row.name,
    report: row.report,
    filterId: row.filter_id,
    filterName: row.filter_name,
    when: JSON.parse(row.due),
    target: JSON.parse(row.target),
    format: row.format,
    subject: row.subject,
    enabled: row.next_due_at !== null,
    createdBy: row.created_by,
    createdAt: isoTime(row.created_at),
    nextDueAt: isoTimeOrNull(row.next_due_at),
    lastDelivery: last === undefined ? null : deliveryView(last),
  }
}

function deliveryView(row: ReportDeliveryRow): Delivery {
  return {
    id: row.id,
    scheduleId: row.schedule_id,
    test: row.test === 1,
    from: isoTime(row.from_at),
    to: isoTime(row.to_at),
    dueAt: isoTime(row.due_at),
    state: row.state,
    attempts: row.attempts,
    lastError: row.last_error,
    nextTryAt: isoTimeOrNull(row.next_try_at),
    sentAt: isoTimeOrNull(row.sent_at),
  }
}
