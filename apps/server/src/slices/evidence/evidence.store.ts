import type { HashedNode } from '@stint/chain'
import type { Tx } from '../../db/database.ts'
import type {
  DeviceCheckpointRow,
  DeviceReceiptRow,
  FindingRow,
  JournalBootRow,
  JournalEntryRow,
  JournalGrantRow,
  JournalReceiptRow,
  JournalRequestRow,
} from '../../db/schema.ts'
import type { NodeTables } from '../../db/tree-nodes.ts'

/** A `seal.rotate` of a journal. */
export interface SealEntry {
  readonly seq: number
  /** JSON, as it came. */
  readonly body: string | null
}

/** Journals as they came. A number of a computer is taken once, without gaps; the engine refuses anything else. */
export interface EvidenceStore extends CheckStore {
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
  finding(tx: Tx, id: string): Promise<FindingRow | null>
  acknowledge(
    tx: Tx,
    id: string,
    how: Pick<FindingRow, 'acknowledged_by' | 'acknowledged_at' | 'note'>,
  ): Promise<void>
}

/** What the checks look up: by key, however long a journal is. */
export interface CheckStore {
  header(tx: Tx, deviceId: string, seq: number): Promise<string | null>
  /** Number of the first entry of this boot; null for a new one. */
  bootSeq(tx: Tx, deviceId: string, boot: string): Promise<number | null>
  insertBoot(tx: Tx, row: JournalBootRow): Promise<void>

  lastRequest(tx: Tx, deviceId: string): Promise<JournalRequestRow | null>
  /** The newest with this counter. */
  requestOf(tx: Tx, deviceId: string, counter: number): Promise<JournalRequestRow | null>
  insertRequest(tx: Tx, row: JournalRequestRow): Promise<void>
  /** Keeps the first end of a request. Its counter; null for one that is not in the journal. */
  voidRequest(tx: Tx, deviceId: string, requestId: string, seq: number): Promise<number | null>

  grantsFor(tx: Tx, deviceId: string, counter: number): Promise<readonly JournalGrantRow[]>
  /** The first for this session. */
  grantOf(tx: Tx, deviceId: string, sessionId: string): Promise<JournalGrantRow | null>
  insertGrant(tx: Tx, row: JournalGrantRow): Promise<void>
  startGrant(
    tx: Tx,
    deviceId: string,
    seq: number,
    how: Pick<JournalGrantRow, 'start_seq' | 'start_boot' | 'start_up'>,
  ): Promise<void>

  insertReceiptEntry(tx: Tx, row: JournalReceiptRow): Promise<void>
  hasReceiptEntry(tx: Tx, deviceId: string, hash: string, below: number): Promise<boolean>
  receiptByHash(tx: Tx, deviceId: string, hash: string): Promise<DeviceReceiptRow | null>
  /** Those whose `length` is above `from` and not above `size`. */
  checkpointsReached(
    tx: Tx,
    deviceId: string,
    from: number,
    size: number,
  ): Promise<readonly DeviceCheckpointRow[]>
  /** Of a larger size, rising. */
  checkpointsAbove(tx: Tx, deviceId: string, size: number): Promise<readonly DeviceCheckpointRow[]>
}
