import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { ChainError } from './chain-error.ts'
import { type Hash, plainHash } from './hash.ts'

/**
 * The tree over the leaves of a log (RFC 9162 section 2.1), as little of it as an appender needs. Plain JSON: keep it
 * and go on from it.
 */
export interface Tree {
  /** Number of leaves. */
  readonly size: number
  /** Roots (hex) of the perfect subtrees that `size` is made of, largest first: one for each bit set in it. */
  readonly frontier: readonly string[]
}

/** A perfect subtree: over the leaves `index * 2^level` to `(index + 1) * 2^level`, without the last. */
export interface TreeNode {
  readonly level: number
  readonly index: number
}

export interface HashedNode extends TreeNode {
  /** Hex. */
  readonly hash: string
}

export const emptyTree: Tree = { size: 0, frontier: [] }

/**
 * Appends a leaf (hex of 32 bytes). `nodes` are the subtrees that became whole, the leaf first: whoever has to make
 * proofs keeps them, about two for each leaf. Throws `ChainError('tree')`.
 */
export function grow(
  tree: Tree,
  leaf: string,
  hash: Hash = plainHash,
): { readonly tree: Tree; readonly nodes: readonly HashedNode[] } {
  requireTree(tree)
  if (tree.size >= Number.MAX_SAFE_INTEGER) throw new ChainError('tree', 'This log is full')
  const frontier = [...tree.frontier]
  let node: HashedNode = { level: 0, index: tree.size, hash: requireHash(leaf) }
  const nodes = [node]
  while (node.index % 2 === 1) {
    const left = frontier.pop()
    if (left === undefined) break
    const index: number = (node.index - 1) / 2
    node = { level: node.level + 1, index, hash: joined(left, node.hash, hash) }
    nodes.push(node)
  }
  const grown: Tree = { size: tree.size + 1, frontier: [...frontier, node.hash] }
  sound.add(grown)
  return { tree: grown, nodes }
}

/** Root of the whole tree, hex. Throws `ChainError('tree')`. */
export function rootOf(tree: Tree, hash: Hash = plainHash): string {
  requireTree(tree)
  return joinedAll(tree.frontier, hash)
}

/** What a tree of these neighbouring subtrees has as its root: joined from the right; `H("")` for none. */
export function joinedAll(roots: readonly string[], hash: Hash): string {
  if (roots.length === 0) return bytesToHex(hash(new Uint8Array()))
  return roots.reduceRight((right, left) => joined(left, right, hash))
}

/** `H(0x01 ‖ left ‖ right)`; all hex. */
export function joined(left: string, right: string, hash: Hash): string {
  return bytesToHex(hash(hexToBytes(`01${left}${right}`)))
}

/** The perfect subtrees of the leaves from `from` to `to`, without `to`; `from` is a multiple of every one of them. */
export function subtreesOf(from: number, to: number): TreeNode[] {
  const found: TreeNode[] = []
  for (let at = from; at < to; ) {
    let level = 0
    while (at % 2 ** (level + 1) === 0 && at + 2 ** (level + 1) <= to) level += 1
    found.push({ level, index: at / 2 ** level })
    at += 2 ** level
  }
  return found
}

export function requireSize(size: number): number {
  if (!Number.isSafeInteger(size) || size < 0) throw new ChainError('tree', 'This is no size of a tree')
  return size
}

export function requireHash(text: string): string {
  if (!/^[0-9a-f]{64}$/.test(text)) throw new ChainError('tree', 'This is no hash of a tree')
  return text
}

/** Made here, and so sound: to look at every hash again for every leaf would cost more than the leaf. */
const sound = new WeakSet<Tree>()

function requireTree(tree: Tree): void {
  if (sound.has(tree)) return
  const { size, frontier } = tree
  let bits = 0
  for (let rest = requireSize(size); rest > 0; rest = Math.floor(rest / 2)) bits += rest % 2
  if (frontier.length !== bits) throw new ChainError('tree', 'This frontier belongs to another size')
  for (const text of frontier) requireHash(text)
}
