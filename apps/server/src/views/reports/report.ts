import type { ReportFilter } from '@stint/wire/reports'
import type { CsvCell } from './csv.ts'

/** What is asked of a report. `nowMs` is until when what still runs is counted. */
export interface Asked {
  readonly filter: Omit<ReportFilter, 'from' | 'to'>
  /** Inside; null for "since ever". */
  readonly fromMs: number | null
  /** Outside; null for "until now". */
  readonly toMs: number | null
  readonly nowMs: number
}

export interface ReportPage<Row> {
  readonly items: Row[]
  readonly cursor: string | null
}

/** One report: its rows in pages, the figures that its charts need, and its columns in a CSV. Reads only. */
export interface Report<Row, Summary> {
  /** `cursor` null at the start. Refusal `invalid` for one that was not given out. */
  rows(asked: Asked, sort: string | undefined, limit: number, cursor: string | null): Promise<ReportPage<Row>>
  summary(asked: Asked): Promise<Summary>
  readonly columns: readonly (readonly [name: string, cell: (row: Row) => CsvCell])[]
}
