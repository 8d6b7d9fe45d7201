import type { Clock } from '../../clock.ts'
import type { Database } from '../../db/database.ts'
import type { NewId } from '../../identifier.ts'
import type { Reports } from '../../views/reports/reports.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { createDeliveries, type Deliveries } from './deliveries.ts'
import type { Means } from './means.ts'
import type { ReportStore } from './reports.store.ts'
import { createSavedFilters, type SavedFilters } from './saved-filters.ts'
import { createSchedules, type Schedules } from './schedules.ts'

export interface ReportParts {
  readonly db: Database
  readonly store: ReportStore
  readonly ledger: Ledger
  readonly clock: Clock
  readonly newId: NewId
  readonly reports: Reports
  readonly means: Means
  /** Where people reach the server, for the link in a mail. */
  readonly publicUrl: string
}

/** What people keep of reports: filters, schedules, and that what is due is sent. */
export interface Reporting extends SavedFilters, Schedules, Deliveries {}

export function createReporting(parts: ReportParts): Reporting {
  return { ...createSavedFilters(parts), ...createSchedules(parts), ...createDeliveries(parts) }
}
