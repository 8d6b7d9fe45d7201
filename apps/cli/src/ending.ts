import { Fault, type Refusal, type RefusalCode, refuse } from '@stint/elevation'
import type { Failure } from '@stint/wire/user-page'

/** How a verb ends: what a script reads (`json`) and what a person reads (`text`, without a final newline). */
export interface Done {
  readonly ok: true
  readonly json: unknown
  readonly text: string
}
export interface Failed {
  readonly ok: false
  readonly failure: Failure
}
export type Ending = Done | Failed

/** A step of a verb: its value, or the failure that ends the verb. */
export type Attempt<T> = { readonly ok: true; readonly value: T } | Failed

export const exitCodes: Record<Failure['kind'], number> = { refused: 1, usage: 2, unreachable: 3, fault: 4 }

export function done(json: unknown, text: string): Done {
  return { ok: true, json, text }
}

export function failed(
  kind: Failure['kind'],
  { code, message, hint, details }: Omit<Failure, 'kind'>,
): Failed {
  return {
    ok: false,
    failure: { kind, code, message, hint, ...(details === undefined ? {} : { details }) },
  }
}

/** A refusal in the words of the domain. */
export function refusedBy(code: RefusalCode, more: Parameters<typeof refuse>[1] = {}): Failed {
  return failed('refused', refuse(code, more))
}

export function unreachable(refusal: Refusal): Failed {
  return failed('unreachable', refusal)
}

export function wrongUsage(message: string, hint: string): Failed {
  return failed('usage', { code: 'wrong-usage', message, hint })
}

/** Anything thrown, as an ending. A mistake of ours shows its own sentence and asks to be reported. */
export function faultOf(error: unknown): Failed {
  if (error instanceof Fault) return failed('fault', error)
  const message = error instanceof Error ? error.message : String(error)
  return failed('fault', {
    code: 'internal',
    message: `Something went wrong in stint itself: ${message}`,
    hint: 'Run `stint doctor`, and report this if it stays.',
  })
}

/** The one JSON object of a failure: `{"refused":…}`, or `{"fault":…}` when something is broken. */
export function failureJson({ kind, ...rest }: Failure): unknown {
  return kind === 'fault' ? { fault: rest } : { refused: rest }
}
