import { hash } from 'node:crypto'
import { join } from 'node:path'
import { grow, type LogEnd, leafOf, rootOf } from '@stint/chain'
import type { Disk } from '../config/disk.ts'
import type { Segment } from './segment.ts'

const sha256 = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer')
const pathIn = (dir: string): string => join(dir, 'tree.json')

/** Where chain and tree stood when the newest segment began, so that a start need not read the ones before. */
export async function keepTree(disk: Disk, dir: string, log: LogEnd): Promise<void> {
  await disk.replace(pathIn(dir), Buffer.from(JSON.stringify(log)))
}

/** Undefined when it is not there or is no tree: it can be made again from all segments. */
export async function readTree(disk: Disk, dir: string): Promise<LogEnd | undefined> {
  const content = await disk.read(pathIn(dir))
  if (content === null) return undefined
  try {
    const { end, tree } = JSON.parse(Buffer.from(content).toString('utf8')) as LogEnd
    rootOf(tree)
    return end.size === tree.size && /^[0-9a-f]{64}$/.test(end.leaf) ? { end, tree } : undefined
  } catch {
    return undefined
  }
}

/** After the entries of a segment that follows. */
export function grown(log: LogEnd, segment: Segment): LogEnd {
  if (segment.entries.length === 0) return log
  const leaves = segment.entries.map(({ header }) => leafOf(header, sha256))
  const tree = leaves.reduce((before, leaf) => grow(before, leaf, sha256).tree, log.tree)
  return { end: segment.end, tree }
}
