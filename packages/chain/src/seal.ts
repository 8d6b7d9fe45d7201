import { ChainError } from './chain-error.ts'
import { signCheckpoint, verifyDeviceCheckpoint } from './checkpoint.ts'
import { type ChainEnd, type Entry, emptyChain, makeEntry, type NewFact } from './entry.ts'
import { type Hash, type Primitives, plainHash } from './hash.ts'
import { isSameKey, readVkey, type Signer, type VerifierKey, verifierKey, vkeyOf } from './key.ts'
import { emptyTree, grow, rootOf, type Tree } from './tree.ts'

/** Where a log stands: chain and tree of the same entries. Plain JSON. */
export interface LogEnd {
  readonly end: ChainEnd
  readonly tree: Tree
}

export const emptyLog: LogEnd = { end: emptyChain, tree: emptyTree }

/** `makeEntry` for a log with a tree. Throws as `makeEntry` does. */
export function appendTo(
  at: LogEnd,
  fact: NewFact,
  salt: Uint8Array,
  hash: Hash = plainHash,
): { readonly entry: Entry; readonly at: LogEnd } {
  const { entry, end } = makeEntry(at.end, fact, salt, hash)
  return { entry, at: { end, tree: grow(at.tree, end.leaf, hash).tree } }
}

/** What a seal gives: the entry to append, the checkpoint to keep, and where the log stands then. */
export interface Seal {
  readonly entry: Entry
  /** A note. */
  readonly checkpoint: string
  readonly at: LogEnd
}

/**
 * Seals a journal: `seal.rotate` with the next key, and the checkpoint over it by the present one. In this order:
 * keep the next key, then `entry`, then `checkpoint`, then erase the present key (spec: evidence, sealing).
 * `next`: public key, 32 bytes. `salt`: 16 fresh random bytes. Throws `ChainError` `key` for the same key again.
 */
export function seal(
  at: LogEnd,
  stamp: Pick<NewFact, 'boot' | 'up' | 't'>,
  keys: { readonly present: Signer; readonly next: Uint8Array },
  salt: Uint8Array,
  hash: Hash = plainHash,
): Seal {
  const next = verifierKey(keys.present.key.name, keys.next)
  if (isSameKey(next, keys.present.key)) throw new ChainError('key', 'The next key is the present one')
  const fact = { ...stamp, type: 'seal.rotate', body: { next: vkeyOf(next) } }
  const appended = appendTo(at, fact, salt, hash)
  return { ...appended, checkpoint: sealedCheckpoint(appended.at, keys.present, hash) }
}

/** The checkpoint of a journal whose last entry is a `seal.rotate`: what is still to do after a power cut. */
export function sealedCheckpoint({ tree }: LogEnd, present: Signer, hash: Hash = plainHash): string {
  return signCheckpoint({ origin: present.key.name, size: tree.size, root: rootOf(tree, hash) }, [present])
}

/**
 * Checks a seal: `at` is where the journal stands after its entry, `body` is that entry's body, `key` the key that
 * must have signed. Gives the key that must sign the next one.
 * Throws `ChainError` `note`, `checkpoint` (form, log or size), `signature`, `fork` (another root), `key` (`next`).
 */
export function verifySeal(
  { tree }: LogEnd,
  body: unknown,
  checkpoint: string,
  key: VerifierKey,
  primitives: Primitives = {},
): VerifierKey {
  const { size, root } = verifyDeviceCheckpoint(checkpoint, key, primitives)
  if (size !== tree.size)
    throw new ChainError('checkpoint', `This checkpoint has size ${size} instead of ${tree.size}`)
  if (root !== rootOf(tree, primitives.hash))
    throw new ChainError('fork', `The signed tree of size ${size} is not the tree of these entries`)
  return nextKey(body, key)
}

/** The key that the body of a `seal.rotate` names. Throws `ChainError('key')`. */
export function nextKey(body: unknown, present: VerifierKey): VerifierKey {
  const text = typeof body === 'object' && body !== null && 'next' in body ? body.next : undefined
  const next = readVkey(typeof text === 'string' ? text : '')
  if (next.name !== present.name || next.kind !== 'signature' || isSameKey(next, present))
    throw new ChainError('key', 'The key that this seal names is not one of this log, or is the present one')
  return next
}
