import type { RequestState } from '@stint/elevation'
import type { Tx } from '../../db/database.ts'
import type { RequestRow } from '../../db/schema.ts'

/** One row per computer and counter. `pending` is the only state that a row leaves; the engine refuses other moves. */
export interface RequestStore {
  request(id: string, tx?: Tx): Promise<RequestRow | null>
  byCounter(tx: Tx, deviceId: string, counter: number): Promise<RequestRow | null>
  byDeviceRequest(deviceRequestId: string, tx?: Tx): Promise<RequestRow | null>
  insert(tx: Tx, row: RequestRow): Promise<void>
  /** What the computer says of a request of which only the code was known. */
  complete(
    tx: Tx,
    id: string,
    facts: Pick<RequestRow, 'device_request_id' | 'reason' | 'minutes' | 'ticket' | 'user_name'>,
  ): Promise<void>
  /** Leaves `pending`. */
  close(tx: Tx, id: string, state: Exclude<RequestState, 'pending'>, at: number): Promise<void>
  pendingUntil(before: number): Promise<RequestRow[]>
}
