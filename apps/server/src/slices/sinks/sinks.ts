import type { Clock } from '../../clock.ts'
import type { Database } from '../../db/database.ts'
import type { LedgerRow } from '../../db/schema.ts'
import type { NewId, Random } from '../../identifier.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { createSinkChanges, type SinkChanges } from './changes.ts'
import { createSending, type Sending } from './sending.ts'
import type { SinkStore } from './sinks.store.ts'

/** The ledger as it is read for others. */
export interface FactReader {
  /** The newest; null in an empty ledger. */
  last(): Promise<Pick<LedgerRow, 'seq'> | null>
  /** From `from` on, oldest first. */
  rows(from: number, limit: number): Promise<readonly LedgerRow[]>
}

/** What this server was started with. */
export interface SinkMeans {
  /** Where files of facts are written; null where that is not offered. */
  readonly folder: string | null
  /** 32 bytes that seal secrets; the same for all servers of one database. Null where no secret can be kept. */
  readonly key: Uint8Array | null
}

export interface SinkParts {
  readonly db: Database
  readonly store: SinkStore
  readonly facts: FactReader
  readonly ledger: Ledger
  readonly clock: Clock
  readonly random: Random
  readonly newId: NewId
  readonly means: SinkMeans
  /** Name of this server for people, as receivers show it. */
  readonly host: string
  /** Told what no receiver is to blame for, such as a database that is away; it is tried again. */
  readonly failed: (error: unknown) => void
  /** How long one batch may take, in milliseconds; a minute where it is not said. */
  readonly patienceMs?: number
}

/** Other systems that are sent the ledger: which, and that each gets every fact, in order, at least once. */
export interface Sinks extends SinkChanges, Sending {}

export function createSinks(parts: SinkParts): Sinks {
  const sending = createSending(parts)
  return { ...createSinkChanges(parts), ...sending }
}
