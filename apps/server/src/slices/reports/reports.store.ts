import type { Tx } from '../../db/database.ts'
import type { ReportDeliveryRow, ReportFilterRow, ReportScheduleRow } from '../../db/schema.ts'

/** Saved filters, schedules and their deliveries. The engine takes each due period of a schedule once. */
export interface ReportStore {
  filter(id: string, tx?: Tx): Promise<ReportFilterRow | null>
  /** Of that owner, report and name. */
  filterNamed(
    tx: Tx,
    of: Pick<ReportFilterRow, 'owner_id' | 'report' | 'name'>,
  ): Promise<ReportFilterRow | null>
  insertFilter(tx: Tx, row: ReportFilterRow): Promise<void>
  changeFilter(
    tx: Tx,
    id: string,
    to: Pick<ReportFilterRow, 'name' | 'body' | 'shared' | 'changed_at'>,
  ): Promise<void>
  deleteFilter(tx: Tx, id: string): Promise<void>
  isScheduled(tx: Tx, filterId: string): Promise<boolean>

  schedule(id: string, tx?: Tx): Promise<ReportScheduleRow | null>
  scheduleNamed(tx: Tx, name: string): Promise<ReportScheduleRow | null>
  insertSchedule(tx: Tx, row: ReportScheduleRow): Promise<void>
  changeSchedule(
    tx: Tx,
    id: string,
    to: Omit<ReportScheduleRow, 'id' | 'created_by' | 'created_at'>,
  ): Promise<void>
  setNextDue(tx: Tx, id: string, nextDueAt: number): Promise<void>
  /** With its deliveries. */
  deleteSchedule(tx: Tx, id: string): Promise<void>
  dueSchedules(tx: Tx, nowMs: number): Promise<ReportScheduleRow[]>

  delivery(id: string, tx?: Tx): Promise<ReportDeliveryRow | null>
  /** False where that period has a delivery already. */
  insertDelivery(tx: Tx, row: ReportDeliveryRow): Promise<boolean>
  /** The one that waited longest. */
  nextDelivery(tx: Tx, nowMs: number): Promise<ReportDeliveryRow | null>
  /** Taken before `takenBeforeMs`, and neither sent nor given back. */
  staleDeliveries(tx: Tx, takenBeforeMs: number): Promise<ReportDeliveryRow[]>
  changeDelivery(
    tx: Tx,
    id: string,
    to: Partial<Pick<ReportDeliveryRow, 'attempts' | 'taken_at'>> &
      Pick<ReportDeliveryRow, 'state' | 'last_error' | 'next_try_at' | 'sent_at'>,
  ): Promise<void>
}
