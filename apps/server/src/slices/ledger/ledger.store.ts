import type { HashedNode } from '@stint/chain'
import type { Tx } from '../../db/database.ts'
import type { LedgerCheckpointRow, LedgerCosignatureRow, LedgerRow } from '../../db/schema.ts'
import type { NodeTables } from '../../db/tree-nodes.ts'

/**
 * Rows once inserted never change and never go, but for a body that is dropped; the engine refuses it, not only this
 * code.
 */
export interface LedgerStore {
  /** The newest row, seen by a transaction that nobody can write beside; null in an empty ledger. */
  last(tx?: Tx): Promise<Pick<LedgerRow, 'seq' | 'leaf'> | null>
  insert(tx: Tx, row: LedgerRow): Promise<void>
  /** Every row, oldest first, in pages: a ledger does not fit into memory for ever. */
  all(): AsyncIterable<LedgerRow>
  /** From `from` on, oldest first. */
  rows(from: number, limit: number): Promise<readonly LedgerRow[]>
  row(seq: number): Promise<LedgerRow | null>

  nodes(tx?: Tx): NodeTables
  insertNodes(tx: Tx, nodes: readonly HashedNode[]): Promise<void>

  /** The largest that was signed. */
  newestCheckpoint(): Promise<LedgerCheckpointRow | null>
  checkpoint(size: number): Promise<LedgerCheckpointRow | null>
  checkpoints(): Promise<readonly Pick<LedgerCheckpointRow, 'size' | 'root'>[]>
  /** Nothing when the size is there already: two servers may sign the same one. */
  insertCheckpoint(tx: Tx, row: LedgerCheckpointRow): Promise<void>

  cosignatures(size: number): Promise<readonly LedgerCosignatureRow[]>
  /** The largest size that this witness has cosigned; 0 before the first. */
  cosignedBy(witness: string): Promise<number>
  insertCosignature(tx: Tx, row: LedgerCosignatureRow): Promise<void>
}
