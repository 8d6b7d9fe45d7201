import {
  ChainError,
  continuationText,
  readNote,
  signatureLine,
  type VerifierKey,
  verifyLines,
  withLines,
} from '@stint/chain'
import type { Clock } from '../../clock.ts'
import type { Database } from '../../db/database.ts'
import type { LedgerCheckpointRow } from '../../db/schema.ts'
import { primitives } from '../../native-crypto.ts'
import type { LedgerStore } from './ledger.store.ts'
import type { Proofs } from './proofs.ts'

/** Somebody else who looks that the ledger only ever grows (C2SP tlog-witness). He sees sizes and hashes. */
export interface Witness {
  /** Of kind cosignature. */
  readonly key: VerifierKey
  /** Where `add-checkpoint` is below. */
  readonly url: string
}

/** POSTs text and gives the answer, however it ended. Throws where there was none, or none in time. */
export type AskWitness = (
  url: string,
  body: string,
) => Promise<{ readonly status: number; readonly body: string }>

export interface Witnesses {
  /**
   * Asks each witness, all at once, for the largest checkpoint where he has not signed it. Gives who did not sign and
   * why; nothing waits for any of them, and the next time asks again.
   */
  ask(): Promise<readonly { readonly witness: string; readonly why: string }[]>
}

export interface WitnessParts {
  readonly db: Pick<Database, 'write'>
  readonly store: LedgerStore
  readonly proofs: Pick<Proofs, 'consistency'>
  readonly clock: Clock
  readonly witnesses: readonly Witness[]
  readonly post: AskWitness
}

export function createWitnesses(parts: WitnessParts): Witnesses {
  return {
    async ask() {
      const newest = await parts.store.newestCheckpoint()
      if (newest === null) return []
      const refusals = await Promise.all(parts.witnesses.map((witness) => askOne(parts, witness, newest)))
      return refusals.flatMap((why, i) => {
        const witness = parts.witnesses[i]
        return why === null || witness === undefined ? [] : [{ witness: witness.key.name, why }]
      })
    },
  }
}

/** Null when he has signed it, now or before. */
async function askOne(
  parts: WitnessParts,
  witness: Witness,
  checkpoint: LedgerCheckpointRow,
): Promise<string | null> {
  const { store } = parts
  const seen = await store.cosignedBy(witness.key.name)
  if (seen >= checkpoint.size) return null
  try {
    let answer = await submit(parts, witness, checkpoint, seen)
    // He knows another size than we remember, and says which: a lost answer, or another server of ours.
    const other = answer.status === 409 ? Number(/^(\d{1,15})\n$/.exec(answer.body)?.[1]) : Number.NaN
    if (other <= checkpoint.size && other !== seen) answer = await submit(parts, witness, checkpoint, other)
    if (answer.status !== 200) return `answered ${answer.status}`
    return await keepLine(parts, witness, checkpoint, answer.body)
  } catch (error) {
    return error instanceof Error ? error.message : 'failed'
  }
}

async function submit(
  { proofs, post }: WitnessParts,
  { url }: Witness,
  { size, note }: LedgerCheckpointRow,
  oldSize: number,
): ReturnType<AskWitness> {
  const proof = await proofs.consistency(oldSize, size)
  if (!proof.ok) throw new Error(`the ledger has no size ${size}`)
  const body = continuationText({ oldSize, proof: proof.value, checkpoint: note })
  return post(`${url.replace(/\/$/, '')}/add-checkpoint`, body)
}

/** Only his own line is kept, and only when it verifies. */
async function keepLine(
  { store, db, clock }: WitnessParts,
  { key }: Witness,
  { size, note }: LedgerCheckpointRow,
  lines: string,
): Promise<string | null> {
  try {
    const read = readNote(withLines(note, lines))
    if (verifyLines(read, [key], primitives).length !== 1) return 'answered without his cosignature'
    const own = read.signatures.find(({ name, id }) => name === key.name && id === key.id)
    if (own === undefined) return 'answered without his cosignature'
    const row = { size, witness: key.name, line: signatureLine(key, own.bytes), received_at: clock.now() }
    await db.write((tx) => store.insertCosignature(tx, row))
    return null
  } catch (error) {
    if (error instanceof ChainError) return `answered with no good cosignature: ${error.message}`
    throw error
  }
}
