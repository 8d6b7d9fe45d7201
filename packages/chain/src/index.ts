/**
 * `@stint/chain`: append-only facts, the tree over them, and what is signed about it (spec: evidence), as pure
 * functions. No files, no clock, no randomness, no private keys. Runs in Node and in browsers.
 */
export * from './chain-error.ts'
export * from './checkpoint.ts'
export * from './cosignature.ts'
export * from './entry.ts'
export type { Hash, Primitives, Verify } from './hash.ts'
export {
  type KeyKind,
  readVkey,
  type Signer,
  type VerifierKey,
  verifierKey,
  vkeyOf,
} from './key.ts'
export {
  type Note,
  type NoteSignature,
  readNote,
  signatureLine,
  signNote,
  type VerifiedLine,
  verifyLines,
} from './note.ts'
export * from './proof.ts'
export * from './receipt.ts'
export * from './seal.ts'
export { emptyTree, grow, type HashedNode, rootOf, subtreesOf, type Tree, type TreeNode } from './tree.ts'
