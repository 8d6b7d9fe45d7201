import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { hex, join, sha256, toHex, u64 } from './bytes.ts'
import { seeded } from './fixtures.ts'

/** Entries, tree, notes and receipts as spec/evidence.md says, by its definitions and not by its algorithms. */

export interface Entry {
  readonly header: string
  readonly salt: string
  readonly body: unknown
}

export interface Stamp {
  readonly boot: string
  readonly up: number
  readonly t: string
}

/** As it is: no normalisation. */
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

export const b64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

/** JCS of what these vectors hold: objects, lists, text, whole numbers, true, false, null. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`
}

export const leafOf = (header: string): string => toHex(sha256(text(`\0${header}`)))

/** The next entry after `before`; the salt is made from the number. */
export function entryAfter(before: readonly Entry[], stamp: Stamp, type: string, body: unknown): Entry {
  const last = before.at(-1)
  const salt = Buffer.from(seeded(`salt ${before.length}`, 16)).toString('base64url')
  const bh = toHex(sha256(text(`${salt}.${canonical(body)}`)))
  const prev = last === undefined ? '0'.repeat(64) : leafOf(last.header)
  return { header: canonical({ v: 1, seq: before.length, ...stamp, type, prev, bh }), salt, body }
}

const joined = (left: string, right: string): string => toHex(sha256(join(hex('01'), hex(left), hex(right))))

function split<T>(list: readonly T[]): [number, readonly T[], readonly T[]] {
  let k = 1
  while (k * 2 < list.length) k *= 2
  return [k, list.slice(0, k), list.slice(k)]
}

/** MTH of the document, hex. */
export function root(leaves: readonly string[]): string {
  const [only] = leaves
  if (only === undefined) return toHex(sha256(new Uint8Array()))
  if (leaves.length === 1) return only
  const [, left, right] = split(leaves)
  return joined(root(left), root(right))
}

/** Roots of the perfect subtrees, largest first. */
export function frontier(leaves: readonly string[]): string[] {
  if (leaves.length === 0) return []
  const whole = 2 ** Math.floor(Math.log2(leaves.length))
  return [root(leaves.slice(0, whole)), ...frontier(leaves.slice(whole))]
}

/** PATH of RFC 9162 section 2.1.3.1. */
export function path(index: number, leaves: readonly string[]): string[] {
  if (leaves.length <= 1) return []
  const [k, left, right] = split(leaves)
  return index < k ? [...path(index, left), root(right)] : [...path(index - k, right), root(left)]
}

/** SUBPROOF of RFC 9162 section 2.1.4.1; empty for size 0. */
export function consistency(size: number, leaves: readonly string[], isWhole = true): string[] {
  if (size === 0) return []
  if (size === leaves.length) return isWhole ? [] : [root(leaves)]
  const [k, left, right] = split(leaves)
  return size <= k
    ? [...consistency(size, left, isWhole), root(right)]
    : [...consistency(size - k, right, false), root(left)]
}

export interface NoteKey {
  readonly name: string
  readonly kind: number
  readonly id: Uint8Array
  readonly publicKey: Uint8Array
  readonly sign: (message: Uint8Array) => Uint8Array
}

/** A key with a private half made from `seed`; kind 1 signs, kind 4 cosigns. */
export function noteKey(name: string, seed: string, kind = 1): NoteKey {
  const der = join(hex('302e020100300506032b657004220420'), seeded(`note key ${seed}`))
  const key = createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  const publicKey = new Uint8Array(spki.subarray(-32))
  const id = sha256(join(text(`${name}\n`), Uint8Array.of(kind), publicKey)).slice(0, 4)
  return { name, kind, id, publicKey, sign: (message) => new Uint8Array(sign(null, message, key)) }
}

export const vkey = ({ name, id, kind, publicKey }: NoteKey): string =>
  `${name}+${toHex(id)}+${b64(join(Uint8Array.of(kind), publicKey))}`

export const checkpointText = (origin: string, leaves: readonly string[]): string =>
  `${origin}\n${leaves.length}\n${b64(hex(root(leaves)))}\n`

export const line = (key: NoteKey, signature: Uint8Array): string =>
  `— ${key.name} ${b64(join(key.id, signature))}\n`

/** The text signed by each of these keys. */
export const note = (body: string, ...keys: readonly NoteKey[]): string =>
  `${body}\n${keys.map((key) => line(key, key.sign(text(body)))).join('')}`

/** A witness's line over the text of a note. `time` in seconds. */
export function cosignature(body: string, witness: NoteKey, time: number): string {
  const signature = witness.sign(text(`cosignature/v1\ntime ${time}\n${body}`))
  return line(witness, join(u64(BigInt(time)), signature))
}

/** The receipt for entry `index` of a ledger, under this checkpoint of it. */
export function receipt(ledger: readonly Entry[], index: number, checkpoint: string): string {
  const { header, salt, body } = ledger[index] ?? { header: '', salt: '', body: null }
  const extra = b64(text(canonical({ header, salt, body })))
  const proof = path(
    index,
    ledger.map((entry) => leafOf(entry.header)),
  ).map((hash) => `${b64(hex(hash))}\n`)
  return `c2sp.org/tlog-proof@v1\nextra ${extra}\nindex ${index}\n${proof.join('')}\n${checkpoint}`
}
