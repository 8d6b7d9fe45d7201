import { dayMs } from '../../clock.ts'

/** When a report is due, on the clocks of `zone` (IANA). `weekday` 1 is Monday; `time` is `HH:MM`. */
export type DueTime = { readonly time: string; readonly zone: string } & (
  | { readonly every: 'daily' }
  | { readonly every: 'weekly'; readonly weekday: number }
  | { readonly every: 'monthly'; readonly day: number }
)

/** One time that a report is due, and the days before that it covers: `fromMs` inside, `toMs` outside. */
export interface DuePeriod {
  /** The local day on which it is due, `2026-11-22`: the same for the same period, whoever computes it. */
  readonly name: string
  readonly dueAtMs: number
  readonly fromMs: number
  readonly toMs: number
}

/** A day of the calendar; `day` may be 0 or 40, as `Date.UTC` takes it. */
interface LocalDay {
  readonly year: number
  readonly month: number
  readonly day: number
}

/** The first time after `afterMs`. */
export function nextDue(due: DueTime, afterMs: number): DuePeriod {
  const start = localDay(afterMs, due.zone)
  for (let days = 0; ; days++) {
    const day = shifted(start, days)
    if (!isDueOn(due, day)) continue
    const period = periodDueOn(due, day)
    if (period.dueAtMs > afterMs) return period
  }
}

/** The last whole period before the local day of `nowMs`, whatever the time and the weekday. */
export function lastPeriod(due: DueTime, nowMs: number): DuePeriod {
  return periodDueOn(due, localDay(nowMs, due.zone))
}

export function isZone(name: string): boolean {
  try {
    formatterOf(name)
    return true
  } catch {
    return false
  }
}

/** `2026-11-22` on the clocks of `zone`. */
export function localDayText(ms: number, zone: string): string {
  return dayName(localDay(ms, zone))
}

function periodDueOn(due: DueTime, day: LocalDay): DuePeriod {
  const [hour = 0, minute = 0] = due.time.split(':').map(Number)
  const { first, end } = daysCovered(due, day)
  return {
    name: dayName(day),
    dueAtMs: instantOf(due.zone, day, hour, minute),
    fromMs: instantOf(due.zone, first, 0, 0),
    toMs: instantOf(due.zone, end, 0, 0),
  }
}

function daysCovered(due: DueTime, day: LocalDay): { readonly first: LocalDay; readonly end: LocalDay } {
  if (due.every === 'daily') return { first: shifted(day, -1), end: day }
  if (due.every === 'weekly') return { first: shifted(day, -7), end: day }
  return { first: { ...day, month: day.month - 1, day: 1 }, end: { ...day, day: 1 } }
}

function isDueOn(due: DueTime, day: LocalDay): boolean {
  if (due.every === 'daily') return true
  if (due.every === 'monthly') return due.day === day.day
  return new Date(utc(day)).getUTCDay() === due.weekday % 7
}

/**
 * The instant at which the clocks of a zone show a time. One that they leave out is taken at the end of the jump, one
 * that they show twice the first time.
 */
function instantOf(zone: string, day: LocalDay, hour: number, minute: number): number {
  const shown = utc(day) + (hour * 60 + minute) * 60_000
  const before = shown - offsetMs(shown - dayMs, zone)
  const after = shown - offsetMs(shown + dayMs, zone)
  for (const instant of [Math.min(before, after), Math.max(before, after)])
    if (instant + offsetMs(instant, zone) === shown) return instant
  return endOfJump(zone, Math.min(before, after), Math.max(before, after))
}

/** The first moment with the offset of `late`, between two moments with different ones. */
function endOfJump(zone: string, early: number, late: number): number {
  const offset = offsetMs(late, zone)
  let [low, high] = [early, late]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offsetMs(middle, zone) === offset) high = middle
    else low = middle
  }
  return high
}

/** What the clocks of a zone are ahead of UTC. */
function offsetMs(ms: number, zone: string): number {
  const shown = clockOf(ms, zone)
  const seconds = (shown('hour') * 60 + shown('minute')) * 60 + shown('second')
  const second = Math.floor(ms / 1000) * 1000
  return utc({ year: shown('year'), month: shown('month'), day: shown('day') }) + seconds * 1000 - second
}

function localDay(ms: number, zone: string): LocalDay {
  const shown = clockOf(ms, zone)
  return { year: shown('year'), month: shown('month'), day: shown('day') }
}

function clockOf(ms: number, zone: string): (part: Intl.DateTimeFormatPartTypes) => number {
  const parts = formatterOf(zone).formatToParts(ms)
  return (wanted) => Number(parts.find(({ type }) => type === wanted)?.value)
}

const formatters = new Map<string, Intl.DateTimeFormat>()

/** Throws RangeError for a zone that is not known. */
function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', {
    timeZone: zone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  })
  formatters.set(zone, made)
  return made
}

function shifted(day: LocalDay, days: number): LocalDay {
  const date = new Date(utc(day) + days * dayMs)
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }
}

function utc({ year, month, day }: LocalDay): number {
  return Date.UTC(year, month - 1, day)
}

function dayName(day: LocalDay): string {
  return new Date(utc(day)).toISOString().slice(0, 10)
}
