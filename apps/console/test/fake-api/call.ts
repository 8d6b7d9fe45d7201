import type { CallerCheck, Right, Role } from '@stint/elevation'
import type { World } from './world.ts'

/** What any of the calls may bring; a fake trusts that its page sends what the call takes. */
export interface Body {
  readonly email: string
  readonly password: string
  readonly name: string
  readonly text: string
  readonly requestId: string
  readonly minutes: number
  readonly endProcesses: boolean
  readonly note: string
  readonly callerCheck?: CallerCheck
  readonly uses: number
  readonly role: Role
  readonly disabled?: boolean
  readonly rights: Right[]
  readonly days: number
}

/** What a route gives: a body, nothing, or a refusal. */
export interface Refusal {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly hint: string
}
export class Refused extends Error {
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super(refusal.title)
    this.refusal = refusal
  }
}

export interface Call {
  readonly world: World
  readonly params: readonly string[]
  readonly query: URLSearchParams
  readonly body: Body
  readonly publish: (topic: string) => void
}

export type Route = readonly [method: string, path: RegExp, handle: (call: Call) => unknown]

export function refuse(status: number, code: string, title: string, hint: string): never {
  throw new Refused({ status, code, title, hint })
}

export function found<T>(value: T | undefined): T {
  return value ?? refuse(404, 'not-found', 'There is nothing at that address.', 'It may have been removed.')
}
