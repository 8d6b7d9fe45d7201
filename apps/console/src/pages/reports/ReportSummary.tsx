import { BarList, DayChart, Figures, Panel, Select, Skeleton } from '@stint/ui'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Ranking, Summed } from './kind.ts'

const SHOWN = 6

interface ReportSummaryProps {
  /** Undefined while it is read. */
  readonly summed: Summed | undefined
  readonly figures: number
  readonly hasChart: boolean
  readonly hasRankings: boolean
  readonly span: (days: readonly { readonly day: string }[]) => { readonly from: string; readonly to: string }
}

/** The figures, what happened over time, and who or what most. Its room is the same before and after. */
export function ReportSummary({ summed, figures, hasChart, hasRankings, span }: ReportSummaryProps) {
  const chart = summed?.chart
  return (
    <div className="st-stack c-report-sum">
      <Figures figures={summed?.figures} expected={figures} />
      {(hasChart || hasRankings) && (
        <div className="c-report-drawn" data-one={!hasChart || undefined}>
          {hasChart && (
            <Panel>
              {chart ? (
                <DayChart {...chart} {...span(chart.days)} />
              ) : (
                <Skeleton height="13.875rem" aria-busy="true" />
              )}
            </Panel>
          )}
          {hasRankings && (
            <Panel>
              {summed ? <Rankings rankings={summed.rankings} /> : <Skeleton height="13.875rem" />}
            </Panel>
          )}
        </div>
      )}
    </div>
  )
}

function Rankings({ rankings }: { readonly rankings: readonly Ranking[] }) {
  const [chosen, setChosen] = useState(0)
  const shown = rankings[chosen] ?? rankings[0]
  if (!shown) return null
  const { rows, filter, isCode = false } = shown
  return (
    <div className="c-ranking">
      {rankings.length > 1 && (
        <Select
          aria-label="What is counted"
          size="xs"
          data={rankings.map(({ label }, at) => ({ value: String(at), label }))}
          value={String(chosen)}
          onChange={(value) => setChosen(Number(value))}
          allowDeselect={false}
        />
      )}
      <BarList
        title={shown.label}
        rows={rows.slice(0, SHOWN)}
        isCode={isCode}
        quietTitle={rankings.length > 1}
        {...(filter
          ? {
              link: ({ id }, children) => (
                <Link
                  from="/reports/$report"
                  to="."
                  search={(now) => ({ ...now, [filter]: id })}
                  resetScroll={false}
                >
                  {children}
                </Link>
              ),
            }
          : {})}
      />
    </div>
  )
}
