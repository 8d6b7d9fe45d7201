import { createHash } from 'node:crypto'
import { type Json, jcs } from '@stint/code'
import type { LedgerType } from '@stint/elevation'
import type { Clock } from '../../clock.ts'
import type { Tx } from '../../db/database.ts'
import type { LedgerRow } from '../../db/schema.ts'
import type { LedgerStore } from './ledger.store.ts'

/** What happened, who did it and to what. `subject` is `<noun>:<id>`; `body` holds no secret and no password. */
export interface Fact {
  readonly type: LedgerType
  readonly actor: string
  readonly subject: string
  readonly body: Json
}

/** The server's append-only facts. Each row carries the hash of the one before it. */
export interface Ledger {
  /** Writes a fact in the transaction of the row that it is about: both are there, or neither. */
  append(tx: Tx, fact: Fact): Promise<void>
  /** Walks the whole chain. The number of the first row that does not join, or null when all do. */
  firstBroken(): Promise<number | null>
}

export const firstPrev = '0'.repeat(64)

export function createLedger(deps: { readonly store: LedgerStore; readonly clock: Clock }): Ledger {
  return {
    async append(tx, fact) {
      const last = await deps.store.last(tx)
      const row = {
        seq: last === null ? 0 : last.seq + 1,
        at: deps.clock.now(),
        type: fact.type,
        actor: fact.actor,
        subject: fact.subject,
        body: jcs(fact.body),
        prev: last?.hash ?? firstPrev,
      }
      await deps.store.insert(tx, { ...row, hash: ledgerHash(row) })
    },
    async firstBroken() {
      let prev = firstPrev
      let seq = 0
      for await (const row of deps.store.all()) {
        if (row.seq !== seq || row.prev !== prev || row.hash !== ledgerHash(row)) return seq
        prev = row.hash
        seq += 1
      }
      return null
    },
  }
}

/** `H(JCS({actor, at, body, prev, seq, subject, type}))` in hex; `body` is its JCS text. */
export function ledgerHash(row: Omit<LedgerRow, 'hash'>): string {
  const { actor, at, body, prev, seq, subject, type } = row
  return createHash('sha256').update(jcs({ actor, at, body, prev, seq, subject, type })).digest('hex')
}
