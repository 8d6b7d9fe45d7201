import type { Tx } from '../../db/database.ts'
import type { JournalEntryRow } from '../../db/schema.ts'

/** Journals as they came. A number of a computer is taken once, without gaps; the engine refuses anything else. */
export interface EvidenceStore {
  /** The newest entry; null before the first. */
  last(tx: Tx, deviceId: string): Promise<Pick<JournalEntryRow, 'seq' | 'leaf'> | null>
  leaf(tx: Tx, deviceId: string, seq: number): Promise<string | null>
  insert(tx: Tx, row: JournalEntryRow): Promise<void>
}
