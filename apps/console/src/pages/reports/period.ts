import type { ReportFilter } from '@stint/wire/reports'

/** What an address says about time: a preset, or days of this computer's calendar, both inside. */
export interface PeriodSearch {
  readonly period?: string
  readonly from?: string
  readonly to?: string
}

const DAY_MS = 86_400_000

export const periodPresets = [
  { value: 'today', label: 'Today', days: 1 },
  { value: '7d', label: 'Last 7 days', days: 7 },
  { value: '30d', label: 'Last 30 days', days: 30 },
  { value: '90d', label: 'Last 90 days', days: 90 },
  { value: '365d', label: 'Last 365 days', days: 365 },
  { value: 'all', label: 'All time', days: null },
] as const
export const exactPeriod = 'exact'
/** What a report shows before anybody chose. */
export const usualPeriod = '30d'

/** Which choice it is: exact days win over a preset, and an unknown word is the usual one. */
export function periodChoice({ period, from, to }: PeriodSearch): string {
  if (period === exactPeriod || from !== undefined || to !== undefined) return exactPeriod
  return periodPresets.find(({ value }) => value === period)?.value ?? usualPeriod
}

/** The bounds to ask the server for: `from` is inside, `to` is not. Days begin where this computer is. */
export function periodBounds(search: PeriodSearch, now: number): Pick<ReportFilter, 'from' | 'to'> {
  const choice = periodChoice(search)
  if (choice === exactPeriod) {
    return {
      ...(search.from === undefined ? {} : { from: dayStart(search.from, 0) }),
      ...(search.to === undefined ? {} : { to: dayStart(search.to, 1) }),
    }
  }
  const days = periodPresets.find(({ value }) => value === choice)?.days ?? null
  return days === null ? {} : { from: dayStart(localDay(now), 1 - days) }
}

/** The first moment of that day here, some days later. */
function dayStart(day: string, later: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  return new Date(year, month - 1, date + later).toISOString()
}

/** `2026-11-22`, on the calendar of this computer. */
export function localDay(at: number): string {
  const day = new Date(at)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`
}

/** The exact days of bounds that somebody saved. */
export function periodOf({ from, to }: Pick<ReportFilter, 'from' | 'to'>): PeriodSearch {
  return {
    ...(from === undefined ? {} : { from: localDay(Date.parse(from)) }),
    ...(to === undefined ? {} : { to: localDay(Date.parse(to) - 1) }),
  }
}

/** A day as an address may say it; anything else is not one. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text))
}

/** First and last day of a chart, in UTC as the server counts days. Without bounds it begins with what was counted. */
export function chartSpan(
  { from, to }: Pick<ReportFilter, 'from' | 'to'>,
  counted: readonly { readonly day: string }[],
  now: number,
): { readonly from: string; readonly to: string } {
  const utcDay = (at: number) => new Date(at).toISOString().slice(0, 10)
  const last = to === undefined ? utcDay(now) : utcDay(Math.min(now, Date.parse(to) - 1))
  const first =
    from === undefined
      ? (counted[0]?.day ?? utcDay(Date.parse(last) - 29 * DAY_MS))
      : utcDay(Date.parse(from))
  return { from: first, to: last < first ? first : last }
}
