import {
  consistencyNodes,
  consistencyProof,
  inclusionNodes,
  inclusionProof,
  isDropped,
  receiptText,
} from '@stint/chain'
import { done, type Outcome, refused } from '@stint/elevation'
import type { LedgerCheckpointRow, LedgerRow } from '../../db/schema.ts'
import { readNodes } from '../../db/tree-nodes.ts'
import { hash } from '../../native-crypto.ts'
import type { LedgerStore } from './ledger.store.ts'
import { entryOf } from './ledger.ts'

/** A checkpoint of the ledger as it is handed out: with the lines of the witnesses that have signed it so far. */
export interface SignedLedger {
  readonly size: number
  /** Hex. */
  readonly root: string
  readonly note: string
  readonly signedAt: number
}

/** For whoever does not take our word. Hashes of proofs are hex; each proof reads a few dozen rows at most. */
export interface Proofs {
  /** The largest checkpoint; null before the first. */
  checkpoint(): Promise<SignedLedger | null>
  /** That fact `seq` is in the ledger of `size`. Refusal `not-found` where there is no such fact or size. */
  inclusion(seq: number, size: number): Promise<Outcome<readonly string[]>>
  /** That the ledger of `size` begins with that of `oldSize`. Refusal `not-found` where it is not that long. */
  consistency(oldSize: number, size: number): Promise<Outcome<readonly string[]>>
  /** Facts as entries, from `from` on, at most `limit`. */
  entries(from: number, limit: number): Promise<readonly LedgerRow[]>
  /** The receipt for fact `seq`, in a checkpoint that covers it. */
  receipt(seq: number, checkpoint: Pick<LedgerCheckpointRow, 'size' | 'note'>): Promise<string>
}

export function createProofs(store: LedgerStore): Proofs {
  const sizeNow = async () => ((await store.last())?.seq ?? -1) + 1
  const inclusion = async (seq: number, size: number) => {
    const read = await readNodes(store.nodes(), inclusionNodes(seq, size))
    return inclusionProof(seq, size, read, hash)
  }
  const cosigned = async ({ size, note }: Pick<LedgerCheckpointRow, 'size' | 'note'>) =>
    note + (await store.cosignatures(size)).map(({ line }) => line).join('')
  return {
    async checkpoint() {
      const row = await store.newestCheckpoint()
      if (row === null) return null
      return { size: row.size, root: row.root, note: await cosigned(row), signedAt: row.signed_at }
    },
    async inclusion(seq, size) {
      if (seq >= size || size > (await sizeNow())) return refused('not-found')
      return done(await inclusion(seq, size))
    },
    async consistency(oldSize, size) {
      if (oldSize > size || size > (await sizeNow())) return refused('not-found')
      const read = await readNodes(store.nodes(), consistencyNodes(oldSize, size))
      return done(consistencyProof(oldSize, size, read, hash))
    },
    entries: (from, limit) => store.rows(from, limit),
    async receipt(seq, checkpoint) {
      const row = await store.row(seq)
      const entry = row === null ? null : entryOf(row)
      if (entry === null || isDropped(entry)) throw new Error(`fact ${seq} of the ledger is gone`)
      const proof = await inclusion(seq, checkpoint.size)
      return receiptText({ entry, index: seq, proof, checkpoint: await cosigned(checkpoint) })
    },
  }
}
