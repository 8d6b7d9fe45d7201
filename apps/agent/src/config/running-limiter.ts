import { cancelRequest, elapse, type Limiter, type LimiterState, startLimiter } from '@stint/code'
import type { Clock } from '../clock/clock.ts'

/** The guess limiter of this process. What it holds is durable only after the next write of the keeper. */
export class RunningLimiter {
  readonly #clock: Clock
  #limiter: Limiter

  constructor(state: LimiterState, clock: Clock) {
    this.#clock = clock
    this.#limiter = startLimiter(state, clock.now().bootMs)
  }

  /** The powered-on clock, milliseconds. */
  get upMs(): number {
    return this.#clock.now().bootMs
  }

  /** With the time that passed credited. */
  get current(): Limiter {
    this.#limiter = elapse(this.#limiter, this.upMs)
    return this.#limiter
  }

  /** What a move made of it. */
  take(limiter: Limiter): void {
    this.#limiter = limiter
  }

  /** Closes the user's open request. */
  cancel(userId: string): void {
    this.#limiter = cancelRequest(this.current, this.upMs, userId, 'session')
  }

  /** Forgets what could not be made durable. */
  backTo(state: LimiterState): void {
    this.#limiter = { ...this.current, state }
  }
}
