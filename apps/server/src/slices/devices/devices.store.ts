import type { Tx } from '../../db/database.ts'
import type {
  DeviceMessageRow,
  DeviceRow,
  DeviceUserRow,
  EnrollmentTokenRow,
  MessageType,
  PendingDeviceRow,
} from '../../db/schema.ts'
import type { CursorKey } from '../../http/paging.ts'

/** A computer is never deleted, its number and keys never change, its state only moves as the engine allows. */
export interface DeviceStore {
  token(id: string, tx?: Tx): Promise<EnrollmentTokenRow | null>
  tokens(limit: number, after: CursorKey | null): Promise<EnrollmentTokenRow[]>
  insertToken(tx: Tx, row: EnrollmentTokenRow): Promise<void>
  updateToken(
    tx: Tx,
    id: string,
    change: Partial<Pick<EnrollmentTokenRow, 'used' | 'revoked_at'>>,
  ): Promise<void>

  pending(id: string, tx?: Tx): Promise<PendingDeviceRow | null>
  /** Replaces one with the same id: the same hello was sent again. */
  putPending(tx: Tx, row: PendingDeviceRow): Promise<void>
  deletePending(tx: Tx, id: string): Promise<void>
  deletePendingBefore(tx: Tx, createdBefore: number): Promise<void>

  device(id: string, tx?: Tx): Promise<DeviceRow | null>
  enrolledDevices(): Promise<DeviceRow[]>
  byNumbers(devNos: readonly number[]): Promise<DeviceRow[]>
  /** Revoked, and the issuer has not said yet that the keys are gone. */
  keysToErase(): Promise<DeviceRow[]>
  insertDevice(tx: Tx, row: DeviceRow): Promise<void>
  updateDevice(
    tx: Tx,
    id: string,
    change: Partial<
      Pick<
        DeviceRow,
        | 'state'
        | 'name'
        | 'facts'
        | 'epoch'
        | 'policy_serial'
        | 'last_seen_at'
        | 'revoked_at'
        | 'keys_erased_at'
      >
    >,
  ): Promise<void>
  /** Never lowers it. */
  raiseCounter(tx: Tx, id: string, counter: number): Promise<void>

  users(deviceId: string, tx?: Tx): Promise<DeviceUserRow[]>
  insertUser(tx: Tx, row: DeviceUserRow): Promise<void>
  renameUser(tx: Tx, deviceId: string, userId: string, name: string): Promise<void>

  /** Number of the newest message of this computer; 0 before the first. */
  lastMessageId(tx: Tx, deviceId: string): Promise<number>
  insertMessage(tx: Tx, row: DeviceMessageRow): Promise<void>
  /** Not done yet, oldest first, with a number above `after`. */
  undoneMessages(deviceId: string, after: number, tx?: Tx): Promise<DeviceMessageRow[]>
  finishMessages(tx: Tx, deviceId: string, ids: readonly number[], at: number): Promise<void>
}

export type { MessageType }
