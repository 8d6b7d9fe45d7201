import { readFileSync } from 'node:fs'
import type { Alarm, Clock, Instant } from './clock.ts'

/**
 * Timers of the runtime stand still while the computer sleeps, time since boot does not. So a long wait is made of
 * short ones, and each looks at the time since boot.
 */
const longestNapMs = 5_000

/** Linux. Reading costs about 25 µs. */
export class SystemClock implements Clock {
  readonly #bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()

  now(): Instant {
    return { bootId: this.#bootId, bootMs: bootMs(), wallMs: Date.now() }
  }

  after(delayMs: number, ring: () => void): Alarm {
    const dueBootMs = bootMs() + delayMs
    let timer: NodeJS.Timeout
    const nap = (): void => {
      const leftMs = dueBootMs - bootMs()
      if (leftMs <= 0) ring()
      else timer = setTimeout(nap, Math.min(Math.max(leftMs, 1), longestNapMs))
    }
    timer = setTimeout(nap, Math.min(Math.max(delayMs, 0), longestNapMs))
    return { cancel: () => clearTimeout(timer) }
  }
}

/** First number of `/proc/uptime`, seconds with two decimals: CLOCK_BOOTTIME. */
function bootMs(): number {
  const [seconds] = readFileSync('/proc/uptime', 'latin1').split(' ')
  return Math.round(Number(seconds) * 1000)
}
