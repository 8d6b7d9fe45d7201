import type { Bundle, Device } from './bundle.ts'
import { type Entry, isCount, isHex, type Log, linesOf, readEntry, stopAt, wrongPlace } from './entries.ts'
import type { Report } from './findings.ts'
import {
  type Checkpoint,
  isSigned,
  type Key,
  keyOf,
  readCheckpoint,
  readNote,
  readVkey,
  signersOf,
  Tree,
} from './formats.ts'
import type { Ledger } from './ledger.ts'

/** Step 4 of spec/evidence.md, bundle: the journal and its chain of keys. */

export interface Seals {
  /** Roots of the sizes that somebody made a statement about. */
  readonly roots: Map<number, string>
  /** Size of the last good checkpoint. */
  sealedTo: number
  readonly notes: ReadonlyMap<number, { readonly note: string; readonly checkpoint: Checkpoint }>
}

export function readJournal(bundle: Bundle, journal: Log, ledger: Ledger, report: Report): Seals {
  const { device, file, frontier } = bundle
  const origin = `stint/${device.tenant}/device/${device.deviceId}`
  const notes = readDeviceCheckpoints(file('device-checkpoints.txt'), device.from, report)
  const said = ledger.entries.map(({ body }) => (body?.deviceId === device.deviceId ? body.size : undefined))
  const sizes = new Set([...notes.keys(), ...said])
  const seals: Seals = { roots: new Map(), sealedTo: device.from, notes }
  const tree = new Tree(device.from, frontier)
  const chain = {
    origin,
    key: device.from === 0 ? firstKey(ledger, device, report) : null,
    isOpen: device.from > 0,
    firstSize: 0,
    isCovered: false,
  }
  let prev = device.from === 0 ? '0'.repeat(64) : null
  for (const line of linesOf(file('events.jsonl'))) {
    const read = readEntry(line, 'body header salt')
    const wrong = tree.size === device.until ? 'entry-gap' : wrongPlace(read, tree.size, true, prev)
    if (read === null || wrong !== null) {
      stopAt(journal, 'journal', read === null ? 'entry-form' : (wrong ?? 'entry-gap'), tree.size, report)
      break
    }
    const { entry } = read
    const isKept = entry.type === 'seal.rotate' || entry.type === 'receipt'
    if (!read.isBody || (isKept && entry.body === null))
      report.find('entry-body', 'journal', entry.seq, `of type ${entry.type}`)
    journal.entries.push(entry)
    prev = entry.leaf
    tree.grow(entry.leaf)
    if (sizes.has(tree.size)) seals.roots.set(tree.size, tree.root())
    if (entry.type === 'seal.rotate') checkSeal(entry, chain, seals, report)
  }
  if (!journal.isBroken && tree.size < device.until)
    stopAt(journal, 'journal', 'entry-gap', tree.size, report)
  checkSealsBeside(journal, chain, ledger, device, seals, report)
  return seals
}

interface Chain {
  readonly origin: string
  key: Key | null
  /** No seal was seen yet that could have named the key. */
  isOpen: boolean
  /** In a session's bundle: size of the first checkpoint, whose key nobody here names. */
  firstSize: number
  /** A later checkpoint of the bundle is good, and its tree holds the first. */
  isCovered: boolean
}

function checkSeal({ seq, body }: Entry, chain: Chain, seals: Seals, report: Report): void {
  const size = seq + 1
  const signed = seals.notes.get(size)
  const { key } = chain
  const isFirst = chain.isOpen
  chain.isOpen = false
  if (signed === undefined) report.find('checkpoint-missing', 'journal', size, `the seal is entry ${seq}`)
  else {
    const { note, checkpoint } = signed
    const isRight = checkpoint.root === seals.roots.get(size)
    if (!isRight) report.find('fork', 'journal', size, 'the signed root is not the root of these entries')
    const read = readNote(note)
    const isOwn = checkpoint.origin === chain.origin && read?.lines.length === 1
    const isGood = isOwn && read !== undefined && key !== null && signersOf(read, [key])?.length === 1
    if (!isOwn || (key !== null && !isGood))
      report.find('checkpoint-signature', 'journal', size, 'device-checkpoints.txt')
    else if (key === null && !isFirst) report.skip(`the signature at size ${size}`, 'its key is not known')
    if (isFirst) chain.firstSize = size
    if (isGood && isRight) chain.isCovered = true
    if ((isGood || isFirst) && isRight) seals.sealedTo = size
  }
  const next = typeof body?.next === 'string' ? readVkey(body.next) : undefined
  const isNext = next !== undefined && next.kind === 1 && next.name === chain.origin && next.pub !== key?.pub
  if (!isNext) report.find('checkpoint-signature', 'journal', size, 'the seal names no next key')
  chain.key = isNext ? next : null
}

/** Checkpoints without a seal, and the first one of a session's bundle, which something else must cover. */
function checkSealsBeside(
  journal: Log,
  chain: Chain,
  ledger: Ledger,
  device: Device,
  seals: Seals,
  report: Report,
): void {
  const ends = new Set(journal.entries.flatMap(({ type, seq }) => (type === 'seal.rotate' ? [seq + 1] : [])))
  const end = device.from + journal.entries.length
  for (const size of seals.notes.keys())
    if (!ends.has(size) && (size <= end || !journal.isBroken))
      report.find('checkpoint-missing', 'journal', size, 'no seal stands there')
  if (device.from === 0) return
  report.skip('the chain of keys', `it is seen only from size ${chain.firstSize} on`)
  const isTold = ledger.entries.some(({ type, body }) => {
    const { deviceId, size, root } = (type === 'device.checkpoint' && body) || {}
    return (
      deviceId === device.deviceId &&
      isCount(size) &&
      size >= chain.firstSize &&
      seals.roots.get(size) === root
    )
  })
  if (chain.firstSize > 0 && !chain.isCovered && !isTold)
    report.find(
      'checkpoint-signature',
      'journal',
      chain.firstSize,
      'nothing else covers the first checkpoint',
    )
}

function readDeviceCheckpoints(
  text: string,
  from: number,
  report: Report,
): Map<number, { note: string; checkpoint: Checkpoint }> {
  const lines = linesOf(text)
  const notes = new Map<number, { note: string; checkpoint: Checkpoint }>()
  let last = from
  for (let i = 0; i < lines.length; i += 5) {
    const note = `${lines.slice(i, i + 5).join('\n')}\n`
    const read = readNote(note)
    const checkpoint = read && readCheckpoint(read.text)
    if (checkpoint === undefined) {
      report.find(
        'checkpoint-signature',
        'journal',
        last,
        'what follows in device-checkpoints.txt is no checkpoint',
      )
      break
    }
    const { size, root } = checkpoint
    const twin = notes.get(size)
    if (twin !== undefined && twin.checkpoint.root !== root)
      report.find('fork', 'journal', size, 'two checkpoints of this size have different roots')
    else if (size <= last) report.find('bundle-form', 'bundle', 0, 'device-checkpoints.txt does not rise')
    else notes.set(size, { note, checkpoint })
    last = Math.max(last, size)
  }
  return notes
}

/** vkey_0, which the computer signed for at enrolment. */
function firstKey({ entries }: Ledger, { tenant, deviceId }: Device, report: Report): Key | null {
  const found = entries.filter(({ type, body }) => type === 'device.log-key' && body?.deviceId === deviceId)
  const [{ seq = 0, body = null } = {}, second] = found
  const { dik, tokenId, nD, lsk, sig } = body ?? {}
  const isRead = isHex(dik, 32) && isHex(tokenId, 16) && isHex(nD, 16) && isHex(lsk, 32) && isHex(sig, 64)
  const fields = [
    Buffer.from('stint/v1/log/key'),
    ...[tenant, tokenId, dik, nD, lsk].map((each) => Buffer.from(`${each}`, 'hex')),
  ]
  const message = Buffer.concat(
    fields.flatMap((each) => [Buffer.from([each.length >> 8, each.length & 255]), each]),
  )
  if (isRead && second === undefined && isSigned(dik, message, Buffer.from(sig, 'hex')))
    return keyOf(`stint/${tenant}/device/${deviceId}`, 1, lsk)
  report.find(
    'checkpoint-signature',
    'ledger',
    second?.seq ?? seq,
    'the one device.log-key that names the first key',
  )
  return null
}
