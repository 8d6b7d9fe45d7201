import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Outcome } from '@stint/elevation'
import type { IssuerCall } from '@stint/wire/issuer'
import { makeKekFile, openFileKeyProvider } from '../src/file-key-provider.ts'
import { createIssuer, type Issuer, type IssuerResult } from '../src/issuer.ts'
import type { KeyProvider } from '../src/key-provider.ts'
import type { Quotas } from '../src/quotas.ts'
import { type IssuerStore, openIssuerStore } from '../src/store.ts'

export const startMs = Date.parse('2026-11-22T08:00:00.000Z')

/** A call without its id. */
export type Question<C extends IssuerCall = IssuerCall> = C extends IssuerCall ? Omit<C, 'id'> : never

export interface TestIssuer {
  readonly store: IssuerStore
  readonly issuer: Issuer
  readonly clock: { ms: number; now(): number }
  readonly folder: string
  readonly keyProvider: KeyProvider
  ask<Name extends IssuerCall['call']>(
    call: Question<Extract<IssuerCall, { call: Name }>> & { readonly call: Name },
  ): Promise<Outcome<IssuerResult<Extract<IssuerCall, { call: Name }>>>>
  /** Closes the store, so that another issuer can open it. */
  stop(): void
  [Symbol.dispose](): void
}

/** A real issuer on a folder of its own (`database` ':memory:' unless told), with a set clock. */
export function testIssuer(
  options: { readonly database?: 'file'; readonly quotas?: Quotas } = {},
): TestIssuer {
  const folder = mkdtempSync(join(tmpdir(), 'issuer-'))
  makeKekFile(join(folder, 'kek'))
  const keyProvider = openFileKeyProvider(join(folder, 'kek'))
  const store = openIssuerStore(options.database === 'file' ? join(folder, 'issuer.db') : ':memory:')
  const clock = { ms: startMs, now: () => clock.ms }
  const quotas = options.quotas === undefined ? {} : { quotas: options.quotas }
  const issuer = createIssuer({ store, keyProvider, clock, random: randomBytes, ...quotas })
  let id = 0
  let open = true
  return {
    store,
    issuer,
    clock,
    folder,
    keyProvider,
    ask(call) {
      id += 1
      return issuer.call({ ...call, id } as never)
    },
    stop() {
      if (open) store.close()
      open = false
    },
    [Symbol.dispose]() {
      this.stop()
      rmSync(folder, { recursive: true })
    },
  }
}

/** The value of an outcome that must be one. */
export function given<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) assert.fail(`refused: ${outcome.refused.code} ${JSON.stringify(outcome.refused.details)}`)
  return outcome.value
}

/** The code of a refusal, or 'done'. */
export function reasonOf(outcome: Outcome<unknown>): string {
  return outcome.ok ? 'done' : outcome.refused.code
}
