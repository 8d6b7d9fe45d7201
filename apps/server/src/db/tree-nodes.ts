import type { HashedNode, Tree, TreeNode } from '@stint/chain'
import { subtreesOf } from '@stint/chain'

/** Hash (hex) of a whole subtree. Throws for one that was not read. */
export type ReadNode = (node: TreeNode) => string

/** Where the nodes of one log are kept: leaves with their entries, inner nodes in a table of their own. */
export interface NodeTables {
  leaves(seqs: readonly number[]): Promise<readonly HashedNode[]>
  /** None of level 0. */
  inner(places: readonly TreeNode[]): Promise<readonly HashedNode[]>
}

/** Reads these nodes at once; a proof asks for a few dozen of the largest log. */
export async function readNodes(tables: NodeTables, places: readonly TreeNode[]): Promise<ReadNode> {
  const seqs = places.filter(({ level }) => level === 0).map(({ index }) => index)
  const above = places.filter(({ level }) => level > 0)
  const found = [
    ...(seqs.length === 0 ? [] : await tables.leaves(seqs)),
    ...(above.length === 0 ? [] : await tables.inner(above)),
  ]
  const hashes = new Map(found.map(({ level, index, hash }) => [`${level}.${index}`, hash]))
  return ({ level, index }) => {
    const hash = hashes.get(`${level}.${index}`)
    if (hash === undefined) throw new Error(`node ${index} of level ${level} is missing from a tree`)
    return hash
  }
}

/** The tree of the first `size` entries. */
export async function treeOf(tables: NodeTables, size: number): Promise<Tree> {
  const places = subtreesOf(0, size)
  const read = await readNodes(tables, places)
  return { size, frontier: places.map(read) }
}
