/**
 * The only source of time. `Date.now()` and timers elsewhere in the agent are mistakes.
 *
 * No single clock is trusted: `wallMs` can be turned by root, `bootMs` cannot be turned but starts again
 * at every boot. So compare `bootId` first; only within one boot does `bootMs` mean anything.
 */
export interface Instant {
  /** Changes at every boot (Linux: `/proc/sys/kernel/random/boot_id`). */
  readonly bootId: string
  /** Milliseconds since boot, time asleep included (Linux: `CLOCK_BOOTTIME` at 10 ms resolution). */
  readonly bootMs: number
  /** Milliseconds since 1970-01-01T00:00:00Z as the computer believes. */
  readonly wallMs: number
}

export interface Alarm {
  /** After this the callback is never called. Harmless when it already was. */
  cancel(): void
}

export interface Clock {
  now(): Instant
  /**
   * Calls `ring` once when `bootMs` has advanced by `delayMs`, never earlier. A computer that slept rings
   * within 5 s of waking. An alarm is only a reminder: what decides is a deadline compared with `now()`.
   */
  after(delayMs: number, ring: () => void): Alarm
}
