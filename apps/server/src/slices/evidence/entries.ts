import {
  type ChainEnd,
  ChainError,
  type Entry,
  emptyLog,
  grow,
  type HashedNode,
  type LogEnd,
  leafOf,
  readHeader,
  verifyEntry,
} from '@stint/chain'
import { done, type FindingWord, type Outcome, refused } from '@stint/elevation'
import { msOf } from '../../clock.ts'
import type { Tx } from '../../db/database.ts'
import { treeOf } from '../../db/tree-nodes.ts'
import { hash } from '../../native-crypto.ts'
import type { EvidenceParts } from './evidence.ts'
import { project } from './projection.ts'

/**
 * A body above this is not kept, its header is: a computer cuts arguments at 256 KiB and its lists have ends, so this is
 * none of ours, and must neither stop the journal nor fill the database.
 */
const BODY_MAX = 8 * 1024 * 1024

/** Where the stored journal stands, and why it went no further. */
interface Taken {
  readonly at: LogEnd
  readonly refused: Outcome<never> | null
}

/** Stores what joins, with the tree over it, until something does not. */
export async function takeEntries(
  parts: EvidenceParts,
  tx: Tx,
  deviceId: string,
  entries: readonly Entry[],
): Promise<Taken> {
  let { end, tree } = await endOf(parts, tx, deviceId)
  const nodes: HashedNode[] = []
  let refusal: Outcome<never> | null = null
  for (const entry of entries) {
    const taken = await take(parts, tx, deviceId, end, entry)
    if (!taken.ok) {
      refusal = taken
      break
    }
    if (taken.value.size === end.size) continue
    end = taken.value
    const grown = grow(tree, end.leaf, hash)
    tree = grown.tree
    nodes.push(...grown.nodes.filter(({ level }) => level > 0))
  }
  await parts.store.insertNodes(tx, deviceId, nodes)
  return { at: { end, tree }, refused: refusal }
}

async function endOf({ store }: EvidenceParts, tx: Tx, deviceId: string): Promise<LogEnd> {
  const last = await store.last(tx, deviceId)
  if (last === null) return emptyLog
  const size = last.seq + 1
  return { end: { size, leaf: last.leaf }, tree: await treeOf(store.nodes(tx, deviceId), size) }
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
      const stored = await parts.store.leaf(tx, deviceId, seq)
      if (stored === leafOf(entry.header, hash)) return done(end)
      return suspended(parts, tx, deviceId, { word: 'fork', seq, header: entry.header })
    }
    if (seq > end.size) return refused('journal-gap', { details: { from: end.size } })
    return await keep(parts, tx, deviceId, verifyEntry(end, entry, hash), entry)
  } catch (error) {
    if (!(error instanceof ChainError)) throw error
    const { header } = entry
    if (error.code === 'join')
      return suspended(parts, tx, deviceId, { word: 'entry-join', seq: end.size, header })
    const word = error.code === 'header' ? 'entry-form' : 'entry-body'
    await refuse(parts, tx, deviceId, { word, seq: end.size, header })
    return refused('invalid', { hint: refusedBecause[word] })
  }
}

const refusedBecause = {
  'entry-form': 'The header of an entry has a form that this server does not know; it may need an update.',
  'entry-body': 'An entry of the journal is not what it was made of.',
} as const

async function keep(
  parts: EvidenceParts,
  tx: Tx,
  deviceId: string,
  { header, end }: ReturnType<typeof verifyEntry>,
  entry: Entry,
): Promise<Outcome<ChainEnd>> {
  const now = parts.clock.now()
  const ms = msOf(header.t)
  const at = Number.isFinite(ms) ? ms : now
  const { seq, type } = header
  const text = JSON.stringify(entry.body)
  const isTooLarge = text.length > BODY_MAX
  await parts.store.insert(tx, {
    ...{ device_id: deviceId, seq, type, at, received_at: now, header: entry.header, leaf: end.leaf },
    ...(isTooLarge
      ? { salt: null, body: null, dropped_at: now }
      : { salt: entry.salt, body: text, dropped_at: null }),
  })
  if (isTooLarge) {
    await parts.findings.ignored(tx, deviceId, seq, 'too-large')
    return done(end)
  }
  const { boot, up } = header
  const projected = await project(parts, tx, { deviceId, seq, at, boot, up, type, body: entry.body })
  if (!projected.ok) return projected
  if (projected.value !== 'applied') await parts.findings.ignored(tx, deviceId, seq, projected.value)
  return done(end)
}

interface Misfit {
  readonly word: FindingWord
  readonly seq: number
  readonly header: string
}

/** The journal is not a continuation of what is stored: somebody must look before this computer goes on. */
async function suspended(
  parts: EvidenceParts,
  tx: Tx,
  deviceId: string,
  misfit: Misfit,
): Promise<Outcome<never>> {
  await refuse(parts, tx, deviceId, misfit)
  await parts.devices.suspend(tx, deviceId, 'journal-fork')
  return refused('device-suspended')
}

async function refuse(
  { findings }: EvidenceParts,
  tx: Tx,
  deviceId: string,
  { word, seq, header }: Misfit,
): Promise<void> {
  await findings.refuse(tx, { word, deviceId, from: seq, to: seq, details: { header } })
}
