import { done, type ExportFormat, type Outcome, type ReportName, refused } from '@stint/elevation'
import { type Actor, actorText } from '../../actor.ts'
import type { Tx } from '../../db/database.ts'
import type { ReportScheduleRow } from '../../db/schema.ts'
import { type DueTime, isZone, lastPeriod, nextDue } from './due-times.ts'
import type { ReportParts } from './reports.ts'

/** Where a report goes. `path` is below the folder that the server was started with. */
export type Target =
  | { readonly kind: 'email'; readonly to: readonly string[] }
  | { readonly kind: 'folder'; readonly path: string }

export interface ScheduleWish {
  readonly name: string
  readonly report: ReportName
  readonly filterId: string | null
  readonly when: DueTime
  readonly target: Target
  readonly format: ExportFormat
  readonly subject: string
  readonly enabled: boolean
}

/** Reports that are sent by themselves. They belong to the organisation: who made one may leave. */
export interface Schedules {
  /** Refusals `conflict` for a name that is taken, `not-found` for the filter, `not-offered`, `invalid` for the zone. */
  createSchedule(actor: Actor, wish: ScheduleWish): Promise<Outcome<{ readonly id: string }>>
  /** As `createSchedule`, and `not-found`. What is due already stays due. */
  changeSchedule(actor: Actor, id: string, wish: ScheduleWish): Promise<Outcome<{ readonly id: string }>>
  /** With what it still had to send. Refusal `not-found`. */
  deleteSchedule(actor: Actor, id: string): Promise<Outcome<null>>
  /** Sends the last whole period once more than the clock would. Refusals `not-found`, `not-offered`. */
  sendNow(id: string): Promise<Outcome<{ readonly deliveryId: string }>>
  /** One that failed or is uncertain. Refusals `not-found`, `conflict` in another state. */
  sendAgain(deliveryId: string): Promise<Outcome<{ readonly deliveryId: string }>>
}

export function createSchedules(parts: ReportParts): Schedules {
  const { db } = parts
  return {
    createSchedule: (actor, wish) => db.write((tx) => createSchedule(parts, tx, actor, wish)),
    changeSchedule: (actor, id, wish) => db.write((tx) => changeSchedule(parts, tx, actor, id, wish)),
    deleteSchedule: (actor, id) => db.write((tx) => deleteSchedule(parts, tx, actor, id)),
    sendNow: (id) => db.write((tx) => sendNow(parts, tx, id)),
    sendAgain: (id) => db.write((tx) => sendAgain(parts, tx, id)),
  }
}

async function createSchedule(parts: ReportParts, tx: Tx, actor: Actor, wish: ScheduleWish) {
  const wrong = await wrongIn(parts, tx, wish, null)
  if (wrong !== null) return wrong
  const now = parts.clock.now()
  const row = { id: parts.newId(), created_by: actor.label, created_at: now, ...columns(wish, now) }
  await parts.store.insertSchedule(tx, row)
  await record(parts, tx, actor, 'report-schedule.created', row)
  return done({ id: row.id })
}

async function changeSchedule(parts: ReportParts, tx: Tx, actor: Actor, id: string, wish: ScheduleWish) {
  const before = await parts.store.schedule(id, tx)
  if (before === null) return refused('not-found')
  const wrong = await wrongIn(parts, tx, wish, id)
  if (wrong !== null) return wrong
  const to = columns(wish, parts.clock.now())
  await parts.store.changeSchedule(tx, id, to)
  await record(parts, tx, actor, 'report-schedule.changed', { ...before, ...to })
  return done({ id })
}

async function deleteSchedule(parts: ReportParts, tx: Tx, actor: Actor, id: string) {
  const row = await parts.store.schedule(id, tx)
  if (row === null) return refused('not-found')
  await parts.store.deleteSchedule(tx, id)
  await record(parts, tx, actor, 'report-schedule.deleted', row)
  return done(null)
}

async function wrongIn({ store, means }: ReportParts, tx: Tx, wish: ScheduleWish, id: string | null) {
  if (!isZone(wish.when.zone))
    return refused('invalid', { hint: 'That time zone is not known; take one such as Europe/Berlin.' })
  const named = await store.scheduleNamed(tx, wish.name)
  if (named !== null && named.id !== id)
    return refused('conflict', { hint: 'There is a schedule of that name; choose another one.' })
  if (wish.target.kind === 'email' ? means.email === null : means.folder === null)
    return refused('not-offered')
  if (wish.filterId === null) return null
  const filter = await store.filter(wish.filterId, tx)
  if (filter?.shared !== 1 || filter.report !== wish.report)
    return refused('not-found', { hint: 'Choose a shared filter of that report.' })
  return null
}

function columns(
  wish: ScheduleWish,
  now: number,
): Omit<ReportScheduleRow, 'id' | 'created_by' | 'created_at'> {
  return {
    name: wish.name,
    report: wish.report,
    filter_id: wish.filterId,
    due: JSON.stringify(wish.when),
    target: JSON.stringify(wish.target),
    format: wish.format,
    subject: wish.subject,
    next_due_at: wish.enabled ? nextDue(wish.when, now).dueAtMs : null,
  }
}

async function record(
  { ledger }: ReportParts,
  tx: Tx,
  actor: Actor,
  type: 'report-schedule.created' | 'report-schedule.changed' | 'report-schedule.deleted',
  row: ReportScheduleRow,
): Promise<void> {
  const body = {
    ...{ name: row.name, report: row.report, filterId: row.filter_id, format: row.format },
    ...{ when: JSON.parse(row.due), target: JSON.parse(row.target), enabled: row.next_due_at !== null },
  }
  await ledger.append(tx, { type, actor: actorText(actor), subject: `report-schedule:${row.id}`, body })
}

async function sendNow({ store, clock, newId, means }: ReportParts, tx: Tx, id: string) {
  const schedule = await store.schedule(id, tx)
  if (schedule === null) return refused('not-found')
  const target: Target = JSON.parse(schedule.target)
  if (target.kind === 'email' ? means.email === null : means.folder === null) return refused('not-offered')
  const now = clock.now()
  const { fromMs, toMs } = lastPeriod(JSON.parse(schedule.due), now)
  const deliveryId = newId()
  await store.insertDelivery(tx, {
    ...{ id: deliveryId, schedule_id: id, period: `test ${deliveryId}`, test: 1 },
    ...{ from_at: fromMs, to_at: toMs, due_at: now, state: 'waiting', attempts: 0, last_error: null },
    ...{ next_try_at: now, taken_at: null, sent_at: null },
  })
  return done({ deliveryId })
}

async function sendAgain({ store, clock }: ReportParts, tx: Tx, id: string) {
  const delivery = await store.delivery(id, tx)
  if (delivery === null) return refused('not-found')
  if (delivery.state !== 'failed' && delivery.state !== 'uncertain')
    return refused('conflict', { hint: 'It is on its way, or was sent already.' })
  const { last_error } = delivery
  const to = { state: 'waiting', attempts: 0, last_error, next_try_at: clock.now(), sent_at: null } as const
  await store.changeDelivery(tx, id, to)
  return done({ deliveryId: id })
}
