import { Button } from '@mantine/core'
import { IconChartBar, IconTable } from '@tabler/icons-react'
import { lazy, Suspense, useState } from 'react'
import { type DayPoint, dayFullText, foldDays } from './fold-days.ts'

const DayColumns = lazy(async () => ({ default: (await import('./DayColumns.tsx')).DayColumns }))

export interface DaySeries {
  readonly key: string
  readonly label: string
  readonly tone: 'main' | 'bad' | 'rest'
}

interface DayChartProps {
  readonly title: string
  /** Days in UTC; those that are not there are drawn as 0. */
  readonly days: readonly DayPoint[]
  readonly from: string
  readonly to: string
  /** Stacked, the first at the bottom. */
  readonly series: readonly DaySeries[]
  readonly numberText?: (count: number) => string
}

const plain = (count: number) => count.toLocaleString('en')

/** Columns over time, and the same as a table: the drawing is for the eye alone. */
export function DayChart({ title, days, from, to, series, numberText = plain }: DayChartProps) {
  const [asTable, setAsTable] = useState(false)
  const { step, points } = foldDays(days, from, to)
  const per = `Per ${step}, UTC`
  return (
    <figure className="st-chart" aria-label={title}>
      <figcaption className="st-chart-head">
        <span>
          <span className="st-strong">{title}</span> <span className="st-chart-per">{per}</span>
        </span>
        {series.length > 1 && (
          <ul className="st-chart-legend">
            {series.map((one) => (
              <li key={one.key} data-tone={one.tone}>
                {one.label}
              </li>
            ))}
          </ul>
        )}
        <Button
          className="st-chart-switch"
          variant="subtle"
          size="xs"
          leftSection={asTable ? <IconChartBar size={15} /> : <IconTable size={15} />}
          onClick={() => setAsTable(!asTable)}
          aria-pressed={asTable}
        >
          As a table
        </Button>
      </figcaption>
      {asTable ? (
        <section
          className="st-chart-box st-chart-scroll"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a long table scrolls, by keyboard too
          tabIndex={0}
          aria-label={`${title}, table`}
        >
          <DayTable {...{ title, points, series, numberText }} said={(day) => dayFullText(day, step)} />
        </section>
      ) : (
        <>
          <div className="st-chart-box" aria-hidden="true">
            <Suspense fallback={null}>
              <DayColumns points={points} step={step} series={series} numberText={numberText} />
            </Suspense>
          </div>
          <div className="st-sr">
            <DayTable {...{ title, points, series, numberText }} said={(day) => dayFullText(day, step)} />
          </div>
        </>
      )}
    </figure>
  )
}

interface DayTableProps {
  readonly title: string
  readonly points: readonly DayPoint[]
  readonly series: readonly DaySeries[]
  readonly numberText: (count: number) => string
  readonly said: (day: string) => string
}

function DayTable({ title, points, series, numberText, said }: DayTableProps) {
  return (
    <table className="st-chart-table">
      <caption className="st-sr">{title}</caption>
      <thead>
        <tr>
          <th scope="col">When</th>
          {series.map((one) => (
            <th key={one.key} scope="col">
              {one.label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {points.map(({ day, counts }) => (
          <tr key={day}>
            <th scope="row">{said(day)}</th>
            {series.map((one) => (
              <td key={one.key}>{numberText(counts[one.key] ?? 0)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
