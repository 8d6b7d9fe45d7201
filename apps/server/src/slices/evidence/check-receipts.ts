import type { Tx } from '../../db/database.ts'
import type { DeviceCheckpointRow } from '../../db/schema.ts'
import type { FactCheck } from './check-facts.ts'
import type { EvidenceParts } from './evidence.ts'

/** E9 `receipt-unknown`: the journal names a text that this server never made. */
export const checkReceipt: FactCheck<'receipt'> = async ({ store, findings }, tx, fact) => {
  const { deviceId, seq, body } = fact
  const { hash } = body
  if (hash === undefined) return
  await store.insertReceiptEntry(tx, { device_id: deviceId, seq, hash })
  if ((await store.receiptByHash(tx, deviceId, hash)) === null)
    await findings.find(tx, { word: 'receipt-unknown', deviceId, from: seq, to: seq, details: { hash } })
}

/** What an upload added: entries from `from` to `size`, and the checkpoints above `before`. */
export interface Added {
  readonly deviceId: string
  readonly from: number
  readonly size: number
  /** The newest checkpoint before the upload. */
  readonly before: DeviceCheckpointRow | null
  /** Those that came with it, rising. */
  readonly checkpoints: readonly DeviceCheckpointRow[]
}

/** E9 `receipt-missing`: what a computer said of its receipts, against its journal and what it said before. */
export async function checkSaidReceipts(parts: EvidenceParts, tx: Tx, added: Added): Promise<void> {
  const { deviceId, from, size, before, checkpoints } = added
  const reached = [
    ...(from === size ? [] : await parts.store.checkpointsReached(tx, deviceId, from, size)),
    ...checkpoints.filter(({ length }) => length !== null && length <= from),
  ]
  for (const checkpoint of reached) await checkNamed(parts, tx, checkpoint)
  let earlier = before
  for (const checkpoint of checkpoints) {
    if (earlier !== null) await checkNewer(parts, tx, earlier, checkpoint)
    earlier = checkpoint
  }
}

/** The receipt that it names stands in the journal below the length that it says. */
async function checkNamed(
  { store, findings }: EvidenceParts,
  tx: Tx,
  { device_id: deviceId, length, receipt }: DeviceCheckpointRow,
): Promise<void> {
  if (receipt === null || length === null || length === 0) return
  if (await store.hasReceiptEntry(tx, deviceId, receipt, length)) return
  const made = await store.receiptByHash(tx, deviceId, receipt)
  const from = Math.min(made?.size ?? length - 1, length - 1)
  const details = { receipt, length }
  await findings.find(tx, { word: 'receipt-missing', deviceId, from, to: length - 1, details })
}

/** It names no older receipt than the checkpoint before it. */
async function checkNewer(
  { store, findings }: EvidenceParts,
  tx: Tx,
  earlier: DeviceCheckpointRow,
  { device_id: deviceId, size, length, receipt }: DeviceCheckpointRow,
): Promise<void> {
  if (length === null || earlier.receipt === null || earlier.receipt === receipt) return
  const before = await store.receiptByHash(tx, deviceId, earlier.receipt)
  const now = receipt === null ? null : await store.receiptByHash(tx, deviceId, receipt)
  const isOlder = receipt === null || (before !== null && now !== null && now.size < before.size)
  if (!isOlder) return
  const details = { receipt, before: earlier.receipt }
  await findings.find(tx, { word: 'receipt-missing', deviceId, from: earlier.size, to: size - 1, details })
}
