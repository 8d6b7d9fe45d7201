import type { Clock } from '../clock/clock.ts'
import type { Keeper } from '../journal/keeper.ts'
import type { Os } from '../os/os.ts'
import type { PolicyInForce } from '../policy/policy-in-force.ts'
import type { Random } from './ids.ts'
import type { RunningLimiter } from './running-limiter.ts'

/** Says what happened to whoever runs the computer. Never a key, a code or what a person wrote. */
export interface Log {
  info(message: string, more?: Readonly<Record<string, string | number | boolean>>): void
  error(message: string, cause: unknown): void
}

/** What every step stands on. Each step names the part that it uses. */
export interface Ground {
  readonly os: Os
  readonly clock: Clock
  readonly random: Random
  readonly keeper: Keeper
  readonly limiter: RunningLimiter
  readonly policy: PolicyInForce
  readonly log: Log
}
