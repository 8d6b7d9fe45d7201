import type { Identity } from './identity.ts'
import type { KeyProvider } from './key-provider.ts'
import type { Quotas } from './quotas.ts'
import type { IssuerStore } from './store.ts'

/** What every call of the issuer works with. */
export interface IssuerContext {
  readonly store: IssuerStore
  readonly keys: KeyProvider
  readonly identity: Identity
  readonly quotas: Quotas
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly random: (length: number) => Uint8Array
}

export function bytes(hex: string): Uint8Array {
  return Buffer.from(hex, 'hex')
}

export function hex(value: Uint8Array): string {
  return Buffer.from(value).toString('hex')
}

/** Does `work` and then overwrites `secrets`, also when it throws: a key of an exchange ends with the exchange. */
export function erasing<T>(secrets: readonly Uint8Array[], work: () => T): T {
  try {
    return work()
  } finally {
    for (const secret of secrets) secret.fill(0)
  }
}
