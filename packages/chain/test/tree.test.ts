import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  ChainError,
  consistencyNodes,
  consistencyProof,
  emptyTree,
  grow,
  inclusionNodes,
  inclusionProof,
  rootOf,
  type Tree,
  type TreeNode,
  verifyConsistency,
  verifyInclusion,
} from '../src/index.ts'
import { leaf, leaves, naiveConsistency, naivePath, naiveRoot } from './naive-tree.ts'

const refusedWith = (code: string) => (error: unknown) => error instanceof ChainError && error.code === code
const keyOf = ({ level, index }: TreeNode) => `${level}/${index}`

/** A tree of `count` leaves and the hashes of all its whole subtrees. */
function grown(count: number): { tree: Tree; read: (node: TreeNode) => string } {
  const known = new Map<string, string>()
  let tree = emptyTree
  for (const text of leaves(count)) {
    const step = grow(tree, text)
    tree = step.tree
    for (const node of step.nodes) known.set(keyOf(node), node.hash)
  }
  return { tree, read: (node) => known.get(keyOf(node)) ?? assert.fail(`${keyOf(node)} is not whole`) }
}

const flipped = (text: string, bit: number): string => {
  const bytes = Buffer.from(text, 'hex')
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return bytes.toString('hex')
}
const sizes = fc.integer({ min: 1, max: 130 })
const bit = fc.nat(255)

test('the root of every size is the one that the definition gives, also when the state was stored in between', () => {
  let tree = emptyTree
  assert.equal(rootOf(tree), naiveRoot([]))
  for (let count = 1; count <= 140; count++) {
    tree = JSON.parse(JSON.stringify(grow(tree, leaf(count - 1)).tree))
    assert.equal(rootOf(tree), naiveRoot(leaves(count)), `size ${count}`)
    assert.ok(tree.frontier.length <= 8)
  }
})

test('EVID-1: inclusion proofs are those of the definition, verify, and need only the nodes that were announced', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), (size, any) => {
      const index = any % size
      const { tree, read } = grown(size)
      const announced = new Set(inclusionNodes(index, size).map(keyOf))
      const proof = inclusionProof(index, size, (node) => {
        assert.ok(announced.has(keyOf(node)))
        return read(node)
      })
      assert.deepEqual(proof, naivePath(index, leaves(size)))
      verifyInclusion({ index, size, leaf: leaf(index), root: rootOf(tree), proof })
    }),
  )
})

test('EVID-1: one changed bit of leaf, root or proof, another place, and one hash more or less are refused', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), bit, fc.nat(), (size, any, at, which) => {
      const index = any % size
      const { tree, read } = grown(size)
      const root = rootOf(tree)
      const proof = inclusionProof(index, size, read)
      const claim = { index, size, leaf: leaf(index), root, proof }
      const hit = proof.length === 0 ? 0 : which % proof.length
      const wrong = [
        { ...claim, leaf: flipped(claim.leaf, at) },
        { ...claim, root: flipped(root, at) },
        { ...claim, proof: [...proof, root] },
        { ...claim, index: size },
        ...(proof.length === 0
          ? []
          : [
              { ...claim, proof: proof.map((text, i) => (i === hit ? flipped(text, at) : text)) },
              { ...claim, proof: proof.slice(1) },
            ]),
        ...(size === 1 ? [] : [{ ...claim, index: (index + 1 + (which % (size - 1))) % size }]),
      ]
      for (const other of wrong) assert.throws(() => verifyInclusion(other), refusedWith('proof'))
    }),
  )
})

test('a size whose way up has another length is refused', () => {
  const { tree, read } = grown(5)
  const claim = { index: 4, leaf: leaf(4), root: rootOf(tree), proof: inclusionProof(4, 5, read) }
  for (const size of [6, 7, 8, 9, 16])
    assert.throws(() => verifyInclusion({ ...claim, size }), refusedWith('proof'), `${size}`)
})

test('EVID-1: consistency proofs are those of the definition and verify', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), (size, any) => {
      const oldSize = any % (size + 1)
      const { tree, read } = grown(size)
      const announced = new Set(consistencyNodes(oldSize, size).map(keyOf))
      const proof = consistencyProof(oldSize, size, (node) => {
        assert.ok(announced.has(keyOf(node)))
        return read(node)
      })
      if (oldSize > 0) assert.deepEqual(proof, naiveConsistency(oldSize, leaves(size)))
      const oldRoot = naiveRoot(leaves(oldSize))
      verifyConsistency({ oldSize, oldRoot, size, root: rootOf(tree), proof })
    }),
  )
})

test('EVID-1: a changed bit anywhere in a consistency proof, or another history, is refused', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), bit, fc.nat(), (size, any, at, which) => {
      const oldSize = any % (size + 1)
      const { tree, read } = grown(size)
      const root = rootOf(tree)
      const proof = consistencyProof(oldSize, size, read)
      const claim = { oldSize, oldRoot: naiveRoot(leaves(oldSize)), size, root, proof }
      const hit = proof.length === 0 ? 0 : which % proof.length
      const wrong = [
        { ...claim, oldRoot: flipped(claim.oldRoot, at) },
        // Size 0 says nothing about the later tree: every tree begins with nothing.
        ...(oldSize === 0 ? [] : [{ ...claim, root: flipped(root, at) }]),
        { ...claim, proof: [...proof, root] },
        { ...claim, oldSize: size + 1 },
        ...(proof.length === 0
          ? []
          : [
              { ...claim, proof: proof.map((text, i) => (i === hit ? flipped(text, at) : text)) },
              { ...claim, proof: proof.slice(1) },
            ]),
      ]
      for (const other of wrong) assert.throws(() => verifyConsistency(other), refusedWith('proof'))
    }),
  )
})

test('sizes above 2^32 are counted exactly', () => {
  const size = 2 ** 40 + 3
  assert.deepEqual(inclusionNodes(size - 1, size).map(keyOf), [`1/${2 ** 39}`, '40/0'])
  const [a, b, c] = [leaf(1), leaf(2), leaf(3)]
  const tree: Tree = { size, frontier: [a, b, c] }
  const root = rootOf(tree)
  verifyInclusion({ index: size - 1, size, leaf: c, root, proof: [b, a] })
  assert.throws(
    () => verifyInclusion({ index: size - 2, size, leaf: c, root, proof: [b, a] }),
    refusedWith('proof'),
  )
  assert.deepEqual(grow(tree, leaf(4)).tree.size, size + 1)
})

test('what is no tree, no hash or no place is refused', () => {
  const { tree, read } = grown(3)
  const root = rootOf(tree)
  const wrong: (() => unknown)[] = [
    () => grow({ ...tree, size: 4 }, leaf(3)),
    () => grow({ size: 3, frontier: [leaf(0)] }, leaf(3)),
    () => grow(tree, leaf(3).toUpperCase()),
    () => grow(tree, ''),
    () => rootOf({ size: -1, frontier: [] }),
    () => rootOf({ size: 0.5, frontier: [] }),
    () => rootOf({ size: 1, frontier: ['x'.repeat(64)] }),
    () => inclusionProof(3, 3, read),
    () => consistencyProof(4, 3, read),
    () => inclusionProof(0, 3, () => 'nothing'),
    () => verifyInclusion({ index: 0, size: 3, leaf: leaf(0), root, proof: ['00', '00'] }),
    () => verifyInclusion({ index: -1, size: 3, leaf: leaf(0), root, proof: [] }),
  ]
  for (const use of wrong) assert.throws(use, refusedWith('tree'), String(use))
})
