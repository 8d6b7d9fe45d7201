const minute = 60_000

/** `14:32`, or `Sun 22 Nov, 14:32` on another day; the person's own zone. `at` and `now` in milliseconds. */
export function clockTime(at: number, now: number): string {
  const date = new Date(at)
  const sameDay = date.toDateString() === new Date(now).toDateString()
  const time = date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
  if (sameDay) return time
  const day = date.toLocaleDateString('en-GB', { weekday: 'short', day: 'numeric', month: 'short' })
  return `${day}, ${time}`
}

/** `1 h 05 min`, `12 min`, `40 s`: the two largest units, never negative. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) {
    const rest = seconds % 60
    return rest === 0 || minutes >= 10 ? `${minutes} min` : `${minutes} min ${rest} s`
  }
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
}

/** Milliseconds from one RFC 3339 time to a later one, never negative. */
export function between(from: string, to: string): number {
  return Math.max(0, Date.parse(to) - Date.parse(from))
}

/** `15 min` of whole minutes, as chosen by people. */
export function minutesText(minutes: number): string {
  return duration(minutes * minute)
}
