/** What was counted on one day, or in one week or month, by its series. `day` is `2026-11-22`, the first of its days. */
export interface DayPoint {
  readonly day: string
  readonly counts: Readonly<Record<string, number>>
}

export type DayStep = 'day' | 'week' | 'month'

const DAY_MS = 86_400_000
/** As many columns as can be told apart. */
const COLUMNS_MAX = 92

/**
 * Every day from `from` to `to` (both inside, `YYYY-MM-DD`), days without anything with 0; as weeks (from Monday) or
 * months where the days would be more than can be told apart. Points outside of the span are left out.
 */
export function foldDays(
  points: readonly DayPoint[],
  from: string,
  to: string,
): { readonly step: DayStep; readonly points: readonly DayPoint[] } {
  const [first, last] = [Date.parse(from), Date.parse(to)]
  const days = Math.floor((last - first) / DAY_MS) + 1
  const step: DayStep = days <= COLUMNS_MAX ? 'day' : days <= COLUMNS_MAX * 7 ? 'week' : 'month'
  const folded = new Map<string, Record<string, number>>()
  for (let at = first; at <= last; at += DAY_MS) {
    const key = startOf(step, at)
    if (!folded.has(key)) folded.set(key, {})
  }
  for (const { day, counts } of points) {
    const sum = folded.get(startOf(step, Date.parse(day)))
    if (!sum) continue
    for (const [key, count] of Object.entries(counts)) sum[key] = (sum[key] ?? 0) + count
  }
  return { step, points: [...folded].map(([day, counts]) => ({ day, counts })) }
}

function startOf(step: DayStep, at: number): string {
  const day = new Date(at)
  if (step === 'month') day.setUTCDate(1)
  if (step === 'week') day.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 6) % 7))
  return day.toISOString().slice(0, 10)
}

const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })
const fullFormat = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
})
const monthFormat = new Intl.DateTimeFormat('en-GB', { month: 'short', year: 'numeric', timeZone: 'UTC' })

/** Under a column: `22 Nov`, or `Nov 2026`. */
export function dayAxisText(day: string, step: DayStep): string {
  return (step === 'month' ? monthFormat : dayFormat).format(Date.parse(day))
}

/** In full: `Sun, 22 Nov 2026`, `week from 16 Nov`, `Nov 2026`. */
export function dayFullText(day: string, step: DayStep): string {
  if (step === 'month') return monthFormat.format(Date.parse(day))
  return step === 'week'
    ? `Week from ${fullFormat.format(Date.parse(day))}`
    : fullFormat.format(Date.parse(day))
}
