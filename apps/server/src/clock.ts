/** The server's idea of time. Everything that asks for the time is given one of these. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number
}

/** Alarms. `every` gives back the function that stops it; a call never overlaps itself. */
export interface Timers {
  every(periodMs: number, work: () => void): () => void
}

export const systemClock: Clock = { now: () => Date.now() }

export const systemTimers: Timers = {
  every(periodMs, work) {
    const timer = setInterval(work, periodMs)
    timer.unref()
    return () => clearInterval(timer)
  },
}

/** This start of the server: its identity, and milliseconds since it. No setting of the clock moves them. */
export interface Boot {
  /** 1 to 64 characters of `A-Z a-z 0-9 -`. */
  readonly id: string
  up(): number
}

export function startBoot(id: string): Boot {
  const startedAt = performance.now()
  return { id, up: () => Math.floor(performance.now() - startedAt) }
}

/** RFC 3339 UTC with milliseconds, the form of every time on the wire. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}

/** `isoTime`, with null for null. */
export function isoTimeOrNull(ms: number | null): string | null {
  return ms === null ? null : isoTime(ms)
}

/** Milliseconds of a wire time that a schema has already accepted; NaN for a day that does not exist. */
export function msOf(iso: string): number {
  return Date.parse(iso)
}

export const minuteMs = 60_000
export const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs
