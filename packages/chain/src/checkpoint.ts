import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { base64, fromBase64 } from './base64.ts'
import { ChainError } from './chain-error.ts'
import type { Primitives } from './hash.ts'
import type { Signer, VerifierKey } from './key.ts'
import { readNote, signNote, type VerifiedLine, verifyLines } from './note.ts'
import { requireHash, requireSize } from './tree.ts'

/** What a log says about itself at one size. */
export interface Checkpoint {
  /** The log, and the name of the keys that sign it. */
  readonly origin: string
  readonly size: number
  /** Hex. */
  readonly root: string
}

/** Both ids are hex of 16 bytes. Throws `ChainError('checkpoint')`. */
export function deviceOrigin(tenant: string, deviceId: string): string {
  return `stint/${requireId(tenant)}/device/${requireId(deviceId)}`
}

/** Throws `ChainError('checkpoint')`. */
export function ledgerOrigin(tenant: string): string {
  return `stint/${requireId(tenant)}/ledger`
}

/** The three lines that are signed. Throws `ChainError` `tree`, `checkpoint`. */
export function checkpointText({ origin, size, root }: Checkpoint): string {
  const text = `${origin}\n${requireSize(size)}\n${base64(hexToBytes(requireHash(root)))}\n`
  readCheckpoint(text)
  return text
}

/** Throws `ChainError('checkpoint')` for anything but three lines of canonical form. */
export function readCheckpoint(text: string): Checkpoint {
  const [origin = '', size = '', root = '', end, ...more] = text.split('\n')
  const bytes = fromBase64(root)
  const fits = origin !== '' && /^(0|[1-9]\d{0,15})$/.test(size) && Number.isSafeInteger(Number(size))
  if (!fits || bytes?.length !== 32 || end !== '' || more.length > 0)
    throw new ChainError('checkpoint', 'This is no checkpoint of three lines')
  return { origin, size: Number(size), root: bytesToHex(bytes) }
}

/** A checkpoint as a note. The signers' keys have its origin as their name. Throws as `checkpointText` does. */
export function signCheckpoint(checkpoint: Checkpoint, signers: readonly [Signer, ...Signer[]]): string {
  for (const { key } of signers) requireSignerOf(checkpoint, key)
  return signNote(checkpointText(checkpoint), signers)
}

/**
 * A journal's checkpoint: one line, of this very key. Gives what it says.
 * Throws `ChainError` `note`, `checkpoint`, `signature`.
 */
export function verifyDeviceCheckpoint(
  note: string,
  key: VerifierKey,
  primitives: Primitives = {},
): Checkpoint {
  const read = readNote(note)
  const checkpoint = readCheckpoint(read.text)
  requireSignerOf(checkpoint, key)
  if (read.signatures.length !== 1 || verifyLines(read, [key], primitives).length !== 1)
    throw new ChainError('signature', 'This checkpoint is not signed by the key that was named for it')
  return checkpoint
}

/** Whom somebody who checks the ledger believes. */
export interface LedgerKeys {
  /** Of the log; its keys that are not called so count for nothing. */
  readonly origin: string
  readonly logKeys: readonly VerifierKey[]
  readonly witnessKeys?: readonly VerifierKey[]
  /** How many different witnesses must have cosigned; 0 when left out. */
  readonly witnesses?: number
}

export interface VerifiedLedger extends Checkpoint {
  /** Time (seconds since 1970) and key of every cosignature of a known witness. */
  readonly cosignatures: readonly VerifiedLine[]
}

/** The ledger's checkpoint. Throws `ChainError` `note`, `checkpoint`, `signature`. */
export function verifyLedgerCheckpoint(
  note: string,
  { origin, logKeys, witnessKeys = [], witnesses = 0 }: LedgerKeys,
  primitives: Primitives = {},
): VerifiedLedger {
  const read = readNote(note)
  const checkpoint = readCheckpoint(read.text)
  if (checkpoint.origin !== origin) throw new ChainError('checkpoint', 'This is a checkpoint of another log')
  const own = logKeys.filter(({ name, kind }) => name === origin && kind === 'signature')
  if (verifyLines(read, own, primitives).length === 0)
    throw new ChainError('signature', 'No key of the log has signed this checkpoint')
  const known = witnessKeys.filter(({ kind }) => kind === 'cosignature')
  const cosignatures = verifyLines(read, known, primitives)
  if (new Set(cosignatures.map(({ key }) => key.name)).size < witnesses)
    throw new ChainError('signature', `Fewer than ${witnesses} witnesses have cosigned this checkpoint`)
  return { ...checkpoint, cosignatures }
}

function requireSignerOf({ origin }: Checkpoint, { name, kind }: VerifierKey): void {
  if (name !== origin || kind !== 'signature')
    throw new ChainError('checkpoint', 'This is a checkpoint of another log than the key’s')
}

function requireId(id: string): string {
  if (!/^[0-9a-f]{32}$/.test(id)) throw new ChainError('checkpoint', 'An id in an origin is hex of 16 bytes')
  return id
}
