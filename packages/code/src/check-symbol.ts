import { bits, enc } from './bytes.ts'
import { LABELS } from './labels.ts'
import { hash } from './mac.ts'

/**
 * Check symbol over GF(32) with x^5 + x^2 + 1 (protocol 5.1). The weights are powers of α, all different up to
 * length 31: every single wrong symbol and every exchange of two symbols is noticed. It adds no strength.
 */

function timesAlpha(a: number): number {
  return ((a << 1) ^ (a & 16 ? 0x25 : 0)) & 31
}

function absorb(symbols: readonly number[], seed: number): number {
  let a = seed
  for (const symbol of symbols) a = timesAlpha(a) ^ symbol
  return a
}

/** The symbol to append to `symbols` (each 0 … 31). `seed` is 0 … 31. */
export function checkSymbol(symbols: readonly number[], seed: number): number {
  return timesAlpha(absorb(symbols, seed))
}

/** Whether the last of `symbols` is the check symbol of the ones before it. */
export function hasValidCheck(symbols: readonly number[], seed: number): boolean {
  return absorb(symbols, seed) === 0
}

/** Seed for an answer to the request with these bits: `H(enc("stint/v1/chk", bits(R, n)))[0] >> 3`. */
export function checkSeed(request: { readonly value: bigint; readonly width: number }): number {
  const first = hash(enc(LABELS.check, bits(request.value, request.width)))[0] ?? 0
  return first >> 3
}
