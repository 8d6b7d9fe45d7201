import type { Mode } from '@stint/elevation'

/** What a person asks for. `reason`, `ticket`: as typed, without control characters. */
export interface Wish {
  readonly reason: string
  readonly minutes?: number | undefined
  readonly mode: Mode
  readonly ticket?: string | undefined
  /** There is no network, the person says: do not wait for the courier. */
  readonly offline?: boolean | undefined
}
