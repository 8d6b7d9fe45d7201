import {
  type ChainEnd,
  ChainError,
  type Entry,
  emptyChain,
  leafOf,
  readHeader,
  verifyEntry,
} from '@stint/chain'
import { done, type Outcome, refused } from '@stint/elevation'
import { serverActor } from '../../actor.ts'
import { type Clock, msOf } from '../../clock.ts'
import type { Database, Tx } from '../../db/database.ts'
import type { Devices } from '../devices/devices.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Requests } from '../requests/requests.ts'
import type { Sessions } from '../sessions/sessions.ts'
import type { EvidenceStore } from './evidence.store.ts'
import { project } from './projection.ts'

export interface EvidenceParts {
  readonly db: Database
  readonly store: EvidenceStore
  readonly ledger: Ledger
  readonly devices: Pick<Devices, 'suspend' | 'appliedPolicy'>
  readonly requests: Pick<Requests, 'receive' | 'voided'>
  readonly sessions: Pick<Sessions, 'apply'>
  readonly clock: Clock
}

/** Entries with a number below `upTo` are stored; `leaf` is the hash of the last one. */
export interface Receipt {
  readonly upTo: number
  readonly leaf: string | null
  readonly atMs: number
}

/** The journals of the computers, checked entry by entry and kept as they came. */
export interface Evidence {
  /**
   * Stores entries in order and takes over what they say, durable before the receipt. What is known already is skipped,
   * so sending again is harmless. What fits is kept even when a later entry is refused: `journal-gap` with `from`,
   * the number that is wanted; `device-suspended` where a number comes with another content, or does not join: two
   * computers, or one that was set back; `invalid` for an entry that was changed on its way.
   */
  upload(deviceId: string, entries: readonly Entry[]): Promise<Outcome<Receipt>>
}

export function createEvidence(parts: EvidenceParts): Evidence {
  return { upload: (deviceId, entries) => parts.db.write((tx) => upload(parts, tx, deviceId, entries)) }
}

async function upload(
  parts: EvidenceParts,
  tx: Tx,
  deviceId: string,
  entries: readonly Entry[],
): Promise<Outcome<Receipt>> {
  const last = await parts.store.last(tx, deviceId)
  let end: ChainEnd = last === null ? emptyChain : { size: last.seq + 1, leaf: last.leaf }
  for (const entry of entries) {
    const taken = await take(parts, tx, deviceId, end, entry)
    if (!taken.ok) return taken
    end = taken.value
  }
  return done({ upTo: end.size, leaf: end.size === 0 ? null : end.leaf, atMs: parts.clock.now() })
}

async function take(
  parts: EvidenceParts,
  tx: Tx,
  deviceId: string,
  end: ChainEnd,
  entry: Entry,
): Promise<Outcome<ChainEnd>> {
  try {
    const { seq } = readHeader(entry.header)
    if (seq < end.size) {
      const isKnown = (await parts.store.leaf(tx, deviceId, seq)) === leafOf(entry.header)
      return isKnown ? done(end) : fork(parts, tx, deviceId, seq)
    }
    if (seq > end.size) return refused('journal-gap', { details: { from: end.size } })
    const verified = verifyEntry(end, entry)
    return await keep(parts, tx, deviceId, verified, entry)
  } catch (error) {
    if (!(error instanceof ChainError)) throw error
    if (error.code === 'join') return fork(parts, tx, deviceId, end.size)
    await recordRefused(parts, tx, deviceId, end.size, error.code)
    return refused('invalid', { hint: 'An entry of the journal is not what it was made of.' })
  }
}

async function keep(
  parts: EvidenceParts,
  tx: Tx,
  deviceId: string,
  { header, end }: ReturnType<typeof verifyEntry>,
  entry: Entry,
): Promise<Outcome<ChainEnd>> {
  const now = parts.clock.now()
  const at = msOf(header.t) || now
  await parts.store.insert(tx, {
    device_id: deviceId,
    seq: header.seq,
    type: header.type,
    at,
    received_at: now,
    header: entry.header,
    leaf: end.leaf,
    salt: entry.salt,
    body: JSON.stringify(entry.body),
    dropped_at: null,
  })
  const { seq, type } = header
  const projected = await project(parts, tx, { deviceId, seq, at, type, body: entry.body })
  if (!projected.ok) return projected
  if (projected.value !== 'applied') await recordRefused(parts, tx, deviceId, seq, projected.value)
  return done(end)
}

/** The journal is not a continuation of what is stored: somebody must look before this computer goes on. */
async function fork(parts: EvidenceParts, tx: Tx, deviceId: string, seq: number): Promise<Outcome<never>> {
  await recordRefused(parts, tx, deviceId, seq, 'fork')
  await parts.devices.suspend(tx, deviceId, 'journal-fork')
  return refused('device-suspended')
}

async function recordRefused(
  { ledger }: EvidenceParts,
  tx: Tx,
  deviceId: string,
  seq: number,
  reason: string,
): Promise<void> {
  const subject = `device:${deviceId}`
  await ledger.append(tx, { type: 'journal.refused', actor: serverActor, subject, body: { seq, reason } })
}
