import assert from 'node:assert/strict'
import {
  deviceOrigin,
  emptyChain,
  emptyTree,
  grow,
  type LogEnd,
  type VerifierKey,
  verifierKey,
  verifyEntry,
  verifySeal,
} from '@stint/chain'
import type { JournalEntry } from '@stint/wire/journal'

/** What an upload of a whole journal is made of. */
export interface SealedEntries {
  readonly entries: readonly JournalEntry[]
  /** Notes, rising. */
  readonly checkpoints: readonly string[]
}

export interface JournalOf {
  readonly tenant: string
  readonly deviceId: string
  /** Public half of the first key, hex. */
  readonly lsk: string
}

/**
 * Verifies a whole journal as somebody who knows only its first key: every entry, every seal in the order of the keys,
 * and that each seal has its one checkpoint. Answers the key that must sign next, and where the last seal stands.
 */
export function verifySeals(
  { entries, checkpoints }: SealedEntries,
  { tenant, deviceId, lsk }: JournalOf,
): { readonly key: VerifierKey; readonly sealed: number } {
  let key = verifierKey(deviceOrigin(tenant, deviceId), Buffer.from(lsk, 'hex'))
  let at: LogEnd = { end: emptyChain, tree: emptyTree }
  let sealed = 0
  const notes = [...checkpoints]
  for (const entry of entries) {
    const { header, end } = verifyEntry(at.end, entry)
    at = { end, tree: grow(at.tree, end.leaf).tree }
    if (header.type !== 'seal.rotate') continue
    key = verifySeal(at, entry.body, notes.shift() ?? assert.fail(`entry ${header.seq}: no checkpoint`), key)
    sealed = end.size
  }
  assert.deepEqual(notes, [], 'a checkpoint without its seal')
  return { key, sealed }
}
