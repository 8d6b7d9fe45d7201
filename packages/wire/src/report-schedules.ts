/**
 * Saved filters, and reports that are sent by themselves. Below `/api/v1/reports`.
 *
 *     GET  /reports/filters → { items }                own ones and shared ones, by name     read-reports
 *     POST /reports/filters SavedFilterBody → SavedFilter
 *     PATCH /reports/filters/:id SavedFilterPatch → SavedFilter        only whose it is
 *     DELETE /reports/filters/:id → 204                whose it is; a shared one also who may schedule-reports
 *
 *     GET  /reports/delivery → DeliveryMeans           what this server was started with     schedule-reports
 *     GET  /reports/schedules → { items }              by name                               schedule-reports
 *     POST /reports/schedules ScheduleBody → Schedule
 *     PUT  /reports/schedules/:id ScheduleBody → Schedule    DELETE /reports/schedules/:id → 204
 *     POST /reports/schedules/:id/send → Delivery      now, for a test: the last whole period before today
 *     GET  /reports/schedules/:id/deliveries?limit&cursor → Delivery page, newest first
 *     POST /reports/deliveries/:id/send → Delivery     once more, one that failed or is uncertain
 *
 * Refusals: `conflict` for a name that is taken or a filter that a schedule uses, `not-found`, `invalid` with fields,
 * `not-offered` where the server was started without mail or without a folder.
 */
import { deliveryStates, exportFormats, reportNames } from '@stint/elevation'
import { Count, Id, OneOf, type Static, Strict, Text, Time, Type } from './parse.ts'
import { ReportFilter } from './reports.ts'

const Nullable = <T extends import('typebox').TSchema>(schema: T) => Type.Union([schema, Type.Null()])

export const SavedFilter = Strict({
  id: Id,
  name: Type.String(),
  report: OneOf(reportNames),
  filter: ReportFilter,
  /** Others may read and use it. */
  shared: Type.Boolean(),
  owner: Strict({ id: Id, name: Type.String() }),
  /** Whether it is the caller's. */
  own: Type.Boolean(),
  changedAt: Time,
})
export type SavedFilter = Static<typeof SavedFilter>
export const SavedFilterBody = Strict({
  name: Text(100, 1),
  report: OneOf(reportNames),
  filter: ReportFilter,
  shared: Type.Boolean(),
})
export type SavedFilterBody = Static<typeof SavedFilterBody>
export const SavedFilterPatch = Strict({
  name: Type.Optional(Text(100, 1)),
  filter: Type.Optional(ReportFilter),
  shared: Type.Optional(Type.Boolean()),
})
export type SavedFilterPatch = Static<typeof SavedFilterPatch>

/** Whether a schedule can use them. Set where the server is started (docs/operate/scheduled-reports.md). */
export const DeliveryMeans = Strict({
  email: Nullable(Strict({ host: Type.String(), from: Type.String() })),
  folder: Type.Boolean(),
})
export type DeliveryMeans = Static<typeof DeliveryMeans>

/**
 * When, on the clocks of `zone` (IANA). `daily` covers the day before, `weekly` the seven days before `weekday` (1 is
 * Monday), `monthly` the month before. A time that a change of clocks leaves out is taken at the end of the jump, one
 * that comes twice the first time.
 */
export const ScheduleTime = Type.Union([
  Strict({ every: Type.Literal('daily'), ...at() }),
  Strict({ every: Type.Literal('weekly'), weekday: Type.Integer({ minimum: 1, maximum: 7 }), ...at() }),
  Strict({ every: Type.Literal('monthly'), day: Type.Integer({ minimum: 1, maximum: 28 }), ...at() }),
])
export type ScheduleTime = Static<typeof ScheduleTime>

function at() {
  return {
    time: Type.String({ pattern: '^(?:[01]\\d|2[0-3]):[0-5]\\d$' }),
    zone: Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9_+/-]+$' }),
  }
}

const Address = Type.String({
  minLength: 3,
  maxLength: 254,
  pattern: '^[^\\s@<>,;:"()\\[\\]\\\\]+@[^\\s@<>,;:"()\\[\\]\\\\]+$',
})
export const ScheduleTarget = Type.Union([
  Strict({ kind: Type.Literal('email'), to: Type.Array(Address, { minItems: 1, maxItems: 20 }) }),
  /** Below the folder that the server was started with; `a/b`, letters, digits, `.`, `_`, `-`; empty for itself. */
  Strict({
    kind: Type.Literal('folder'),
    path: Type.String({
      maxLength: 200,
      pattern: '^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*)?$',
    }),
  }),
])
export type ScheduleTarget = Static<typeof ScheduleTarget>

export const ScheduleBody = Strict({
  name: Text(100, 1),
  report: OneOf(reportNames),
  /** A shared filter of that report, or null for all. Its own period gives way to that of the schedule. */
  filterId: Nullable(Id),
  when: ScheduleTime,
  target: ScheduleTarget,
  format: OneOf(exportFormats),
  /** `{report}`, `{from}` and `{to}` are replaced. One line. */
  subject: Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\u0000-\\u001f\\u007f]*$' }),
  enabled: Type.Boolean(),
})
export type ScheduleBody = Static<typeof ScheduleBody>

export const Delivery = Strict({
  id: Id,
  scheduleId: Id,
  /** Asked for by a person, not by the clock. */
  test: Type.Boolean(),
  from: Time,
  to: Time,
  dueAt: Time,
  state: OneOf(deliveryStates),
  attempts: Count,
  lastError: Nullable(Type.String()),
  nextTryAt: Nullable(Time),
  sentAt: Nullable(Time),
})
export type Delivery = Static<typeof Delivery>

export const Schedule = Strict({
  id: Id,
  name: Type.String(),
  report: OneOf(reportNames),
  filterId: Nullable(Id),
  filterName: Nullable(Type.String()),
  when: ScheduleTime,
  target: ScheduleTarget,
  format: OneOf(exportFormats),
  subject: Type.String(),
  enabled: Type.Boolean(),
  createdBy: Type.String(),
  createdAt: Time,
  /** Null while it is switched off. */
  nextDueAt: Nullable(Time),
  lastDelivery: Nullable(Delivery),
})
export type Schedule = Static<typeof Schedule>
