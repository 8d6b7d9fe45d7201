import {
  ChainError,
  type DroppedEntry,
  type Entry,
  emptyLog,
  grow,
  type LogEnd,
  makeEntry,
  rootOf,
  verifyEntry,
} from '@stint/chain'
import { type Json, jcs } from '@stint/code'
import type { LedgerType } from '@stint/elevation'
import { type Boot, type Clock, isoTime, msOf } from '../../clock.ts'
import type { Tx } from '../../db/database.ts'
import type { LedgerRow } from '../../db/schema.ts'
import { treeOf } from '../../db/tree-nodes.ts'
import type { Random } from '../../identifier.ts'
import { hash } from '../../native-crypto.ts'
import type { LedgerStore } from './ledger.store.ts'

export type { Proofs } from './proofs.ts'
export type { Signing } from './signing.ts'

/**
 * What happened, who did it and to what. `subject` is `<noun>:<id>`; `body` holds no secret and no password, and no
 * members called `actor` or `subject`: those are put beside them.
 */
export interface Fact {
  readonly type: LedgerType
  readonly actor: string
  readonly subject: string
  readonly body: Readonly<Record<string, Json>>
}

/** The server's append-only facts, in the entry format and with the tree of `spec/evidence.md`. */
export interface Ledger {
  /** Writes a fact in the transaction of the row that it is about: both are there, or neither. Gives its number. */
  append(tx: Tx, fact: Fact): Promise<number>
  /**
   * Walks the whole ledger: entries, their columns, and the roots that were signed. The number of the first row that
   * does not fit, or null when all do.
   */
  firstBroken(): Promise<number | null>
}

export interface LedgerParts {
  readonly store: LedgerStore
  readonly clock: Clock
  readonly boot: Boot
  readonly random: Random
}

export function createLedger(parts: LedgerParts): Ledger {
  const { store } = parts
  /** Where this process left the ledger. Another one may have gone on, or a transaction may have been undone. */
  let left: LogEnd = emptyLog
  const endOf = async (tx: Tx): Promise<LogEnd> => {
    const last = await store.last(tx)
    if (last === null) return emptyLog
    if (left.end.size === last.seq + 1 && left.end.leaf === last.leaf) return left
    const size = last.seq + 1
    return { end: { size, leaf: last.leaf }, tree: await treeOf(store.nodes(tx), size) }
  }
  return {
    async append(tx, fact) {
      const { row, nodes, at } = next(parts, await endOf(tx), fact)
      await store.insert(tx, row)
      await store.insertNodes(
        tx,
        nodes.filter(({ level }) => level > 0),
      )
      left = at
      return row.seq
    },
    firstBroken: () => firstBroken(store),
  }
}

function next({ clock, boot, random }: LedgerParts, { end, tree }: LogEnd, fact: Fact) {
  const { type, actor, subject } = fact
  if ('actor' in fact.body || 'subject' in fact.body)
    throw new Error(`a fact ${type} has a member that the ledger puts beside it`)
  const body = { ...fact.body, actor, subject }
  const at = clock.now()
  const stamp = { boot: boot.id, up: boot.up(), t: isoTime(at), type }
  const made = makeEntry(end, { ...stamp, body }, random(16), hash)
  const { header, salt } = made.entry
  const grown = grow(tree, made.end.leaf, hash)
  const row: LedgerRow = {
    ...{ seq: end.size, at, type, actor, subject, header },
    ...{ prev: end.leaf, leaf: made.end.leaf, salt, body: jcs(body), dropped_at: null },
  }
  return { row, nodes: grown.nodes, at: { end: made.end, tree: grown.tree } }
}

/** What a row says as an entry; its parsed body has `actor` and `subject`. */
export function entryOf(row: Pick<LedgerRow, 'header' | 'salt' | 'body'>): Entry | DroppedEntry {
  const { header, salt, body } = row
  return salt === null || body === null
    ? { header, salt: null, body: null }
    : { header, salt, body: JSON.parse(body) }
}

async function firstBroken(store: LedgerStore): Promise<number | null> {
  const signed = new Map((await store.checkpoints()).map(({ size, root }) => [size, root]))
  let { end, tree } = emptyLog
  for await (const row of store.all()) {
    try {
      const entry = entryOf(row)
      const verified = verifyEntry(end, entry, hash)
      const { seq, type, t } = verified.header
      const { leaf } = verified.end
      const columns = [row.seq, row.type, row.at, row.leaf, row.prev]
      if ([seq, type, msOf(t), leaf, end.leaf].some((value, i) => value !== columns[i])) return end.size
      if (!namesWho(row, entry.body)) return end.size
      tree = grow(tree, leaf, hash).tree
      end = verified.end
    } catch (error) {
      if (error instanceof ChainError) return end.size
      throw error
    }
    const root = signed.get(end.size)
    if (root !== undefined && root !== rootOf(tree, hash)) return end.size - 1
    signed.delete(end.size)
  }
  return signed.size === 0 ? null : end.size
}

function namesWho({ actor, subject, dropped_at }: LedgerRow, body: unknown): boolean {
  if (dropped_at !== null) return body === null
  const said = body as { readonly actor?: unknown; readonly subject?: unknown } | null
  return said?.actor === actor && said.subject === subject
}
