import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import type { DaySeries } from './DayChart.tsx'
import { type DayPoint, type DayStep, dayAxisText, dayFullText } from './fold-days.ts'

interface DayColumnsProps {
  readonly points: readonly DayPoint[]
  readonly step: DayStep
  readonly series: readonly DaySeries[]
  readonly numberText: (count: number) => string
}

const tick = { fill: 'var(--st-text-faint)', fontSize: 12 }

/** The drawing alone; loaded when a chart is first shown. What it says stands in the table of `DayChart` too. */
export function DayColumns({ points, step, series, numberText }: DayColumnsProps) {
  const data = points.map(({ day, counts }) => ({ day, ...counts }))
  return (
    <ResponsiveContainer width="100%" height="100%">
      <BarChart data={data} margin={{ top: 8, right: 4, bottom: 0, left: 0 }} accessibilityLayer={false}>
        <CartesianGrid vertical={false} stroke="var(--st-line-soft)" />
        <XAxis
          dataKey="day"
          tickFormatter={(day: string) => dayAxisText(day, step)}
          tick={tick}
          tickLine={false}
          axisLine={{ stroke: 'var(--st-line-strong)' }}
          minTickGap={28}
          height={26}
        />
        <YAxis
          tickFormatter={numberText}
          tick={tick}
          tickLine={false}
          axisLine={false}
          allowDecimals={false}
          width={48}
          tickCount={4}
        />
        <Tooltip
          cursor={{ fill: 'var(--st-hover)' }}
          isAnimationActive={false}
          content={({ active, label, payload }) =>
            active ? (
              <div className="st-chart-tip">
                <p className="st-strong">{dayFullText(String(label), step)}</p>
                {payload.map((one) => (
                  <p key={String(one.dataKey)}>
                    {String(one.name)} <span className="st-num">{numberText(Number(one.value))}</span>
                  </p>
                ))}
              </div>
            ) : null
          }
        />
        {series.map((one) => (
          <Bar
            key={one.key}
            dataKey={one.key}
            name={one.label}
            stackId="all"
            fill={`var(--st-chart-${one.tone})`}
            stroke="var(--st-surface)"
            strokeWidth={1}
            maxBarSize={28}
            isAnimationActive={false}
          />
        ))}
      </BarChart>
    </ResponsiveContainer>
  )
}
