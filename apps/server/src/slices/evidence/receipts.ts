import { receiptHash } from '@stint/chain'
import { hash } from '../../native-crypto.ts'
import type { EvidenceParts } from './evidence.ts'

/**
 * The receipt for the newest checkpoint of a computer, the same text each time that it is asked for; null before the
 * first checkpoint, and while the issuer cannot sign: then the next upload gets it. Never inside a transaction.
 */
export async function receiptFor(parts: EvidenceParts, deviceId: string): Promise<string | null> {
  const { store, signing, proofs, db, clock } = parts
  const newest = await store.newestCheckpoint(deviceId)
  if (newest === null || newest.ledger_seq === null) return null
  const { size, ledger_seq: seq } = newest
  const made = await store.receipt(deviceId, size)
  if (made !== null) return made.text
  const signed = await signing.sign()
  if (!signed.ok || signed.value === null) return null
  const text = await proofs.receipt(seq, signed.value)
  const row = { device_id: deviceId, size, hash: receiptHash(text, hash), text, made_at: clock.now() }
  await db.write((tx) => store.insertReceipt(tx, row))
  // Another server may have been quicker: its text is the one that is kept.
  return (await store.receipt(deviceId, size))?.text ?? null
}
