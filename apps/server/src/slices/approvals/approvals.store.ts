import type { Tx } from '../../db/database.ts'
import type { ApprovalRow, IssuedAnswerRow } from '../../db/schema.ts'

/** One decision per request, and it never changes; only when its answer was first given out is added. */
export interface ApprovalStore {
  ofRequest(requestId: string, tx?: Tx): Promise<ApprovalRow | null>
  insert(tx: Tx, row: ApprovalRow): Promise<void>
  /** Keeps the first time. */
  issued(tx: Tx, id: string, at: number): Promise<void>
  /** Approved for the network, and nothing was given out yet: the server stopped in between. Oldest first. */
  unfinished(decidedAfter: number): Promise<ApprovalRow[]>

  insertIssued(tx: Tx, row: IssuedAnswerRow): Promise<void>
  /** Every time that an answer for this counter was given out. */
  issuedFor(tx: Tx, deviceId: string, counter: number): Promise<readonly IssuedAnswerRow[]>
  /** Given out for a lower counter, and nothing is known of it. Oldest counter first. */
  unsettledBelow(tx: Tx, deviceId: string, counter: number): Promise<readonly IssuedAnswerRow[]>
  settle(tx: Tx, deviceId: string, counter: number, at: number): Promise<void>
}
