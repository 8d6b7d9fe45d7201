import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js'
import { base64, fromBase64 } from './base64.ts'
import { ChainError } from './chain-error.ts'
import { type Checkpoint, readCheckpoint } from './checkpoint.ts'
import { type Primitives, plainHash } from './hash.ts'
import type { Signer } from './key.ts'
import { cosignedMessage, NOTE_MAX, readNote, signatureLine } from './note.ts'
import { verifyConsistency } from './proof.ts'

/**
 * A witness's line under a note (`cosignature/v1`). `time`: seconds since 1970.
 * Throws `ChainError` `note`, `checkpoint`; `key` for a key or time that cannot cosign.
 */
export function cosign(note: string, witness: Signer, time: number): string {
  const { text } = readNote(note)
  readCheckpoint(text)
  if (witness.key.kind !== 'cosignature' || !Number.isSafeInteger(time) || time < 0)
    throw new ChainError('key', 'This key, or this time, is none of a witness')
  const stamp = hexToBytes(time.toString(16).padStart(16, '0'))
  return signatureLine(witness.key, concatBytes(stamp, witness.sign(cosignedMessage(text, time))))
}

/** Puts lines, as witnesses answer with them, under a note. Throws `ChainError('note')`. */
export function withLines(note: string, lines: string): string {
  const joint = note + lines
  if (readNote(joint).text !== readNote(note).text)
    throw new ChainError('note', 'These are no lines of signatures')
  return joint
}

/** A later checkpoint with the proof that it continues an earlier one, as a witness is asked (C2SP tlog-witness). */
export interface Continuation {
  readonly oldSize: number
  /** Hex. */
  readonly proof: readonly string[]
  /** A note. */
  readonly checkpoint: string
}

export function continuationText({ oldSize, proof, checkpoint }: Continuation): string {
  const lines = proof.map((text) => `${base64(hexToBytes(text))}\n`).join('')
  const text = `old ${oldSize}\n${lines}\n${checkpoint}`
  readContinuation(text)
  return text
}

/** Throws `ChainError` `proof` for another form, `note`. */
export function readContinuation(text: string): Continuation {
  const end = text.length > 2 * NOTE_MAX ? -1 : text.indexOf('\n\n')
  const [first = '', ...lines] = text.slice(0, end).split('\n')
  const oldSize = Number(/^old (0|[1-9]\d{0,15})$/.exec(first)?.[1])
  const proof = lines.map((line) => fromBase64(line))
  if (end === -1 || !Number.isSafeInteger(oldSize) || proof.length > 63) throw notThis()
  const checkpoint = text.slice(end + 2)
  readNote(checkpoint)
  return {
    oldSize,
    proof: proof.map((bytes) => {
      if (bytes?.length !== 32) throw notThis()
      return bytesToHex(bytes)
    }),
    checkpoint,
  }
}

/**
 * That `later` continues `earlier`; both were verified before. `proof` in hex.
 * Throws `ChainError` `checkpoint` for different logs, `fork` when it does not.
 */
export function verifyContinues(
  earlier: Checkpoint,
  later: Checkpoint,
  proof: readonly string[],
  { hash = plainHash }: Primitives = {},
): void {
  if (earlier.origin !== later.origin)
    throw new ChainError('checkpoint', 'These are checkpoints of different logs')
  const { size: oldSize, root: oldRoot } = earlier
  try {
    verifyConsistency({ oldSize, oldRoot, size: later.size, root: later.root, proof }, hash)
  } catch (cause) {
    throw new ChainError('fork', 'The later checkpoint does not continue the earlier one', { cause })
  }
}

const notThis = (): ChainError => new ChainError('proof', 'This is no checkpoint with a proof of consistency')
