import type { HashedNode } from '@stint/chain'
import type { Tx } from '../../db/database.ts'
import type { DeviceCheckpointRow, DeviceReceiptRow, FindingRow, JournalEntryRow } from '../../db/schema.ts'
import type { NodeTables } from '../../db/tree-nodes.ts'

/** A `seal.rotate` of a journal. */
export interface SealEntry {
  readonly seq: number
  /** JSON, as it came. */
  readonly body: string | null
}

/** Journals as they came. A number of a computer is taken once, without gaps; the engine refuses anything else. */
export interface EvidenceStore {
  /** The newest entry; null before the first. */
  last(tx: Tx, deviceId: string): Promise<Pick<JournalEntryRow, 'seq' | 'leaf'> | null>
  leaf(tx: Tx, deviceId: string, seq: number): Promise<string | null>
  insert(tx: Tx, row: JournalEntryRow): Promise<void>

  nodes(tx: Tx, deviceId: string): NodeTables
  insertNodes(tx: Tx, deviceId: string, nodes: readonly HashedNode[]): Promise<void>

  /** The last seal with a number below `before`; null where there is none. */
  sealBefore(tx: Tx, deviceId: string, before: number): Promise<SealEntry | null>
  isSeal(tx: Tx, deviceId: string, seq: number): Promise<boolean>
  /** Numbers of the seals between these two (without both) that have no checkpoint. At most 100. */
  sealsWithoutCheckpoint(tx: Tx, deviceId: string, above: number, below: number): Promise<readonly number[]>

  checkpoint(tx: Tx, deviceId: string, size: number): Promise<DeviceCheckpointRow | null>
  /** The largest. */
  newestCheckpoint(deviceId: string, tx?: Tx): Promise<DeviceCheckpointRow | null>
  insertCheckpoint(tx: Tx, row: DeviceCheckpointRow): Promise<void>

  receipt(deviceId: string, size: number): Promise<DeviceReceiptRow | null>
  /** Nothing when there is one already. */
  insertReceipt(tx: Tx, row: DeviceReceiptRow): Promise<void>

  /** False when the same was found before. */
  insertFinding(tx: Tx, row: FindingRow): Promise<boolean>
}
