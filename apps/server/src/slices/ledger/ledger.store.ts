import type { Tx } from '../../db/database.ts'
import type { LedgerRow } from '../../db/schema.ts'

/** Rows once inserted never change and never go; the engine refuses it, not only this code. */
export interface LedgerStore {
  /** The newest row, seen by a transaction that nobody can write beside; null in an empty ledger. */
  last(tx: Tx): Promise<Pick<LedgerRow, 'seq' | 'hash'> | null>
  insert(tx: Tx, row: LedgerRow): Promise<void>
  /** Every row, oldest first, in pages: a ledger does not fit into memory for ever. */
  all(): AsyncIterable<LedgerRow>
}
