import { dammDigit, hasValidDamm } from './damm.ts'
import { CodeError } from './errors.ts'
import { grouped } from './symbols.ts'

/**
 * Decimal rendering with a Damm digit at the end (protocol 5.4). `start` is the check seed modulo 10 for an
 * answer and 0 for a request code.
 */
export interface DigitForm {
  /** bits of the value */
  readonly width: number
  /** decimal digits without the check digit */
  readonly length: number
  readonly group: number
}

export const RESPONSE_DIGITS: DigitForm = { width: 45, length: 14, group: 5 }
export const REQUEST_DIGITS: DigitForm = { width: 75, length: 23, group: 4 }
export const APPLICATION_DIGITS: DigitForm = { width: 100, length: 31, group: 4 }

export function toDigits(value: bigint, form: DigitForm, start: number): string {
  const digits = value.toString().padStart(form.length, '0')
  return grouped(digits + dammDigit(digits, start), form.group, ' ')
}

/**
 * Inverse, from `form.length + 1` digits without separators. Throws `format` for anything else, `typo` when the
 * check digit disagrees or the value does not fit `form.width` bits (65 % of random digits).
 */
export function fromDigits(digits: string, form: DigitForm, start: number): bigint {
  if (digits.length !== form.length + 1 || !/^[0-9]*$/.test(digits)) {
    throw new CodeError('format', `This code has ${form.length + 1} digits.`)
  }
  const value = BigInt(digits.slice(0, -1))
  if (!hasValidDamm(digits, start) || value >> BigInt(form.width) !== 0n) {
    throw new CodeError('typo', 'A digit was misread.')
  }
  return value
}
