import {
  ChainError,
  type Checkpoint,
  readCheckpoint,
  readNote,
  readVkey,
  rootOf,
  type VerifierKey,
  verifyDeviceCheckpoint,
} from '@stint/chain'
import type { FindingWord } from '@stint/elevation'
import { serverActor } from '../../actor.ts'
import type { Tx } from '../../db/database.ts'
import { treeOf } from '../../db/tree-nodes.ts'
import { hash, primitives } from '../../native-crypto.ts'
import type { SealEntry } from './evidence.store.ts'
import type { EvidenceParts, Upload } from './evidence.ts'

/** What an upload says beside its entries, and where the stored journal stands after them. */
interface Sealed extends Pick<Upload, 'checkpoints' | 'length' | 'receipt'> {
  readonly deviceId: string
  readonly size: number
}

/**
 * Takes the checkpoints of an upload: signed by the key that the journal names, over the tree of the entries that are
 * stored. What does not fit is a finding, and keeps nothing else from being taken. The newest becomes a fact of the ledger.
 */
export async function takeSeals(parts: EvidenceParts, tx: Tx, said: Sealed): Promise<void> {
  const { store } = parts
  const before = await store.newestCheckpoint(said.deviceId, tx)
  await noticeCutTail(parts, tx, said, before?.length ?? 0)
  const taken: { readonly checkpoint: Checkpoint; readonly note: string }[] = []
  for (const note of said.checkpoints ?? []) {
    const checkpoint = await takeable(parts, tx, said, note)
    if (checkpoint !== null) taken.push({ checkpoint, note })
  }
  taken.sort((a, b) => a.checkpoint.size - b.checkpoint.size)
  const newest = taken.at(-1)
  for (const one of taken) await keep(parts, tx, said, one, one === newest)
  if (newest === undefined) return
  const above = (before?.size ?? 0) - 1
  for (const seq of await store.sealsWithoutCheckpoint(tx, said.deviceId, above, newest.checkpoint.size - 1))
    await parts.findings.refuse(tx, {
      ...{ word: 'checkpoint-missing', deviceId: said.deviceId, from: seq, to: seq },
      details: { next: newest.checkpoint.size },
    })
}

/** The journal is shorter than it was: shorter than what is stored, or than what it said itself. */
async function noticeCutTail(
  { findings }: EvidenceParts,
  tx: Tx,
  { deviceId, size, length }: Sealed,
  saidBefore: number,
): Promise<void> {
  const known = Math.max(size, saidBefore)
  if (length === undefined || length >= known) return
  const details = { length, known }
  await findings.refuse(tx, { word: 'rolled-back', deviceId, from: length, to: known - 1, details })
}

/** The checkpoint, when it is new and fits; null otherwise. One that is ahead of the entries comes again with them. */
async function takeable(
  parts: EvidenceParts,
  tx: Tx,
  said: Sealed,
  note: string,
): Promise<Checkpoint | null> {
  const { store, findings } = parts
  const { deviceId } = said
  const read = readable(note)
  const refuse = async (word: FindingWord, seq: number, more: Readonly<Record<string, string>> = {}) => {
    await findings.refuse(tx, { word, deviceId, from: seq, to: seq, details: { note, ...more } })
    return null
  }
  if (read === null || read.size === 0) return refuse('checkpoint-signature', said.size)
  const last = read.size - 1
  const known = await store.checkpoint(tx, deviceId, read.size)
  if (known?.note === note || (known === null && read.size > said.size)) return null
  const key = await keyAt(parts, tx, deviceId, last)
  if (key === null || !isSignedBy(note, key)) return refuse('checkpoint-signature', last)
  if (known !== null) return refuse('fork', last, { other: known.note })
  if (!(await store.isSeal(tx, deviceId, last))) return refuse('checkpoint-missing', last)
  const root = rootOf(await treeOf(store.nodes(tx, deviceId), read.size), hash)
  return root === read.root ? read : refuse('fork', last, { stored: root })
}

async function keep(
  { store, ledger, clock }: EvidenceParts,
  tx: Tx,
  { deviceId, length, receipt }: Sealed,
  { checkpoint: { size, root }, note }: { readonly checkpoint: Checkpoint; readonly note: string },
  isNewest: boolean,
): Promise<void> {
  const body = { deviceId, size, root, note, length: length ?? size, receipt: receipt ?? null }
  const about = { actor: serverActor, subject: `device:${deviceId}` }
  const seq = isNewest ? await ledger.append(tx, { type: 'device.checkpoint', ...about, body }) : null
  await store.insertCheckpoint(tx, {
    ...{ device_id: deviceId, size, root, note, received_at: clock.now() },
    ...{ length: length ?? null, receipt: receipt ?? null, ledger_seq: seq },
  })
}

/** The key that must sign the checkpoint whose last entry is `last`: the one that the seal before it names. */
async function keyAt(
  { store, devices }: EvidenceParts,
  tx: Tx,
  deviceId: string,
  last: number,
): Promise<VerifierKey | null> {
  const first = (await devices.device(deviceId, tx))?.log_key
  if (first === undefined) return null
  const key = readVkey(first)
  const seal = await store.sealBefore(tx, deviceId, last)
  if (seal === null) return key
  try {
    const named = readVkey(nextOf(seal))
    return named.name === key.name && named.kind === 'signature' ? named : null
  } catch (error) {
    if (error instanceof ChainError) return null
    throw error
  }
}

/** What a seal names as its next key; empty where it names none. */
function nextOf({ body }: SealEntry): string {
  const said: unknown = body === null ? null : JSON.parse(body)
  const isNamed = typeof said === 'object' && said !== null && 'next' in said && typeof said.next === 'string'
  return isNamed ? String(said.next) : ''
}

function readable(note: string): Checkpoint | null {
  try {
    return readCheckpoint(readNote(note).text)
  } catch (error) {
    if (error instanceof ChainError) return null
    throw error
  }
}

function isSignedBy(note: string, key: VerifierKey): boolean {
  try {
    verifyDeviceCheckpoint(note, key, primitives)
    return true
  } catch (error) {
    if (error instanceof ChainError) return false
    throw error
  }
}
