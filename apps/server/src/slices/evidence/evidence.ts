import type { Entry, LogEnd } from '@stint/chain'
import { done, type Outcome } from '@stint/elevation'
import type { Clock } from '../../clock.ts'
import type { Database } from '../../db/database.ts'
import type { Approvals } from '../approvals/approvals.ts'
import type { Devices } from '../devices/devices.ts'
import type { Ledger, Proofs, Signing } from '../ledger/ledger.ts'
import type { Requests } from '../requests/requests.ts'
import type { Sessions } from '../sessions/sessions.ts'
import { checkUpload, standing } from './check-uploads.ts'
import { takeEntries } from './entries.ts'
import type { EvidenceStore } from './evidence.store.ts'
import type { Findings } from './findings.ts'
import { receiptFor } from './receipts.ts'
import { takeSeals } from './seals.ts'

export interface EvidenceParts {
  readonly db: Database
  readonly store: EvidenceStore
  readonly ledger: Ledger
  readonly signing: Pick<Signing, 'sign'>
  readonly proofs: Pick<Proofs, 'receipt'>
  readonly devices: Pick<Devices, 'device' | 'suspend' | 'appliedPolicy'>
  readonly requests: Pick<Requests, 'receive' | 'voided'>
  readonly approvals: Pick<Approvals, 'issuedFor' | 'unsettledBelow' | 'settle'>
  readonly sessions: Pick<Sessions, 'apply' | 'sealed' | 'troubled'>
  readonly findings: Findings
  readonly clock: Clock
}

/** What a courier sends of a journal, in order. */
export interface Upload {
  readonly entries: readonly Entry[]
  /** Notes, each of a size up to the entries that are sent or stored. */
  readonly checkpoints?: readonly string[]
  /** How many entries the journal has. */
  readonly length?: number
  /** Hash (hex) of the newest receipt that the journal names. */
  readonly receipt?: string | null
}

/** Entries with a number below `upTo` are stored; `leaf` is the hash of the last one. */
export interface Receipt {
  readonly upTo: number
  readonly leaf: string | null
  readonly atMs: number
  /** Receipt text for the newest checkpoint of this computer; null where there is none, or nobody could sign it yet. */
  readonly proof: string | null
}

/** The journals of the computers, checked entry by entry and kept as they came. */
export interface Evidence {
  /**
   * Stores entries and checkpoints in order and takes over what they say, durable before the receipt. What is known
   * already is skipped, so sending again is harmless. What fits is kept even when a later entry is refused:
   * `journal-gap` with `from`, the number that is wanted; `device-suspended` where a number comes with another content,
   * or does not join: two computers, or one that was set back; `invalid` for an entry that was changed on its way, or
   * is of a form that this server does not know. A checkpoint that does not fit is a finding and refuses nothing.
   */
  upload(deviceId: string, upload: Upload): Promise<Outcome<Receipt>>
}

export function createEvidence(parts: EvidenceParts): Evidence {
  return {
    async upload(deviceId, upload) {
      const stored = await parts.db.write((tx) => ingest(parts, tx, deviceId, upload))
      if (!stored.ok) return stored
      const { end } = stored.value
      const proof = await receiptFor(parts, deviceId)
      const leaf = end.size === 0 ? null : end.leaf
      return done({ upTo: end.size, leaf, atMs: parts.clock.now(), proof })
    },
  }
}

async function ingest(
  parts: EvidenceParts,
  tx: Parameters<Parameters<Database['write']>[0]>[0],
  deviceId: string,
  { entries, ...sealed }: Upload,
): Promise<Outcome<LogEnd>> {
  const before = await standing(parts, tx, deviceId)
  const { at, refused: refusal } = await takeEntries(parts, tx, deviceId, entries)
  const { size } = at.end
  await takeSeals(parts, tx, { ...sealed, deviceId, size })
  await checkUpload(parts, tx, deviceId, { before, size, entries })
  return refusal === null ? done(at) : refusal
}
