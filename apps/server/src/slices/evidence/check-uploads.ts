import { type Entry, type EntryHeader, readHeader } from '@stint/chain'
import type { Tx } from '../../db/database.ts'
import type { DeviceCheckpointRow } from '../../db/schema.ts'
import { checkSaidReceipts } from './check-receipts.ts'
import type { EvidenceParts } from './evidence.ts'

/** Where the stored journal of a computer stood before an upload. */
export interface Before {
  readonly size: number
  readonly checkpoint: DeviceCheckpointRow | null
}

export async function standing({ store }: EvidenceParts, tx: Tx, deviceId: string): Promise<Before> {
  const last = await store.last(tx, deviceId)
  const checkpoint = await store.newestCheckpoint(deviceId, tx)
  return { size: last === null ? 0 : last.seq + 1, checkpoint }
}

/** The checks that are about an upload as a whole, and the verdicts that waited for its seals. */
export async function checkUpload(
  parts: EvidenceParts,
  tx: Tx,
  deviceId: string,
  given: { readonly before: Before; readonly size: number; readonly entries: readonly Entry[] },
): Promise<void> {
  const { before, size, entries } = given
  if (size > before.size) await checkBoots(parts, tx, deviceId, addedHeaders(entries, before.size, size))
  const above = before.checkpoint?.size ?? 0
  const checkpoints = await parts.store.checkpointsAbove(tx, deviceId, above)
  for (const checkpoint of checkpoints) await parts.sessions.sealed(tx, deviceId, checkpoint.size)
  const added = { deviceId, from: before.size, size, before: before.checkpoint, checkpoints }
  await checkSaidReceipts(parts, tx, added)
}

function addedHeaders(entries: readonly Entry[], from: number, size: number): EntryHeader[] {
  const headers: EntryHeader[] = []
  for (const { header } of entries) {
    if (from + headers.length === size) break
    const read = readHeader(header)
    if (read.seq === from + headers.length) headers.push(read)
  }
  return headers
}

/** E6 `boot-back`: time since a start goes on, and a start does not come back. */
async function checkBoots(
  { store, findings }: EvidenceParts,
  tx: Tx,
  deviceId: string,
  headers: readonly EntryHeader[],
): Promise<void> {
  const [first] = headers
  const stored = first === undefined ? null : await store.header(tx, deviceId, first.seq - 1)
  let last = stored === null ? null : readHeader(stored)
  for (const header of headers) {
    const { seq, boot, up } = header
    if (boot === last?.boot) {
      if (up < last.up)
        await findings.find(tx, {
          ...{ word: 'boot-back', deviceId, from: last.seq, to: seq },
          details: { boot, up, before: last.up },
        })
    } else {
      const known = await store.bootSeq(tx, deviceId, boot)
      if (known === null) await store.insertBoot(tx, { device_id: deviceId, boot, seq })
      else {
        const details = { boot, firstSeen: known }
        await findings.find(tx, { word: 'boot-back', deviceId, from: seq, to: seq, details })
      }
    }
    last = header
  }
}
