import { createHash, createPublicKey, verify } from 'node:crypto'
import { crc32, inflateRawSync } from 'node:zlib'

/** The formats of spec/evidence.md, read without belief: zip, canonical JSON, tree, notes. Written from it alone. */

/** The input cannot be looked at at all. */
export class Broken extends Error {}

export const sha256 = (...parts: (string | Uint8Array)[]): string => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}
const bytesOf = (hex: string): Buffer => Buffer.from(hex, 'hex')

/** Canonical base64 of RFC 4648 section 4; undefined for anything else. */
export function base64(text: string, length?: number): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text && (length ?? bytes.length) === bytes.length ? bytes : undefined
}

/** UTF-8, or undefined. */
export function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

// ---- zip

/** Everything is held in memory: a bundle says at most this of itself, in bytes. */
export const ZIP_LIMIT = 1024 ** 3
const FILES_LIMIT = 100_000

/**
 * Files of a zip by their names. Stored or deflated, every byte inside an entry, no data descriptors, no extra fields,
 * no comments. Throws `Broken`.
 */
export function unzip(zip: Buffer): Map<string, Buffer> {
  const end = zip.length - 22
  if (end < 0 || zip.readUInt32LE(0) !== 0x04034b50) throw new Broken('This is no zip file')
  if (zip.readUInt32LE(end) !== 0x06054b50)
    throw new Broken('This zip file is cut, or has data behind its end')
  const count = zip.readUInt16LE(end + 10)
  let at = zip.readUInt32LE(end + 16)
  if (count > FILES_LIMIT || at + zip.readUInt32LE(end + 12) !== end)
    throw new Broken('The list of files is not where it belongs, or this is a zip of another kind (zip64)')
  const files = new Map<string, Buffer>()
  const directory = at
  let body = 0
  let claimed = 0
  for (let i = 0; i < count; i++) {
    if (at + 46 > end || zip.readUInt32LE(at) !== 0x02014b50) throw new Broken('The list of files is damaged')
    claimed += zip.readUInt32LE(at + 24)
    if (claimed > ZIP_LIMIT)
      throw new Broken(`This zip says that it holds ${claimed} bytes or more; the limit is ${ZIP_LIMIT}`)
    const nameLength = zip.readUInt16LE(at + 28)
    const name = utf8(zip.subarray(at + 46, at + 46 + nameLength))
    if (name === undefined || zip.readUInt32LE(at + 30) !== 0 || zip.readUInt32LE(at + 42) !== body)
      throw new Broken('An entry of this zip has data outside itself')
    if (files.has(name)) throw new Broken(`This zip has two files called ${JSON.stringify(name)}`)
    const { content, next } = readZipEntry(zip, at, body, directory)
    files.set(name, content)
    body = next
    at += 46 + nameLength
  }
  if (at !== end || body !== directory) throw new Broken('This zip has data outside its entries')
  return files
}

function readZipEntry(zip: Buffer, listed: number, at: number, limit: number) {
  const nameLength = zip.readUInt16LE(listed + 28)
  const start = at + 30 + nameLength
  const length = zip.readUInt32LE(listed + 20)
  const size = zip.readUInt32LE(listed + 24)
  if (start + length > limit || zip.readUInt32LE(at) !== 0x04034b50)
    throw new Broken('An entry of this zip is cut')
  // From "version needed" to the lengths of name and extra field both headers hold the same.
  const inBoth = zip.subarray(at + 4, at + 30).equals(zip.subarray(listed + 6, listed + 32))
  const sameName = zip.subarray(at + 30, start).equals(zip.subarray(listed + 46, listed + 46 + nameLength))
  if (!inBoth || !sameName) throw new Broken('An entry of this zip and the list of files differ')
  const flags = zip.readUInt16LE(at + 6) & ~0x0806
  const method = zip.readUInt16LE(at + 8)
  if (flags !== 0 || (method !== 0 && method !== 8))
    throw new Broken('An entry of this zip is encrypted, has no size, or is packed in another way')
  const packed = zip.subarray(start, start + length)
  const content = method === 0 ? packed : inflated(packed, size)
  if (content.length !== size || crc32(content) !== zip.readUInt32LE(at + 14))
    throw new Broken('An entry of this zip is damaged')
  return { content, next: start + length }
}

function inflated(packed: Buffer, size: number): Buffer {
  let result: { buffer: Buffer; engine: { bytesWritten: number } }
  try {
    // With `info` Node gives the engine too, which knows how much of the input it took.
    const options = { maxOutputLength: Math.max(size, 1), info: true }
    result = inflateRawSync(packed, options) as unknown as typeof result
  } catch {
    throw new Broken('An entry of this zip is damaged, or larger than it says')
  }
  if (result.engine.bytesWritten !== packed.length) throw new Broken('This zip has data outside its entries')
  return result.buffer
}

// ---- canonical JSON, with integers only

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [name: string]: Json
}

/** Throws for what has no such form. */
export function canonical(value: Json, depth = 0): string {
  if (depth > 34) throw new Error('nested too deep')
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new Error('not an integer')
  if (typeof value === 'string' && !value.isWellFormed()) throw new Error('ill-formed text')
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map((each) => canonical(each, depth + 1)).join(',')}]`
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, each]) => `${canonical(name)}:${canonical(each, depth + 1)}`).join(',')}}`
}

/** How many objects and lists stand in one another. */
export function nesting(value: Json): number {
  if (value === null || typeof value !== 'object') return 0
  return Object.values(value).reduce((most: number, each) => Math.max(most, nesting(each)), 0) + 1
}

/** The value of a text that is its own canonical form; undefined for any other text. */
export function readCanonical(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text)
    return canonical(value) === text ? value : undefined
  } catch {
    return undefined
  }
}

/** The same for an object with exactly these members. */
export function readObject(text: string, members: string): JsonObject | undefined {
  const value = readCanonical(text)
  if (value === undefined || value === null || typeof value !== 'object' || Array.isArray(value))
    return undefined
  return Object.keys(value).join(' ') === members ? (value as JsonObject) : undefined
}

// ---- tree

const joined = (left: string, right: string): string => sha256(bytesOf(`01${left}${right}`))

/** The frontier of a growing tree; hashes in hex. */
export class Tree {
  size: number
  readonly frontier: string[]
  constructor(size = 0, frontier: readonly string[] = []) {
    this.size = size
    this.frontier = [...frontier]
  }
  grow(leaf: string): void {
    let node = leaf
    for (let bit = this.size; bit % 2 === 1; bit = (bit - 1) / 2)
      node = joined(this.frontier.pop() ?? '', node)
    this.frontier.push(node)
    this.size += 1
  }
  root(): string {
    return this.frontier.length === 0
      ? sha256()
      : this.frontier.reduceRight((right, left) => joined(left, right))
  }
}

export function isIncluded(
  leaf: string,
  index: number,
  size: number,
  root: string,
  proof: readonly string[],
) {
  if (index >= size) return false
  const up = climb(index, size - 1, leaf, proof)
  return up !== undefined && up.right === root
}

export function isConsistent(
  old: { readonly size: number; readonly root: string },
  now: { readonly size: number; readonly root: string },
  proof: readonly string[],
): boolean {
  if (old.size > now.size) return false
  if (old.size === now.size) return proof.length === 0 && old.root === now.root
  if (old.size === 0) return proof.length === 0 && old.root === sha256()
  const isPower = 2 ** Math.round(Math.log2(old.size)) === old.size
  const [first, ...rest] = isPower ? [old.root, ...proof] : proof
  if (first === undefined) return false
  let fn = old.size - 1
  let sn = now.size - 1
  while (fn % 2 === 1) {
    fn = Math.floor(fn / 2)
    sn = Math.floor(sn / 2)
  }
  const up = climb(fn, sn, first, rest)
  return up !== undefined && up.left === old.root && up.right === now.root
}

/** The way up of both proofs: `left` takes only what stands on the left, `right` takes all. */
function climb(fn: number, sn: number, first: string, proof: readonly string[]) {
  let left = first
  let right = first
  const half = () => {
    fn = Math.floor(fn / 2)
    sn = Math.floor(sn / 2)
  }
  for (const other of proof) {
    if (sn === 0) return undefined
    if (fn % 2 === 1 || fn === sn) {
      left = joined(other, left)
      right = joined(other, right)
      while (fn % 2 === 0 && fn !== 0) half()
    } else right = joined(right, other)
    half()
  }
  return sn === 0 ? { left, right } : undefined
}

// ---- keys and notes

export interface Key {
  readonly name: string
  readonly kind: number
  readonly id: string
  /** Hex of 32 bytes. */
  readonly pub: string
}

export function keyOf(name: string, kind: 1 | 4, pub: string): Key {
  const id = sha256(`${name}\n`, Buffer.from([kind]), bytesOf(pub)).slice(0, 8)
  return { name, kind, id, pub }
}

export function readVkey(text: string): Key | undefined {
  const [, name = '', id = '', encoded = ''] = /^([^+]*)\+([0-9a-f]{8})\+(.*)$/s.exec(text) ?? []
  const [kind, ...pub] = base64(encoded, 33) ?? []
  if (!isName(name) || (kind !== 1 && kind !== 4)) return undefined
  const key = keyOf(name, kind, Buffer.from(pub).toString('hex'))
  return key.id === id ? key : undefined
}

const isName = (name: string): boolean => name !== '' && !/[\p{White_Space}+]/u.test(name)

export function isSigned(pub: string, message: string | Uint8Array, signature: Uint8Array): boolean {
  const der = bytesOf(`302a300506032b6570032100${pub}`)
  try {
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
    return signature.length === 64 && verify(null, Buffer.from(message), key, signature)
  } catch {
    return false
  }
}

export interface Note {
  readonly text: string
  readonly lines: readonly { readonly name: string; readonly id: string; readonly bytes: Buffer }[]
}

export function readNote(note: string): Note | undefined {
  const end = note.lastIndexOf('\n\n')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (end < 0 || note.length > 65_536 || !note.endsWith('\n') || /[\0-\x09\x0b-\x1f]/.test(note))
    return undefined
  const lines = note.slice(end + 2, -1).split('\n')
  const read = lines.flatMap((line) => {
    const [dash, name = '', encoded = '', ...more] = line.split(' ')
    const bytes = base64(encoded)
    const fits = dash === '—' && isName(name) && bytes !== undefined && bytes.length > 4 && more.length === 0
    return fits ? [{ name, id: bytes.toString('hex', 0, 4), bytes: bytes.subarray(4) }] : []
  })
  return read.length === lines.length && lines.length <= 32
    ? { text: note.slice(0, end + 1), lines: read }
    : undefined
}

/** Names of the keys that signed; undefined when a line of one of them does not verify, or there are two. */
export function signersOf({ text, lines }: Note, keys: readonly Key[]): string[] | undefined {
  const found = new Set<Key>()
  for (const { name, id, bytes } of lines) {
    const key = keys.find((each) => each.name === name && each.id === id)
    if (key === undefined) continue
    const time = key.kind === 4 && bytes.length === 72 ? bytes.readBigUInt64BE() : 0n
    const message = key.kind === 4 ? `cosignature/v1\ntime ${time}\n${text}` : text
    const isGood = isSigned(key.pub, message, key.kind === 4 ? bytes.subarray(8) : bytes)
    if (!isGood || found.has(key)) return undefined
    found.add(key)
  }
  return [...found].map(({ name }) => name)
}

export interface Checkpoint {
  readonly origin: string
  readonly size: number
  /** Hex. */
  readonly root: string
}

export function readCheckpoint(text: string): Checkpoint | undefined {
  const [origin = '', size = '', root = '', end, ...more] = text.split('\n')
  const bytes = base64(root, 32)
  const fits = /^(0|[1-9]\d{0,15})$/.test(size) && Number.isSafeInteger(Number(size)) && origin !== ''
  if (!fits || bytes === undefined || end !== '' || more.length > 0) return undefined
  return { origin, size: Number(size), root: bytes.toString('hex') }
}
