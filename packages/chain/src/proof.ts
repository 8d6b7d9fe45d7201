import { ChainError } from './chain-error.ts'
import { type Hash, plainHash } from './hash.ts'
import { joined, joinedAll, requireHash, requireSize, subtreesOf, type TreeNode } from './tree.ts'

/** Hash (hex) of a whole subtree, as `grow` gave it. */
export type ReadNode = (node: TreeNode) => string

/** Neighbouring leaves: from `from`, without `to`. One hash of a proof covers one such range. */
interface Range {
  readonly from: number
  readonly to: number
}

/** The subtrees that `inclusionProof` will ask for: fetch them all at once. Throws `ChainError('tree')`. */
export function inclusionNodes(index: number, size: number): TreeNode[] {
  return inclusionRanges(index, size).flatMap(({ from, to }) => subtreesOf(from, to))
}

/**
 * RFC 9162 section 2.1.3.1: hashes (hex) from the leaf's sibling to the child of the root.
 * Throws `ChainError('tree')` when `index` is not below `size`.
 */
export function inclusionProof(
  index: number,
  size: number,
  read: ReadNode,
  hash: Hash = plainHash,
): readonly string[] {
  return inclusionRanges(index, size).map((range) => hashOf(range, read, hash))
}

/** The subtrees that `consistencyProof` will ask for. Throws `ChainError('tree')`. */
export function consistencyNodes(oldSize: number, size: number): TreeNode[] {
  return consistencyRanges(oldSize, size).flatMap(({ from, to }) => subtreesOf(from, to))
}

/** RFC 9162 section 2.1.4.1, hex. Empty for size 0 and for equal sizes. Throws `ChainError('tree')`. */
export function consistencyProof(
  oldSize: number,
  size: number,
  read: ReadNode,
  hash: Hash = plainHash,
): readonly string[] {
  return consistencyRanges(oldSize, size).map((range) => hashOf(range, read, hash))
}

/** That `leaf` is number `index` of the tree of `size` with `root`; hashes in hex. */
export interface Inclusion {
  readonly index: number
  readonly size: number
  readonly leaf: string
  readonly root: string
  readonly proof: readonly string[]
}

/** RFC 9162 section 2.1.3.2. Throws `ChainError` `tree` for what is no size or hash, `proof`. */
export function verifyInclusion({ index, size, leaf, root, proof }: Inclusion, hash: Hash = plainHash): void {
  if (requireSize(index) >= requireSize(size)) throw failed()
  for (const text of [leaf, root, ...proof]) requireHash(text)
  const sides = sidesOf(index, size - 1, proof.length)
  const found = proof.reduce(
    (below, other, i) => (sides[i] === 'left' ? joined(other, below, hash) : joined(below, other, hash)),
    leaf,
  )
  if (found !== root) throw failed()
}

/** That the tree of `size` with `root` begins with the tree of `oldSize` with `oldRoot`; hashes in hex. */
export interface Consistency {
  readonly oldSize: number
  readonly oldRoot: string
  readonly size: number
  readonly root: string
  readonly proof: readonly string[]
}

/** RFC 9162 section 2.1.4.2. Throws `ChainError` `tree` for what is no size or hash, `proof`. */
export function verifyConsistency(claim: Consistency, hash: Hash = plainHash): void {
  const { oldSize, oldRoot, size, root, proof } = claim
  if (requireSize(oldSize) > requireSize(size)) throw failed()
  for (const text of [oldRoot, root, ...proof]) requireHash(text)
  if (oldSize === size || oldSize === 0) verifyWithoutProof(claim, hash)
  else if (!leadsToBoth(claim, hash)) throw failed()
}

function leadsToBoth({ oldSize, oldRoot, size, root, proof }: Consistency, hash: Hash): boolean {
  const [first, ...rest] = isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : proof
  if (first === undefined) return false
  let fn = oldSize - 1
  let sn = size - 1
  for (; fn % 2 === 1; fn = half(fn)) sn = half(sn)
  const found = { old: first, new: first }
  for (const [i, side] of sidesOf(fn, sn, rest.length).entries()) {
    const other = rest[i] ?? ''
    if (side === 'left') found.old = joined(other, found.old, hash)
    found.new = side === 'left' ? joined(other, found.new, hash) : joined(found.new, other, hash)
  }
  return found.old === oldRoot && found.new === root
}

/** Equal sizes have equal roots; an empty tree has one root, and every tree begins with it. */
function verifyWithoutProof({ oldSize, oldRoot, size, root, proof }: Consistency, hash: Hash): void {
  const empty = joinedAll([], hash)
  const holds = oldSize === size ? oldRoot === root : oldRoot === empty
  if (proof.length > 0 || !holds || (size === 0 && root !== empty)) throw failed()
}

/**
 * On which side of the way up each of `count` hashes stands, for the way from node `fn` to the root, where `sn` is the
 * last node of the same level. Throws `proof` unless that way has just as many.
 */
function sidesOf(fn: number, sn: number, count: number): ('left' | 'right')[] {
  const sides: ('left' | 'right')[] = []
  while (sn !== 0) {
    const isLeft = fn % 2 === 1 || fn === sn
    sides.push(isLeft ? 'left' : 'right')
    if (isLeft) for (; fn % 2 === 0 && fn !== 0; fn = half(fn)) sn = half(sn)
    fn = half(fn)
    sn = half(sn)
  }
  if (sides.length !== count) throw failed()
  return sides
}

function inclusionRanges(index: number, size: number): Range[] {
  if (requireSize(index) >= requireSize(size)) throw new ChainError('tree', 'There is no such leaf')
  const down: Range[] = []
  for (let from = 0, to = size; to - from > 1; ) {
    const split = from + largestPowerBelow(to - from)
    down.push(index < split ? { from: split, to } : { from, to: split })
    if (index < split) to = split
    else from = split
  }
  return down.reverse()
}

function consistencyRanges(oldSize: number, size: number): Range[] {
  if (requireSize(oldSize) > requireSize(size)) throw new ChainError('tree', 'The old tree is the larger one')
  if (oldSize === 0 || oldSize === size) return []
  const down: Range[] = []
  let from = 0
  let to = size
  while (to !== oldSize) {
    const split = from + largestPowerBelow(to - from)
    down.push(oldSize <= split ? { from: split, to } : { from, to: split })
    if (oldSize <= split) to = split
    else from = split
  }
  // The old tree itself is known to whoever checks; a part of it is not.
  return from === 0 ? down.reverse() : [{ from, to }, ...down.reverse()]
}

function hashOf({ from, to }: Range, read: ReadNode, hash: Hash): string {
  return joinedAll(
    subtreesOf(from, to).map((node) => requireHash(read(node))),
    hash,
  )
}

/** The largest power of two below `count`, which is at least 2. Exact up to 2^53: no bit operators of 32 bits. */
function largestPowerBelow(count: number): number {
  let power = 1
  while (power * 2 < count) power *= 2
  return power
}

function isPowerOfTwo(value: number): boolean {
  return largestPowerBelow(value + 1) === value
}

const half = (value: number): number => Math.floor(value / 2)
const failed = (): ChainError => new ChainError('proof', 'The proof does not lead to this root')
