import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { base64, fromBase64 } from './base64.ts'
import { ChainError } from './chain-error.ts'
import { type Primitives, plainVerify } from './hash.ts'
import { isKeyName, type Signer, type VerifierKey } from './key.ts'

export const NOTE_MAX = 65_536
export const NOTE_SIGNATURES_MAX = 32

/** A signed note (C2SP signed-note), read but not verified. */
export interface Note {
  /** Ends in a line feed. */
  readonly text: string
  /** One or more, as they stand. */
  readonly signatures: readonly NoteSignature[]
}

export interface NoteSignature {
  readonly name: string
  /** Hex of 4 bytes. */
  readonly id: string
  readonly bytes: Uint8Array
}

/** A line that verifies. */
export interface VerifiedLine {
  readonly key: VerifierKey
  /** Seconds since 1970 of a cosignature, null of a signature. */
  readonly time: number | null
}

/** Throws `ChainError('note')` for anything but the form of a note. */
export function readNote(note: string): Note {
  const end = note.lastIndexOf('\n\n')
  if (note.length > NOTE_MAX || end === -1 || !note.endsWith('\n') || !isNoteText(note)) throw malformed()
  const lines = note.slice(end + 2, -1).split('\n')
  if (lines.length > NOTE_SIGNATURES_MAX) throw malformed()
  return { text: note.slice(0, end + 1), signatures: lines.map(readSignature) }
}

/** `text` ends in a line feed. Throws `ChainError('note')` for a text that no note may have. */
export function signNote(text: string, signers: readonly [Signer, ...Signer[]]): string {
  if (!text.endsWith('\n')) throw malformed()
  const lines = signers.map(({ key, sign }) => signatureLine(key, sign(utf8ToBytes(text))))
  const note = `${text}\n${lines.join('')}`
  readNote(note)
  return note
}

/** `— <name> base64(id ‖ signature)` and a line feed. */
export function signatureLine(key: VerifierKey, signature: Uint8Array): string {
  return `— ${key.name} ${base64(concatBytes(hexToBytes(key.id), signature))}\n`
}

/**
 * The lines of these keys, each verified; lines of others are left out, so the list may be empty.
 * Throws `ChainError('signature')` when a line of one of the keys does not verify, or one key has two.
 */
export function verifyLines(
  note: Note,
  keys: readonly VerifierKey[],
  { verify = plainVerify }: Primitives = {},
): VerifiedLine[] {
  const found: VerifiedLine[] = []
  for (const line of note.signatures) {
    const key = keys.find(({ name, id }) => name === line.name && id === line.id)
    if (key === undefined) continue
    if (found.some((other) => other.key === key))
      throw new ChainError('signature', `${key.name} has signed twice`)
    const { time, message, signature } = signedBy(key, note.text, line.bytes)
    if (signature.length !== 64 || !verify(key.publicKey, message, signature))
      throw new ChainError('signature', `The signature of ${key.name} does not verify`)
    found.push({ key, time })
  }
  return found
}

/** What a witness signs: the text with the time (seconds since 1970) before it. */
export function cosignedMessage(text: string, time: number): Uint8Array {
  return utf8ToBytes(`cosignature/v1\ntime ${time}\n${text}`)
}

function signedBy(
  key: VerifierKey,
  text: string,
  bytes: Uint8Array,
): { time: number | null; message: Uint8Array; signature: Uint8Array } {
  if (key.kind === 'signature') return { time: null, message: utf8ToBytes(text), signature: bytes }
  const time = bytes.length < 8 ? Number.NaN : Number(BigInt(`0x${bytesToHex(bytes.subarray(0, 8))}`))
  if (!Number.isSafeInteger(time))
    throw new ChainError('signature', `The cosignature of ${key.name} has no time`)
  return { time, message: cosignedMessage(text, time), signature: bytes.subarray(8) }
}

function readSignature(line: string): NoteSignature {
  const [dash, name = '', encoded = '', ...more] = line.split(' ')
  const bytes = fromBase64(encoded)
  if (dash !== '—' || !isKeyName(name) || bytes === undefined || bytes.length < 5 || more.length > 0)
    throw malformed()
  return { name, id: bytesToHex(bytes.subarray(0, 4)), bytes: bytes.subarray(4) }
}

function isNoteText(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 0x20 && text[i] !== '\n') return false
  return text.isWellFormed()
}

const malformed = (): ChainError => new ChainError('note', 'This is no signed note')
