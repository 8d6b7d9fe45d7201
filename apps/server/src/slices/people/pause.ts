import { createHash } from 'node:crypto'
import { dayMs } from '../../clock.ts'

/**
 * The growing pause after wrong passwords. An account has five free tries and then waits 15 s doubling to 15 min;
 * an address has twenty, because an office may share one. A quiet day forgets.
 */
const limits = { account: 5, address: 20 } as const
const FIRST_PAUSE_MS = 15_000
const LONGEST_PAUSE_MS = 15 * 60_000
export const PAUSE_FORGOTTEN_AFTER_MS = dayMs

export interface PauseKey {
  readonly kind: keyof typeof limits
  /** Hash: neither an e-mail address nor a network address is stored. */
  readonly key: string
}

export interface PauseKeys {
  readonly account: PauseKey
  readonly address: PauseKey
}

export function pauseKeys(email: string, address: string): PauseKeys {
  return {
    account: { kind: 'account', key: hashed('account', email) },
    address: { kind: 'address', key: hashed('address', address) },
  }
}

/** Milliseconds that are left to wait; 0 when a try is free. */
export function remainingPauseMs(
  kind: PauseKey['kind'],
  failed: { readonly failures: number; readonly last_at: number },
  now: number,
): number {
  const over = failed.failures - limits[kind]
  if (over < 0 || now - failed.last_at > PAUSE_FORGOTTEN_AFTER_MS) return 0
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(over, 20), LONGEST_PAUSE_MS)
  return Math.max(0, failed.last_at + pause - now)
}

function hashed(kind: string, value: string): string {
  return createHash('sha256').update(`stint pause ${kind} ${value}`).digest('hex')
}
