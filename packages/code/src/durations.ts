import { CodeError } from './errors.ts'

/** Minutes by the `dur` field of a response code (protocol 5.3). Index 0 is the policy's default. */
const MINUTES = [
  0, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480, 600, 720, 1440, 2880, 4320, 7200, 10080,
] as const

export const DUR_POLICY_DEFAULT = 0
export const DUR_UNTIL_SIGN_OUT = 31

export type Duration =
  | { readonly kind: 'policy-default' }
  | { readonly kind: 'minutes'; readonly minutes: number }
  | { readonly kind: 'until-sign-out' }

/** Meaning of a `dur` field. Throws `format` for 22 … 30 (reserved) and anything that is no 5-bit value. */
export function durationOf(dur: number): Duration {
  if (dur === DUR_POLICY_DEFAULT) return { kind: 'policy-default' }
  if (dur === DUR_UNTIL_SIGN_OUT) return { kind: 'until-sign-out' }
  const minutes = MINUTES[dur]
  if (minutes === undefined)
    throw new CodeError('format', 'This code asks for a duration that does not exist.')
  return { kind: 'minutes', minutes }
}

/** The minutes a response code can carry, rising. */
export function spokenMinutes(): readonly number[] {
  return MINUTES.slice(1)
}

/**
 * The `dur` field for the longest spoken duration that is not above `minutes`. Never rounds up.
 * Throws `argument` below 2 minutes.
 */
export function durAtMost(minutes: number): number {
  const dur = MINUTES.findLastIndex((known, index) => index > 0 && known <= minutes)
  if (dur < 0) throw new CodeError('argument', 'the shortest duration a response code can carry is 2 minutes')
  return dur
}

/** Minutes of a `dur` field; Infinity until sign-out. Throws `format` for a reserved value. */
export function effectiveMinutes(dur: number, defaultMinutes: number): number {
  const duration = durationOf(dur)
  if (duration.kind === 'policy-default') return defaultMinutes
  return duration.kind === 'minutes' ? duration.minutes : Number.POSITIVE_INFINITY
}
