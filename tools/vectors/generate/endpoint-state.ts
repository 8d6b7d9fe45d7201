import type { Device } from './keys.ts'
import { type Code, type Request, requestText } from './request.ts'
import type { Params } from './response.ts'
import type { TokenKey } from './token.ts'

/** What the endpoint of spec/guess-limits.md remembers, and its numbers. Times in seconds. */

export interface User {
  readonly userSlot: number
  readonly userId: string
}

export interface Settings {
  readonly device: Device
  readonly pol: number
  readonly users: Readonly<Record<string, User>>
  /** Two codes, slots 0 and 1, are needed. */
  readonly dual: boolean
  /** Time to live of a request, in seconds. */
  readonly ttl: number
  readonly lists?: readonly EmergencyList[]
  readonly keys?: readonly TokenKey[]
}

export type RequestState = 'OPEN' | 'HALF' | 'CONSUMED' | 'VOID' | 'EXPIRED'

export interface OpenRequest {
  readonly request: Request
  readonly code: Code
  state: RequestState
  tries: number
  age: number
  half: Params | null
}

export interface Window {
  age: number
  count: number
}

export interface UserState {
  failures: number
  owed: number
  window: Window | null
  session: OpenRequest | null
  recovery: OpenRequest | null
}

export interface State {
  /** Highest number used, by list. */
  emergency: Record<number, number>
  counter: bigint
  failures: number
  quarantine: boolean
  window: Window | null
  recoveryWindow: Window | null
  users: Record<string, UserState>
}

/** What the device holds of a list of printed codes; `verifiers[0]` is of number 1. */
export interface EmergencyList {
  readonly list: number
  readonly user: string
  readonly salt: Uint8Array
  readonly verifiers: readonly Uint8Array[]
}

export type Outcome = Readonly<Record<string, unknown>> & { readonly result: string }
export type Crash = 'after-count' | 'after-consume'

export const day = 86_400
export const limits = { user: 50, device: 100, tries: 5, typos: 10, typoWindow: 60, recoveryGap: 10 }

/** Seconds to wait after failure number `failures`. */
export const waitAfter = (failures: number): number =>
  failures <= 4 ? 0 : Math.min(30 * 2 ** (failures - 5), day)

/** A request whose fifth try was counted, and whose comparison a power cut prevented, is closed as well. */
export const isOpen = (open: OpenRequest): boolean =>
  (open.state === 'OPEN' || open.state === 'HALF') && open.tries < limits.tries

export const shown = (open: OpenRequest): Record<string, unknown> => ({
  request: requestText(open.code),
  counter: Number(open.request.counter),
})

const longest = (dur: number): number => (dur === 31 ? Number.POSITIVE_INFINITY : dur)

/** What two codes for one request give together. The table of durations ascends, so its values compare. */
export function mergeParams(first: Params, second: Params): Omit<Params, 'slot'> {
  const dur = longest(first.dur) <= longest(second.dur) ? first.dur : second.dur
  return { dur, end: first.end || second.end, profile: first.profile }
}
