import type { Tx } from '../../db/database.ts'
import type { SinkRow } from '../../db/schema.ts'

/** Receivers and how far each is. The engine lets a position only go forward. */
export interface SinkStore {
  sink(id: string, tx?: Tx): Promise<SinkRow | null>
  sinks(tx?: Tx): Promise<SinkRow[]>
  /** Not paused, not waiting after a failure, with no other server's lease, and behind the fact `newest`. */
  due(of: { readonly nowMs: number; readonly server: string; readonly newest: number }): Promise<SinkRow[]>
  insert(tx: Tx, row: SinkRow): Promise<void>
  change(
    tx: Tx,
    id: string,
    to: Partial<Omit<SinkRow, 'id' | 'kind' | 'created_by' | 'created_at'>>,
  ): Promise<void>
  delete(tx: Tx, id: string): Promise<void>
}
