/** Times in words. Everything here takes milliseconds or RFC 3339 text and gives English text. */

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** `14:05`, or `1:02:09` from an hour on; never below `0:00`. */
export function clockText(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  const two = (n: number) => String(n).padStart(2, '0')
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

/** `45 s`, `4 min 12 s`, `1 h 20 min`, `2 d 3 h`: the two largest parts. */
export function spanText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ]
  const first = parts.findIndex(([n]) => n > 0)
  if (first < 0) return '0 s'
  return parts
    .slice(first, first + 2)
    .filter(([n]) => n > 0)
    .map(([n, unit]) => `${n} ${unit}`)
    .join(' ')
}

/** Minutes a person grants: `15 minutes`, `1 hour`, `1 h 30 min`, `2 days`. */
export function minutesText(minutes: number): string {
  const plural = (n: number, one: string) => `${n} ${one}${n === 1 ? '' : 's'}`
  if (minutes < 60) return plural(minutes, 'minute')
  if (minutes % 1440 === 0) return plural(minutes / 1440, 'day')
  if (minutes % 60 === 0) return plural(minutes / 60, 'hour')
  return spanText(minutes * MINUTE_MS)
}

/** `just now`, `4 min ago`, `in 2 h`, `yesterday`, `3 days ago`; a date from two weeks on. */
export function relativeText(at: number, now: number): string {
  const away = Math.abs(now - at)
  const past = at <= now
  const say = (text: string) => (past ? `${text} ago` : `in ${text}`)
  if (away < 45_000) return past ? 'just now' : 'in a moment'
  if (away < HOUR_MS) return say(`${Math.max(1, Math.round(away / MINUTE_MS))} min`)
  if (away < DAY_MS) return say(`${Math.round(away / HOUR_MS)} h`)
  if (away < 14 * DAY_MS) {
    const days = Math.round(away / DAY_MS)
    return days === 1 ? (past ? 'yesterday' : 'tomorrow') : say(`${days} days`)
  }
  return dateText(at)
}

const dateFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
const exactFormat = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
})
const timeFormat = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })

const dayTime = { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' } as const
const dayTimeFormat = new Intl.DateTimeFormat('en-GB', dayTime)
const yearTimeFormat = new Intl.DateTimeFormat('en-GB', { ...dayTime, year: 'numeric' })

/** `22 Nov, 09:14`, local; with its year when that is not the year of `now`: for rows that are compared. */
export function dayTimeText(at: number, now: number): string {
  const isThisYear = new Date(at).getFullYear() === new Date(now).getFullYear()
  return (isThisYear ? dayTimeFormat : yearTimeFormat).format(at)
}

export function dateText(at: number): string {
  return dateFormat.format(at)
}

/** `Sun, 22 Nov 2026, 09:14:03 CET`: for whoever needs to be sure. */
export function exactText(at: number): string {
  return exactFormat.format(at)
}

/** `09:14:03`, local. */
export function timeOfDayText(at: number): string {
  return timeFormat.format(at)
}

/** `09:14:03`, local; with its day in front when that is not the day of `near`: `22 Nov 2026, 09:14:03`. */
export function shortTimeText(at: number, near: number): string {
  const day = dateText(at)
  return day === dateText(near) ? timeOfDayText(at) : `${day}, ${timeOfDayText(at)}`
}
