import type { Tx } from '../../db/database.ts'
import type { DevicePolicyRow, SettingsVersionRow } from '../../db/schema.ts'

/** Both tables only grow. A version or a serial is taken once; the engine refuses the second. */
export interface PolicyStore {
  /** The newest settings; null before anybody changed them. */
  latestSettings(tx?: Tx): Promise<SettingsVersionRow | null>
  insertSettings(tx: Tx, row: SettingsVersionRow): Promise<void>
  latestPolicy(deviceId: string, tx?: Tx): Promise<DevicePolicyRow | null>
  /** Newest first. */
  serials(deviceId: string, limit: number): Promise<number[]>
  insertPolicy(tx: Tx, row: DevicePolicyRow): Promise<void>
}
