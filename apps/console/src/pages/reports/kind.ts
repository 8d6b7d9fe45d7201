import type { ReportName } from '@stint/elevation'
import type { BarRow, Column, DayPoint, DaySeries, Figure } from '@stint/ui'
import type { ReactNode } from 'react'
import type { ReportRows, ReportSummaries } from '../../api/reports.ts'
import type { FilterName } from './search.ts'

/** Who or what most. `filter`: choosing a row asks for it alone. */
export interface Ranking {
  readonly label: string
  readonly rows: readonly BarRow[]
  readonly filter?: FilterName
  readonly isCode?: boolean
}

/** A summary as it is drawn, the same for every report. */
export interface Summed {
  readonly figures: readonly Figure[]
  readonly chart?: {
    readonly title: string
    readonly days: readonly DayPoint[]
    readonly series: readonly DaySeries[]
  }
  readonly rankings: readonly Ranking[]
}

/** What one report is made of. */
export interface ReportKind<N extends ReportName> {
  /** What it answers, one sentence. */
  readonly answers: string
  readonly has: readonly FilterName[]
  readonly hasPeriod: boolean
  readonly hasChart: boolean
  readonly hasRankings: boolean
  /** How many figures its summary has, so that nothing moves when they arrive. */
  readonly figures: number
  /** How the server sorts it unless told otherwise. */
  readonly usualSort: string
  readonly columns: readonly Column<ReportRows[N]>[]
  readonly rowKey: (row: ReportRows[N], at: number) => string
  readonly rowLink?: (row: ReportRows[N], children: ReactNode, className: string) => ReactNode
  readonly summed: (summary: ReportSummaries[N]) => Summed
  /** Said where nothing fits. */
  readonly nothing: string
}

interface Top {
  readonly id: string
  readonly name: string
  readonly count: number
}

export const topRows = (top: readonly Top[]): readonly BarRow[] =>
  top.map(({ id, name, count }) => ({ id, label: name, count }))

/** Shares of a vocabulary, in the words of the screen. */
export const shareRows = (
  shares: readonly { readonly name: string; readonly count: number }[],
  labels: Readonly<Record<string, string>> = {},
): readonly BarRow[] => shares.map(({ name, count }) => ({ id: name, label: labels[name] ?? name, count }))
