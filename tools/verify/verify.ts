import { readFileSync, statSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { compare } from './compare.ts'
import { Report } from './findings.ts'
import {
  Broken,
  base64,
  type Checkpoint,
  canonical,
  isConsistent,
  isIncluded,
  isSigned,
  type Json,
  type JsonObject,
  type Key,
  keyOf,
  nesting,
  readCanonical,
  readCheckpoint,
  readNote,
  readObject,
  readVkey,
  sha256,
  signersOf,
  Tree,
  unzip,
  utf8,
  ZIP_LIMIT,
} from './formats.ts'

/**
 * Checks an evidence bundle by spec/evidence.md alone; shares no code with the product.
 *   node tools/verify/verify.ts BUNDLE [--trust-hash HEX] [--witness VKEY]… [--witnesses-wanted N] [--old-checkpoint FILE] [--json]
 * Exit 0: nothing contradicts, 1: findings, 2: wrong usage, 4: the input cannot be read.
 */

/** What the auditor brings. */
export interface Known {
  readonly trustHash: string | null
  readonly witnesses: readonly Key[]
  readonly witnessesWanted: number
  /** A note that the auditor kept. */
  readonly oldCheckpoint: string | null
}

export interface Entry {
  readonly seq: number
  readonly boot: string
  readonly up: number
  readonly t: string
  readonly type: string
  readonly leaf: string
  /** Null: dropped, withheld, or not the one that the header was made of. */
  readonly body: JsonObject | null
}

/** Entries as far as they join, and what follows from them. */
export interface Log {
  readonly entries: Entry[]
  /** It stopped at an entry that does not follow. */
  isBroken: boolean
}

export interface Device {
  readonly tenant: string
  readonly deviceId: string
  readonly sessionId: string | null
  readonly from: number
  readonly until: number
  readonly isWhole: boolean
}

/** Stops the checker: what follows would have no ground. */
class Stop extends Error {}

export function verifyBundle(zip: Buffer, known: Known): Report {
  const report = new Report()
  try {
    checkBundle(unzip(zip), known, report)
  } catch (error) {
    if (!(error instanceof Stop)) throw error
    report.skip('everything else', error.message)
  }
  return report
}

// ---- 1 and 2: the bundle itself, and whom to believe

const NAMES =
  /^(?:README\.txt|manifest\.txt|bundle\.json|events\.jsonl|device-checkpoints\.txt|ledger\.jsonl|ledger-checkpoint\.txt|trust\.json|witnesses\.txt|report\.html|receipts\/(?:0|[1-9]\d{0,15})\.tlog-proof|consistency\/(?:0|[1-9]\d{0,15})-(?:0|[1-9]\d{0,15})\.txt)$/
const NEEDED =
  'README.txt manifest.txt bundle.json events.jsonl device-checkpoints.txt ledger.jsonl ledger-checkpoint.txt trust.json witnesses.txt'

function checkBundle(files: ReadonlyMap<string, Buffer>, known: Known, report: Report): void {
  const bad = (detail: string): never => {
    report.find('bundle-form', 'bundle', 0, detail)
    throw new Stop('the bundle does not hold')
  }
  const texts = new Map<string, string>()
  for (const [name, bytes] of files) {
    const text = utf8(bytes)
    if (!NAMES.test(name) || text === undefined)
      return bad(`a file called ${JSON.stringify(name)}, or its content`)
    if (text !== '' && !text.endsWith('\n')) return bad(`the last line of ${name} has no end`)
    texts.set(name, text)
  }
  const missing = NEEDED.split(' ').find((name) => !texts.has(name))
  if (missing !== undefined) return bad(`${missing} is missing`)
  const file = (name: string): string => texts.get(name) ?? ''
  const device = readDevice(file('bundle.json'))
  if (device === null) return bad('bundle.json')
  const { tenant } = device
  report.about = `stint evidence bundle of device ${device.deviceId}, tenant ${tenant}, entries ${device.from} to ${device.until}`
  const manifest = readNote(file('manifest.txt'))
  const listed = [...files].filter(([name]) => name !== 'manifest.txt')
  const sums = listed.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  const lines = sums.map(([name, bytes]) => `${sha256(bytes)}  ${name}\n`).join('')
  if (manifest?.text !== `stint/${tenant}/export\nstint evidence bundle v1\n${lines}`)
    return bad('the manifest lists other files, or other content')
  const pubs = readTrust(file('trust.json'), latest(file('ledger.jsonl')), tenant, known, report)
  const exportKeys = pubs.map((pub) => keyOf(`stint/${tenant}/export`, 1, pub))
  if (!signersOf(manifest, exportKeys)?.length) return bad('the signature of the manifest')
  const bundle: Bundle = {
    device,
    file,
    names: [...texts.keys()].sort(),
    frontier: frontierOf(file('bundle.json')),
  }
  checkLogs(
    bundle,
    pubs.map((pub) => keyOf(`stint/${tenant}/ledger`, 1, pub)),
    known,
    report,
  )
}

const isCount = (value: Json | undefined): value is number => typeof value === 'number' && value >= 0
const isHex = (value: Json | undefined, bytes: number): value is string =>
  typeof value === 'string' && /^[0-9a-f]*$/.test(value) && value.length === 2 * bytes

function readDevice(text: string): Device | null {
  const members = 'deviceId from frontier kind ledger madeAt sessionId tenant until v'
  const it = readObject(text.slice(0, -1), members)
  if (it === undefined || it.v !== 1) return null
  const { tenant, deviceId, sessionId, from, until, kind, ledger, madeAt } = it
  const isSession = kind === 'session' && typeof sessionId === 'string'
  const isDevice = kind === 'device' && sessionId === null && from === 0
  const hasIds = isHex(tenant, 16) && isHex(deviceId, 16) && typeof madeAt === 'string'
  const hasRange = isCount(from) && isCount(until) && from <= until
  if (!(isSession || isDevice) || !hasIds || !hasRange || (ledger !== 'whole' && ledger !== 'selected'))
    return null
  const bits = BigInt(from).toString(2).replaceAll('0', '').length
  if (frontierOf(text).length !== bits) return null
  return {
    tenant,
    deviceId,
    sessionId: isSession ? sessionId : null,
    from,
    until,
    isWhole: ledger === 'whole',
  }
}

/** Empty for what is no list of hashes: that belongs to no other size than 0. */
function frontierOf(text: string): readonly string[] {
  const found = (readCanonical(text.slice(0, -1)) as JsonObject).frontier
  return Array.isArray(found) && found.every((each) => isHex(each, 32)) ? found : []
}

/** The largest `t` of a ledger in seconds since 1970. */
function latest(ledger: string): number {
  const times = ledger
    .split('\n')
    .flatMap((line) => /\\"t\\":\\"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d{3}Z\\"/.exec(line)?.[1] ?? [])
  return Math.floor(Date.parse(`${times.sort().at(-1)}Z`) / 1000)
}

/** Public keys of the server's log. */
function readTrust(text: string, at: number, tenant: string, known: Known, report: Report): string[] {
  const list = readCanonical(text.slice(0, -1))
  const [first, ...more] = Array.isArray(list) ? list : []
  const trust = typeof first === 'string' ? readObject(first, 'iat keys n tenant v') : undefined
  const isKnown = typeof first === 'string' && (known.trustHash === null || sha256(first) === known.trustHash)
  if (
    trust?.v !== 1 ||
    trust.tenant !== tenant ||
    !Array.isArray(trust.keys) ||
    more.length > 0 ||
    !isKnown
  ) {
    report.find(
      'bundle-trust',
      'bundle',
      0,
      `H of the first text is ${typeof first === 'string' ? sha256(first) : 'none'}`,
    )
    throw new Stop('the keys are not known')
  }
  if (known.trustHash === null)
    report.skip('trust', 'no --trust-hash was given, so the keys are only what this bundle says of itself')
  return (trust.keys as JsonObject[]).flatMap(({ use, pub, nbf, exp }) => {
    const isInForce = isCount(nbf) && isCount(exp) && nbf <= at && at <= exp
    return use === 'server-log' && isHex(pub, 32) && isInForce ? [pub] : []
  })
}

// ---- 3 to 5: the two logs

interface Bundle {
  readonly device: Device
  readonly file: (name: string) => string
  readonly names: readonly string[]
  readonly frontier: readonly string[]
}

interface Ledger extends Log {
  readonly checkpoint: Checkpoint
  readonly checkpointText: string
  /** Of the tree with the size of the auditor's checkpoint, where the whole ledger is here. */
  oldRoot: string | null
}

export interface Seals {
  /** Roots of the sizes that somebody made a statement about. */
  readonly roots: Map<number, string>
  /** Size of the last good checkpoint. */
  sealedTo: number
  readonly notes: ReadonlyMap<number, { readonly note: string; readonly checkpoint: Checkpoint }>
}

function checkLogs(bundle: Bundle, logKeys: readonly Key[], known: Known, report: Report): void {
  const { device } = bundle
  const ledger = readLedger(bundle, logKeys, known, report)
  const journal: Log = { entries: [], isBroken: false }
  const seals = readJournal(bundle, journal, ledger, report)
  const receipts = bundle.names.filter((name) => name.startsWith('receipts/'))
  const hashes = new Set(receipts.map((name) => sha256(bundle.file(name))))
  for (const name of receipts) checkReceipt(bundle, name, { ledger, logKeys, known, seals }, report)
  compare({ device, journal, ledger, seals, receipts: hashes }, report)
}

function readLedger(bundle: Bundle, logKeys: readonly Key[], known: Known, report: Report): Ledger {
  const note = readNote(bundle.file('ledger-checkpoint.txt'))
  const checkpoint = note && readCheckpoint(note.text)
  const size = checkpoint?.size ?? 0
  const signers = note && signersOf(note, [...logKeys, ...known.witnesses])
  const origin = `stint/${bundle.device.tenant}/ledger`
  if (checkpoint?.origin !== origin || !signers?.includes(origin))
    report.find('checkpoint-signature', 'ledger', size, 'ledger-checkpoint.txt')
  const cosigners = new Set(signers?.filter((name) => name !== origin))
  if (signers !== undefined && cosigners.size < known.witnessesWanted)
    report.find('witness-missing', 'ledger', size, `${cosigners.size} of ${known.witnessesWanted} witnesses`)
  if (known.witnessesWanted === 0)
    report.skip('witnesses', 'none was named, so nothing shows that the server keeps one ledger only')
  if (checkpoint === undefined) throw new Stop('there is no ledger checkpoint')
  const ledger: Ledger = {
    entries: [],
    isBroken: false,
    checkpoint,
    checkpointText: note?.text ?? '',
    oldRoot: null,
  }
  const old = oldCheckpoint(known, logKeys, report)
  readLedgerEntries(bundle, ledger, old?.size ?? null, report)
  if (old !== null) checkOld(bundle, ledger, old, logKeys, report)
  return ledger
}

function readLedgerEntries(
  { device, file }: Bundle,
  ledger: Ledger,
  oldSize: number | null,
  report: Report,
): void {
  const { checkpoint } = ledger
  const tree = new Tree()
  let prev = '0'.repeat(64)
  for (const line of linesOf(file('ledger.jsonl'))) {
    const expected = (ledger.entries.at(-1)?.seq ?? -1) + 1
    const read = readEntry(line, 'body header proof salt')
    if (read === null) return stopAt(ledger, 'ledger', 'entry-form', expected, report)
    const { entry } = read
    if (device.isWhole ? entry.seq !== expected : entry.seq < expected)
      return stopAt(ledger, 'ledger', 'entry-gap', expected, report)
    if (device.isWhole && read.prev !== prev) return stopAt(ledger, 'ledger', 'entry-join', entry.seq, report)
    if (!read.isBody) report.find('entry-body', 'ledger', entry.seq, `of type ${entry.type}`)
    const proof = hashesOf(read.proof)
    const isProven = device.isWhole
      ? proof?.length === 0
      : proof !== null && isIncluded(entry.leaf, entry.seq, checkpoint.size, checkpoint.root, proof)
    if (!isProven) report.find('ledger-proof', 'ledger', entry.seq, `of type ${entry.type}`)
    ledger.entries.push(isProven ? entry : { ...entry, body: null })
    prev = entry.leaf
    tree.grow(entry.leaf)
    if (tree.size === oldSize) ledger.oldRoot = tree.root()
  }
  if (device.isWhole && (tree.size !== checkpoint.size || tree.root() !== checkpoint.root))
    report.find('ledger-proof', 'ledger', checkpoint.size, `${tree.size} entries are here`)
  if (!device.isWhole) ledger.oldRoot = null
}

/** What the auditor kept; null, said, where it is none of this ledger. */
function oldCheckpoint(
  { oldCheckpoint: text }: Known,
  logKeys: readonly Key[],
  report: Report,
): Checkpoint | null {
  if (text === null) return null
  const note = readNote(text)
  const checkpoint = note && readCheckpoint(note.text)
  if (note !== undefined && checkpoint !== undefined && signersOf(note, logKeys)?.length) return checkpoint
  report.find('checkpoint-signature', 'ledger', checkpoint?.size ?? 0, 'the checkpoint that you brought')
  return null
}

function checkOld(
  bundle: Bundle,
  ledger: Ledger,
  old: Checkpoint,
  logKeys: readonly Key[],
  report: Report,
): void {
  const { checkpoint } = ledger
  const name = `consistency/${old.size}-${checkpoint.size}.txt`
  const differs = () =>
    report.find('fork', 'ledger', old.size, 'the checkpoint that you brought is of another ledger')
  if (old.size > checkpoint.size) report.skip('your checkpoint', 'it is newer than this bundle')
  else if (ledger.oldRoot !== null) ledger.oldRoot === old.root || differs()
  else if (old.size === checkpoint.size) old.root === checkpoint.root || differs()
  else if (bundle.names.includes(name)) checkContinues(bundle, name, ledger, old, logKeys, report)
  else report.skip('your checkpoint', `the bundle has no ${name}; ask for one`)
}

/** One file of `consistency/`. */
function checkContinues(
  bundle: Bundle,
  name: string,
  { checkpoint, checkpointText }: Ledger,
  old: Checkpoint,
  logKeys: readonly Key[],
  report: Report,
): void {
  const text = bundle.file(name)
  const end = text.indexOf('\n\n')
  const [first, ...lines] = text.slice(0, end).split('\n')
  const proof = hashesOf(lines)
  const note = readNote(text.slice(end + 2))
  if (note === undefined || !signersOf(note, logKeys)?.length)
    report.find('checkpoint-signature', 'ledger', checkpoint.size, name)
  const isSame = note?.text === checkpointText && first === `old ${old.size}`
  if (!isSame || proof === null || !isConsistent(old, checkpoint, proof))
    report.find('fork', 'ledger', old.size, name)
}

function readJournal(bundle: Bundle, journal: Log, ledger: Ledger, report: Report): Seals {
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
    if (read === null || tree.size === device.until) {
      stopAt(journal, 'journal', read === null ? 'entry-form' : 'entry-gap', tree.size, report)
      break
    }
    const { entry } = read
    const isNext = entry.seq === tree.size
    if (!isNext || (prev !== null && read.prev !== prev)) {
      stopAt(journal, 'journal', isNext ? 'entry-join' : 'entry-gap', tree.size, report)
      break
    }
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

interface ReceiptGround {
  readonly ledger: Ledger
  readonly logKeys: readonly Key[]
  readonly known: Known
  readonly seals: Seals
}

function checkReceipt(bundle: Bundle, name: string, ground: ReceiptGround, report: Report): void {
  const size = Number(/\d+/.exec(name)?.[0])
  const { ledger, logKeys } = ground
  const found = readReceipt(bundle, bundle.file(name), size, ground)
  if (typeof found === 'string') return report.find('receipt-unknown', 'receipt', size, found)
  const { checkpoint } = ledger
  const consistency = `consistency/${found.size}-${checkpoint.size}.txt`
  if (found.size > checkpoint.size) report.find('rolled-back', 'ledger', found.size, name)
  else if (found.size === checkpoint.size)
    found.root === checkpoint.root || report.find('fork', 'ledger', found.size, name)
  else if (bundle.names.includes(consistency))
    checkContinues(bundle, consistency, ledger, found, logKeys, report)
  else report.find('bundle-form', 'bundle', 0, `${consistency} is missing`)
}

/** The ledger checkpoint of a receipt, or the word for what is wrong with it. */
function readReceipt(
  bundle: Bundle,
  text: string,
  wanted: number,
  ground: ReceiptGround,
): Checkpoint | string {
  const { device } = bundle
  const end = text.indexOf('\n\n')
  const [first, extra = '', index = '', ...lines] = text.slice(0, end).split('\n')
  const proof = hashesOf(lines)
  const entryText = extra.startsWith('extra ')
    ? utf8(base64(extra.slice(6)) ?? Buffer.from([255]))
    : undefined
  const number = /^index (0|[1-9]\d{0,15})$/.exec(index)?.[1]
  const note = readNote(text.slice(end + 2))
  if (
    text.length > 65_536 ||
    first !== 'c2sp.org/tlog-proof@v1' ||
    proof === null ||
    note === undefined ||
    number === undefined
  )
    return 'receipt-form'
  const checkpoint = readCheckpoint(note.text)
  const origin = `stint/${device.tenant}/ledger`
  if (
    checkpoint?.origin !== origin ||
    !signersOf(note, [...ground.logKeys, ...ground.known.witnesses])?.includes(origin)
  )
    return 'receipt-signature'
  const read = readEntry(entryText ?? '', 'body header salt')
  if (read === null || !read.isBody || read.entry.body === null) return 'receipt-form'
  const { seq, type, body, leaf } = read.entry
  const own = typeof body.note === 'string' ? readCheckpoint(readNote(body.note)?.text ?? '') : undefined
  const isNoteMeant = wanted <= device.from || ground.seals.notes.get(wanted)?.note === body.note
  const isMeant = seq === Number(number) && type === 'device.checkpoint' && body.deviceId === device.deviceId
  if (!isMeant || !isNoteMeant || own?.size !== wanted || body.size !== wanted || body.root !== own.root)
    return 'receipt-subject'
  return isIncluded(leaf, seq, checkpoint.size, checkpoint.root, proof) ? checkpoint : 'receipt-proof'
}

// ---- entries

const HEADER = 'bh boot prev seq t type up v'
const linesOf = (text: string): string[] => (text === '' ? [] : text.slice(0, -1).split('\n'))

function stopAt(
  log: Log,
  name: 'journal' | 'ledger',
  word: 'entry-form' | 'entry-gap' | 'entry-join',
  number: number,
  report: Report,
): void {
  log.isBroken = true
  report.find(word, name, number, 'here it breaks')
  report.skip(`everything in the ${name} from entry ${number} on`, 'it does not join what is before it')
}

/** 0 to 63 hashes in base64, as hex; null for anything else. */
function hashesOf(list: Json | undefined): string[] | null {
  if (!Array.isArray(list) || list.length > 63) return null
  const found = list.flatMap((each) =>
    typeof each === 'string' ? (base64(each, 32)?.toString('hex') ?? []) : [],
  )
  return found.length === list.length ? found : null
}

/** One line; null when its form is wrong. `isBody`: dropped, or the one that the header was made of. */
function readEntry(line: string, members: string) {
  const { header, salt = null, body = null, proof } = readObject(line, members) ?? {}
  const read = typeof header === 'string' && header.length <= 1000 ? readObject(header, HEADER) : undefined
  if (typeof header !== 'string' || read === undefined) return null
  const { v, seq, boot, up, t, type, prev, bh } = read
  const isForm = (value: Json | undefined, form: RegExp): value is string =>
    typeof value === 'string' && form.test(value)
  const hasTime =
    isForm(t, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) && isForm(boot, /^[A-Za-z0-9-]{1,64}$/)
  if (v !== 1 || !isCount(seq) || !isCount(up) || !hasTime || !isForm(type, /^[a-z.-]{1,64}$/)) return null
  if (!isHex(prev, 32) || !isHex(bh, 32)) return null
  const isDropped = salt === null && body === null
  const isSalt = isForm(salt, /^[A-Za-z0-9_-]{21}[AQgw]$/)
  const isBody = isDropped || (isSalt && nesting(body) <= 32 && sha256(`${salt}.${canonical(body)}`) === bh)
  const isObject = isBody && body !== null && typeof body === 'object' && !Array.isArray(body)
  const entry: Entry = {
    seq,
    boot,
    up,
    t,
    type,
    leaf: sha256(`\0${header}`),
    body: isObject ? (body as JsonObject) : null,
  }
  return { entry, prev, isBody, proof }
}

// ---- command line

const USAGE =
  'usage: verify BUNDLE [--trust-hash HEX] [--witness VKEY]… [--witnesses-wanted N] [--old-checkpoint FILE] [--json]'

function readCommand(args: string[]) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      'trust-hash': { type: 'string' },
      witness: { type: 'string', multiple: true, default: [] },
      'witnesses-wanted': { type: 'string' },
      'old-checkpoint': { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const [path, ...more] = positionals
  const witnesses = values.witness.map(readVkey).filter((key) => key?.kind === 4) as Key[]
  const names = new Set(witnesses.map(({ name }) => name)).size
  const wanted = values['witnesses-wanted'] ?? String(names)
  const trustHash = values['trust-hash']?.toLowerCase() ?? null
  if (path === undefined || more.length > 0) throw new Error('Name one bundle.')
  if (witnesses.length < values.witness.length)
    throw new Error('A --witness is no vkey of a witness (kind 0x04).')
  if (!/^\d{1,3}$/.test(wanted) || Number(wanted) > names)
    throw new Error('Name as many different witnesses as you want.')
  if (trustHash !== null && !isHex(trustHash, 32)) throw new Error('The --trust-hash has 64 hex digits.')
  return {
    path,
    trustHash,
    witnesses,
    witnessesWanted: Number(wanted),
    old: values['old-checkpoint'],
    json: values.json,
  }
}

function readInput(path: string, limit: number): Buffer {
  try {
    if (statSync(path).size <= limit) return readFileSync(path)
  } catch (error) {
    throw new Broken(`${path} cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
  throw new Broken(`${path} is larger than ${limit} bytes`)
}

function main(args: string[]): number {
  let command: ReturnType<typeof readCommand>
  try {
    command = readCommand(args)
  } catch (error) {
    process.stderr.write(`verify: ${(error as Error).message}\n${USAGE}\n`)
    return 2
  }
  try {
    const { path, old, json, ...known } = command
    const oldCheckpoint = old === undefined ? null : readInput(old, 65_536).toString('utf8')
    const report = verifyBundle(readInput(path, ZIP_LIMIT), { ...known, oldCheckpoint })
    process.stdout.write(json ? report.json() : report.text())
    return report.findings.length === 0 ? 0 : 1
  } catch (error) {
    if (!(error instanceof Broken)) throw error
    process.stderr.write(`verify: ${error.message}\n`)
    return 4
  }
}

if (import.meta.main) process.exitCode = main(process.argv.slice(2))
