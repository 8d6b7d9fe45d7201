import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { base64, fromBase64 } from './base64.ts'
import { canonical, parsed } from './canonical.ts'
import { ChainError } from './chain-error.ts'
import {
  type Checkpoint,
  type LedgerKeys,
  readCheckpoint,
  type VerifiedLedger,
  verifyLedgerCheckpoint,
} from './checkpoint.ts'
import { type Entry, type EntryHeader, leafOf, readHeader, verifyBody } from './entry.ts'
import { type Hash, type Primitives, plainHash } from './hash.ts'
import { NOTE_MAX, readNote } from './note.ts'
import { verifyInclusion } from './proof.ts'

/** Proof that one entry of the ledger is in one checkpoint of it. */
export interface Receipt {
  readonly entry: Entry
  readonly index: number
  /** Hex, from the leaf's sibling up. */
  readonly proof: readonly string[]
  /** The ledger's, a note with its cosignatures. */
  readonly checkpoint: string
}

const FIRST_LINE = 'c2sp.org/tlog-proof@v1'

/** As C2SP tlog-proof writes it, the entry as its extra data. Throws `ChainError('receipt-form')`. */
export function receiptText({ entry, index, proof, checkpoint }: Receipt): string {
  const { header, salt, body } = entry
  const extra = base64(utf8ToBytes(canonical({ header, salt, body })))
  const lines = proof.map((text) => `${base64(hexToBytes(text))}\n`).join('')
  const text = `${FIRST_LINE}\nextra ${extra}\nindex ${index}\n${lines}\n${checkpoint}`
  readReceipt(text)
  return text
}

/** Reads without believing. Throws `ChainError('receipt-form')`. */
export function readReceipt(text: string): Receipt {
  const end = text.length > NOTE_MAX ? -1 : text.indexOf('\n\n')
  if (end === -1) throw refused('receipt-form', 'This is no receipt')
  const [first, extra = '', second = '', ...lines] = text.slice(0, end).split('\n')
  const index = Number(/^index (0|[1-9]\d{0,15})$/.exec(second)?.[1])
  const proof = lines.map((line) => fromBase64(line))
  if (first !== FIRST_LINE || !Number.isSafeInteger(index) || proof.length > 63)
    throw refused('receipt-form', 'This is no receipt')
  const hashes = proof.map((bytes) => {
    if (bytes?.length !== 32) throw refused('receipt-form', 'A hash of this receipt has another form')
    return bytesToHex(bytes)
  })
  const checkpoint = text.slice(end + 2)
  return { entry: readExtra(extra), index, proof: hashes, checkpoint: formOf(() => checked(checkpoint)) }
}

/** What a receipt must be about. */
export interface ReceiptSubject {
  /** Hex of 16 bytes. */
  readonly deviceId: string
  /** The device's own checkpoint, the note as it was sent. */
  readonly checkpoint: string
}

/** What a receipt proves: this checkpoint of the device is in that checkpoint of the ledger. */
export interface VerifiedReceipt {
  readonly device: Checkpoint
  readonly ledger: VerifiedLedger
  /** Of the ledger entry; its `t` is when the server took the checkpoint. */
  readonly header: EntryHeader
}

/**
 * Throws `ChainError` `receipt-form`, `receipt-signature`, `receipt-subject` or `receipt-proof`, in this order but for
 * the entry's own form, which is looked at before the signatures.
 */
export function verifyReceipt(
  text: string,
  keys: LedgerKeys,
  subject: ReceiptSubject,
  primitives: Primitives = {},
): VerifiedReceipt {
  const { hash = plainHash } = primitives
  const receipt = readReceipt(text)
  const ledger = signedLedger(receipt.checkpoint, keys, primitives)
  const header = formOf(() => {
    const read = readHeader(receipt.entry.header)
    verifyBody(read, receipt.entry, hash)
    return read
  })
  const device = subjectOf(receipt, header, subject)
  const { index, proof } = receipt
  try {
    const leaf = leafOf(receipt.entry.header, hash)
    verifyInclusion({ index, size: ledger.size, leaf, root: ledger.root, proof }, hash)
  } catch (cause) {
    throw refused('receipt-proof', 'This receipt does not prove that the server wrote it down', cause)
  }
  return { device, ledger, header }
}

/** What the journal notes of a receipt: H of its text, hex. */
export function receiptHash(text: string, hash: Hash = plainHash): string {
  return bytesToHex(hash(utf8ToBytes(text)))
}

function readExtra(line: string): Entry {
  const bytes = line.startsWith('extra ') ? fromBase64(line.slice(6)) : undefined
  const text = bytes && textOf(bytes)
  const value = text === undefined ? undefined : parsed(text)
  if (text === undefined || !isEntry(value) || canonicalOrNone(value) !== text)
    throw refused('receipt-form', 'This receipt has no entry of the ledger')
  return value
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null || !('body' in value)) return false
  const { header, salt } = value as Partial<Record<string, unknown>>
  return typeof header === 'string' && typeof salt === 'string' && Object.keys(value).length === 3
}

function subjectOf({ entry, index }: Receipt, header: EntryHeader, subject: ReceiptSubject): Checkpoint {
  const body = entry.body as Partial<Record<string, unknown>> | null
  const device = formOf(() => readCheckpoint(readNote(subject.checkpoint).text))
  const isAbout =
    header.type === 'device.checkpoint' &&
    header.seq === index &&
    body?.deviceId === subject.deviceId &&
    body.note === subject.checkpoint &&
    body.size === device.size &&
    body.root === device.root
  if (!isAbout) throw refused('receipt-subject', 'This receipt is about something else')
  return device
}

function signedLedger(checkpoint: string, keys: LedgerKeys, primitives: Primitives): VerifiedLedger {
  try {
    return verifyLedgerCheckpoint(checkpoint, keys, primitives)
  } catch (cause) {
    throw refused('receipt-signature', 'This receipt is not signed by the server’s log', cause)
  }
}

function checked(checkpoint: string): string {
  readCheckpoint(readNote(checkpoint).text)
  return checkpoint
}

function formOf<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw refused('receipt-form', 'A part of this receipt has another form', cause)
  }
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function canonicalOrNone(value: unknown): string | undefined {
  try {
    return canonical(value)
  } catch {
    return undefined
  }
}

function refused(
  code: 'receipt-form' | 'receipt-signature' | 'receipt-subject' | 'receipt-proof',
  message: string,
  cause?: unknown,
): ChainError {
  return new ChainError(code, message, { cause })
}
