import { type Bundle, type Known, Stop } from './bundle.ts'
import { hashesOf, type Log, linesOf, readEntry, stopAt, wrongPlace } from './entries.ts'
import type { Report } from './findings.ts'
import {
  base64,
  type Checkpoint,
  isConsistent,
  isIncluded,
  type Key,
  readCheckpoint,
  readNote,
  signersOf,
  Tree,
  utf8,
} from './formats.ts'
import type { Seals } from './journal.ts'

/** Steps 3 and 5 of spec/evidence.md, bundle: the ledger and the receipts. */

export interface Ledger extends Log {
  readonly checkpoint: Checkpoint
  readonly checkpointText: string
  /** Of the tree with the size of the auditor's checkpoint, where the whole ledger is here. */
  oldRoot: string | null
}

export function readLedger(bundle: Bundle, logKeys: readonly Key[], known: Known, report: Report): Ledger {
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
    const wrong = wrongPlace(read, expected, device.isWhole, device.isWhole ? prev : null)
    if (read === null || wrong !== null) {
      stopAt(ledger, 'ledger', wrong ?? 'entry-form', expected, report)
      return
    }
    const { entry } = read
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
export function oldCheckpoint(
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

interface ReceiptGround {
  readonly ledger: Ledger
  readonly logKeys: readonly Key[]
  readonly known: Known
  readonly seals: Seals
}

export function checkReceipt(bundle: Bundle, name: string, ground: ReceiptGround, report: Report): void {
  const size = Number(/\d+/.exec(name)?.[0])
  const { ledger, logKeys } = ground
  const found = readReceipt(bundle, bundle.file(name), size, ground)
  if (typeof found === 'string') {
    report.find('receipt-unknown', 'receipt', size, found)
    return
  }
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
