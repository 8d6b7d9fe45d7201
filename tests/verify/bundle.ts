import { createHash } from 'node:crypto'
import { crc32, deflateRawSync } from 'node:zlib'
import {
  appendTo,
  consistencyProof,
  continuationText,
  cosign,
  deviceOrigin,
  type Entry,
  emptyLog,
  grow,
  type HashedNode,
  inclusionProof,
  type LogEnd,
  leafOf,
  ledgerOrigin,
  receiptText,
  rootOf,
  seal,
  signCheckpoint,
  signNote,
  vkeyOf,
  withLines,
} from '@stint/chain'
import canonicalize from 'canonicalize'
import { deviceId, hashOf, signer, tenant } from './keys.ts'
import { type Step, sessionOf } from './story.ts'

export const logKey = signer(ledgerOrigin(tenant), 'server-log')
export const exportKey = signer(`stint/${tenant}/export`, 'server-log')
export const witness = signer('witness.example/w1', 'witness', 'cosignature')
export const stranger = signer('witness.example/w2', 'stranger', 'cosignature')

export const jcs = (value: unknown): string => canonicalize(value) ?? ''
const lines = (list: readonly string[]): string => list.map((line) => `${line}\n`).join('')

const seconds = Date.UTC(2026, 10, 22) / 1000
export const trust = jcs({
  v: 1,
  n: 1,
  tenant,
  iat: seconds,
  keys: [
    {
      kid: 'answer-1',
      alg: 'Ed25519',
      pub: '00'.repeat(32),
      use: 'answer',
      nbf: seconds,
      exp: seconds + 86_400,
    },
    {
      kid: 'server-log-1',
      alg: 'Ed25519',
      pub: Buffer.from(logKey.key.publicKey).toString('hex'),
      use: 'server-log',
      nbf: seconds,
      exp: seconds + 86_400,
    },
  ],
})
export const trustHash = hashOf(trust)
export const witnessVkey = vkeyOf(witness.key)

const fastHash = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()

/** A log with every node of its tree. */
class Logged {
  at: LogEnd = emptyLog
  readonly entries: Entry[] = []
  readonly nodes = new Map<string, string>()
  add(type: string, body: unknown, boot: string, up: number): Entry {
    return this.took(
      appendTo(this.at, { type, body, boot, up, t: stamp(this.at.end.size) }, salt(this.at, type), fastHash),
    )
  }
  took({ entry, at }: { readonly entry: Entry; readonly at: LogEnd }): Entry {
    const { nodes } = grow(this.at.tree, leafOf(entry.header, fastHash), fastHash)
    for (const node of nodes) this.nodes.set(`${node.level} ${node.index}`, node.hash)
    this.at = at
    this.entries.push(entry)
    return entry
  }
  readonly read = ({ level, index }: Pick<HashedNode, 'level' | 'index'>): string =>
    this.nodes.get(`${level} ${index}`) ?? ''
  root(): string {
    return rootOf(this.at.tree, fastHash)
  }
}

const stamp = (n: number): string => new Date((seconds + 8 * 3600 + n) * 1000).toISOString()
const salt = ({ end }: LogEnd, words: string): Uint8Array =>
  Buffer.from(hashOf(end.leaf, words), 'hex').subarray(0, 16)

/** Everything that was written down, before anything is chosen for a bundle. */
export interface History {
  readonly journal: Logged
  readonly ledger: Logged
  readonly checkpoints: Map<number, string>
  readonly receipts: Map<number, { readonly text: string; readonly size: number }>
  /** Frontiers of the journal by size. */
  readonly frontiers: Map<number, readonly string[]>
  /** The ledger's checkpoint when this many entries were in it. */
  readonly ledgerNotes: Map<number, string>
}

const lsk = (i: number): string => `lsk ${i}`

/** Lets a story happen. `signs`: words of the key that signs seal i, where a thief uses another than was named. */
export function happen(steps: readonly Step[], signs = lsk): History {
  const origin = deviceOrigin(tenant, deviceId)
  const history: History = {
    journal: new Logged(),
    ledger: new Logged(),
    checkpoints: new Map(),
    receipts: new Map(),
    frontiers: new Map(),
    ledgerNotes: new Map(),
  }
  const { journal, ledger, checkpoints, frontiers } = history
  let seals = 0
  let newest = 0
  let receipt: string | null = null
  let clock = { boot: 'boot-a', up: 0 }
  const journalAdd = (type: string, body: unknown) => {
    frontiers.set(journal.at.tree.size, journal.at.tree.frontier)
    journal.add(type, body, clock.boot, clock.up)
  }
  const ledgerAdd = (type: string, body: unknown) =>
    ledger.add(type, body, 'server-1', ledger.at.tree.size * 1000)
  for (const step of steps) {
    if (step.kind === 'journal') {
      clock = { boot: step.boot ?? clock.boot, up: step.up ?? clock.up }
      journalAdd(step.type, step.body)
    } else if (step.kind === 'ledger')
      ledgerAdd(step.type, { actor: 'server', subject: 'device:x', ...step.body })
    else if (step.kind === 'seal') {
      frontiers.set(journal.at.tree.size, journal.at.tree.frontier)
      const next = new Uint8Array(signer(origin, lsk(seals + 1)).key.publicKey)
      const time = { ...clock, t: stamp(journal.at.end.size) }
      const made = seal(
        journal.at,
        time,
        { present: signer(origin, signs(seals)), next },
        salt(journal.at, 'seal'),
        fastHash,
      )
      journal.took(made)
      newest = made.at.tree.size
      checkpoints.set(newest, made.checkpoint)
      seals += 1
    } else {
      const length = journal.at.tree.size
      const note = checkpoints.get(newest) ?? ''
      const root = Buffer.from(note.split('\n')[2] ?? '', 'base64').toString('hex')
      const told = {
        deviceId,
        size: newest,
        root,
        note,
        length,
        receipt,
        actor: 'server',
        subject: 'device:x',
        ...step.fact,
      }
      const entry = ledgerAdd('device.checkpoint', told)
      const size = ledger.at.tree.size
      const proof = inclusionProof(size - 1, size, ledger.read, fastHash)
      const text = receiptText({ entry, index: size - 1, proof, checkpoint: ledgerNote(history, true) })
      if (step.isForgotten) continue
      history.receipts.set(newest, { text, size })
      receipt = hashOf(text)
      journalAdd('receipt', { upTo: length, at: stamp(size), hash: receipt })
    }
  }
  ledgerNote(history, true)
  return history
}

export function ledgerNote({ ledger, ledgerNotes }: History, isWitnessed: boolean): string {
  const { size } = ledger.at.tree
  const note = signCheckpoint({ origin: ledgerOrigin(tenant), size, root: ledger.root() }, [logKey])
  ledgerNotes.set(size, note)
  return isWitnessed ? withLines(note, cosign(note, witness, seconds + size)) : note
}

export type Files = Map<string, string>

export interface Choice {
  readonly session?: number
  readonly ledger: 'whole' | 'selected'
}

/** The files of a bundle without its manifest. */
export function filesOf(history: History, { session, ledger: which }: Choice): Files {
  const { journal, ledger, checkpoints, receipts, ledgerNotes } = history
  const { from, until, entries } =
    session === undefined ? wholeJournal(journal) : sessionEntries(journal, session)
  const size = ledger.at.tree.size
  const inRange = [...checkpoints].filter(([at]) => at > from && at <= until)
  const files: Files = new Map()
  files.set('README.txt', 'An evidence bundle. Check it with stint verify.\n')
  files.set('report.html', '<!doctype html>\n')
  files.set('witnesses.txt', `${witnessVkey}\n`)
  files.set('trust.json', `${jcs([trust])}\n`)
  const frontier = history.frontiers.get(from) ?? []
  const about = {
    v: 1,
    kind: session === undefined ? 'device' : 'session',
    tenant,
    deviceId,
    from,
    frontier,
    until,
  }
  const sessionId = session === undefined ? null : sessionOf(session)
  files.set('bundle.json', `${jcs({ ...about, sessionId, ledger: which, madeAt: stamp(0) })}\n`)
  files.set('events.jsonl', lines(entries.map(jcs)))
  files.set('device-checkpoints.txt', inRange.map(([, note]) => note).join(''))
  files.set('ledger.jsonl', lines(ledgerLines(ledger, which)))
  files.set('ledger-checkpoint.txt', ledgerNote(history, true))
  for (const [at, receipt] of receipts) {
    if (at <= from || at > until) continue
    files.set(`receipts/${at}.tlog-proof`, receipt.text)
    const proof = consistencyProof(receipt.size, size, ledger.read, fastHash)
    const checkpoint = ledgerNotes.get(size) ?? ''
    if (receipt.size < size)
      files.set(
        `consistency/${receipt.size}-${size}.txt`,
        continuationText({ oldSize: receipt.size, proof, checkpoint }),
      )
  }
  return files
}

type Shown = { readonly header: string; readonly salt: string | null; readonly body: unknown }
const withheld = ({ header }: Shown): Shown => ({ header, salt: null, body: null })
const typeOf = ({ header }: Shown): string => JSON.parse(header).type

function wholeJournal({ entries }: Logged): { from: number; until: number; entries: Shown[] } {
  return { from: 0, until: entries.length, entries }
}

function sessionEntries({ entries }: Logged, n: number): { from: number; until: number; entries: Shown[] } {
  const bodyOf = (entry: Entry) => entry.body as Record<string, unknown>
  const isIts = (entry: Entry) =>
    bodyOf(entry).sessionId === sessionOf(n) || bodyOf(entry).requestId === `request-${n}`
  const request = entries.findIndex(isIts)
  const end = entries.findIndex((entry) => isIts(entry) && typeOf(entry) === 'session.end')
  const from = Math.max(
    0,
    entries.findLastIndex((entry, i) => i < request && typeOf(entry) === 'seal.rotate'),
  )
  const until = entries.findIndex((entry, i) => i > end && typeOf(entry) === 'seal.rotate') + 1
  const shown = entries.slice(from, until).map((entry) => {
    const isPlain = ['seal.rotate', 'receipt', 'boot'].includes(typeOf(entry))
    return isIts(entry) || isPlain ? entry : withheld(entry)
  })
  return { from, until, entries: shown }
}

function ledgerLines(ledger: Logged, which: Choice['ledger']): string[] {
  const size = ledger.at.tree.size
  return ledger.entries.flatMap((entry, i) => {
    const isOurs = (entry.body as Record<string, unknown>).deviceId === deviceId
    if (which === 'whole') return [jcs({ ...(isOurs ? entry : withheld(entry)), proof: [] })]
    const proof = inclusionProof(i, size, ledger.read, fastHash).map((hex) =>
      Buffer.from(hex, 'hex').toString('base64'),
    )
    return isOurs ? [jcs({ ...entry, proof })] : []
  })
}

/** A zip of the files with a manifest about them. */
export function sealed(files: ReadonlyMap<string, string | Buffer>): Buffer {
  return zipOf(new Map([...files, ['manifest.txt', manifestOf(files)]]))
}

export function manifestOf(files: ReadonlyMap<string, string | Buffer>): string {
  const names = [...files.keys()].filter((name) => name !== 'manifest.txt').sort()
  const sums = names.map((name) => `${hashOf(files.get(name) ?? '')}  ${name}`)
  return signNote(lines([`stint/${tenant}/export`, 'stint evidence bundle v1', ...sums]), [exportKey])
}

export interface ZipPart {
  readonly name: string
  readonly content: Buffer
  readonly method?: 0 | 8
  /** What the header says of the size; the truth when left out. */
  readonly claim?: number
}

export function zipOf(files: ReadonlyMap<string, string | Buffer>): Buffer {
  return zipParts(
    [...files].map(([name, text], i) => ({ name, content: Buffer.from(text), method: i % 2 === 0 ? 0 : 8 })),
  )
}

export function zipParts(parts: readonly ZipPart[]): Buffer {
  const bodies: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, content, method = 0, claim } of parts) {
    const packed = method === 8 ? deflateRawSync(content) : content
    const fields = Buffer.alloc(26)
    fields.writeUInt16LE(20, 0)
    fields.writeUInt16LE(method, 4)
    fields.writeUInt32LE(crc32(content), 10)
    fields.writeUInt32LE(packed.length, 14)
    fields.writeUInt32LE(claim ?? content.length, 18)
    fields.writeUInt16LE(Buffer.byteLength(name), 22)
    const body = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), packed])
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(offset, 10)
    bodies.push(body)
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\0'), fields, tail, Buffer.from(name)]))
    offset += body.length
  }
  const list = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(parts.length, 8)
  end.writeUInt16LE(parts.length, 10)
  end.writeUInt32LE(list.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...bodies, list, end])
}
