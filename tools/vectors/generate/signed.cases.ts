import { hex, sha256, toHex } from './bytes.ts'
import { seeded, type VectorCase, type VectorFile } from './fixtures.ts'
import { chain, deviceId, deviceOrigin, leaves, ledgerOrigin, stamp, tenant } from './log.cases.ts'
import * as log from './log.ts'

const serverKey = log.noteKey(ledgerOrigin, 'server-log 1')
const nextServerKey = log.noteKey(ledgerOrigin, 'server-log 2')
const witnessKey = log.noteKey('witness.example/w1', 'witness 1', 4)
const otherWitness = log.noteKey('witness.example/w2', 'witness 2', 4)

export function notesFile(): VectorFile {
  const text = log.checkpointText(ledgerOrigin, leaves(13))
  const plain = log.note(text, serverKey)
  const seen = plain + log.cosignature(text, witnessKey, 1_793_000_000)
  const keys = {
    origin: ledgerOrigin,
    logKeys: [log.vkey(serverKey)],
    witnessKeys: [log.vkey(witnessKey), log.vkey(otherWitness)],
  }
  const is = { size: 13, root: log.root(leaves(13)) }
  const note = (id: string, why: string, given: object, out: object): VectorCase => ({
    ...{ id: `note-${id}`, why },
    in: { ...keys, witnesses: 0, ...given },
    out,
  })
  const no = (id: string, why: string, given: object) =>
    note(id, why, given, { refused: 'checkpoint-signature' })
  const lines = (...of: readonly string[]) => of.join('\n')
  const rootText = log.b64(hex(is.root))
  const stale = log.cosignature(log.checkpointText(ledgerOrigin, leaves(12)), witnessKey, 1_793_000_000)
  return {
    name: 'notes.json',
    note: 'verifier keys and checkpoints of a ledger. See spec/evidence.md, notes and keys',
    vectors: [
      ...[serverKey, witnessKey, log.noteKey('a/ä', 'plus 3')].map((key, i) => ({
        id: `vkey-${i + 1}`,
        why: 'name, kind and public key in one text',
        in: { name: key.name, keyKind: key.kind, publicKey: toHex(key.publicKey) },
        out: { vkey: log.vkey(key) },
      })),
      note('plain', 'one signature', { note: plain }, { ...is, times: [] }),
      note(
        'cosigned',
        'a witness has seen it',
        { note: seen, witnesses: 1 },
        { ...is, times: [1_793_000_000] },
      ),
      note(
        'two-keys',
        'the line of a key that is not known is ignored',
        { note: log.note(text, nextServerKey, serverKey) },
        { ...is, times: [] },
      ),
      no('other-key', 'signed by another key of the same name', { note: log.note(text, nextServerKey) }),
      no('other-log', 'the checkpoint of another log', {
        note: log.note(log.checkpointText(deviceOrigin, leaves(13)), serverKey),
      }),
      no('twice', 'one key has two lines', { note: log.note(text, serverKey, serverKey) }),
      no('bad-line', 'a line of a known key does not verify', {
        note: plain + log.line(nextServerKey, serverKey.sign(new TextEncoder().encode(text))),
        logKeys: [log.vkey(serverKey), log.vkey(nextServerKey)],
      }),
      no('extension', 'a fourth line', { note: log.note(`${text}extension\n`, serverKey) }),
      no('size', 'a size with a leading zero', {
        note: log.note(lines(ledgerOrigin, '013', rootText, ''), serverKey),
      }),
      no('root', 'a root without padding', {
        note: log.note(lines(ledgerOrigin, '13', rootText.replace('=', ''), ''), serverKey),
      }),
      no('carriage-return', 'another end of line', { note: plain.replace('13\n', '13\r\n') }),
      no('no-end', 'the last line feed is missing', { note: plain.slice(0, -1) }),
      no('other-size', 'the size was changed after signing', { note: plain.replace('\n13\n', '\n14\n') }),
      no('too-few', 'fewer witnesses than are wanted', { note: seen, witnesses: 2 }),
      no('same-witness', 'a witness counts once', {
        note: seen + log.cosignature(text, witnessKey, 1_793_000_001),
        witnesses: 2,
      }),
      no('stale', 'a cosignature over another checkpoint', { note: plain + stale, witnesses: 1 }),
      no('kind', 'a witness’s key does not sign for the log', {
        note: log.note(text, log.noteKey(ledgerOrigin, 'witness 1', 4)),
        logKeys: [log.vkey(log.noteKey(ledgerOrigin, 'witness 1', 4))],
      }),
    ],
  }
}

const lsk = (i: number): log.NoteKey => log.noteKey(deviceOrigin, `LSK ${i}`)

interface Journal {
  readonly entries: log.Entry[]
  readonly checkpoints: string[]
}

/** A journal with a seal after each number of facts; `signs` says which key signs checkpoint i. */
function journal(runs: readonly number[], signs: (i: number) => log.NoteKey = lsk): Journal {
  const entries: log.Entry[] = []
  const checkpoints: string[] = []
  for (const [i, run] of runs.entries()) {
    for (let n = 0; n < run; n++)
      entries.push(log.entryAfter(entries, stamp(entries.length), 'policy.applied', { serial: n }))
    entries.push(
      log.entryAfter(entries, stamp(entries.length), 'seal.rotate', { next: log.vkey(lsk(i + 1)) }),
    )
    const text = log.checkpointText(
      deviceOrigin,
      entries.map(({ header }) => log.leafOf(header)),
    )
    checkpoints.push(log.note(text, signs(i)))
  }
  return { entries, checkpoints }
}

export function sealsFile(): VectorFile {
  const made = journal([2, 0, 3, 1])
  const rewritten = journal([2, 0, 3, 1])
  const edited: log.Entry[] = []
  for (const { header, body } of made.entries) {
    const { type } = JSON.parse(header) as { type: string }
    const other = edited.length === 1 ? { serial: 99 } : body
    edited.push(log.entryAfter(edited, stamp(edited.length), type, other))
  }
  const first = log.vkey(lsk(0))
  const case_ = (id: string, why: string, given: object, out: object): VectorCase => ({
    ...{ id: `seal-${id}`, why },
    in: { ...made, vkey: first, ...given },
    out,
  })
  const no = (id: string, why: string, given: object, word: string) =>
    case_(id, why, given, { refused: word })
  const [one = '', two = '', ...rest] = made.checkpoints
  const ids = {
    tenant,
    tokenId: toHex(seeded('tokenId', 16)),
    dik: toHex(seeded('dik')),
    nD: toHex(seeded('nD', 16)),
    lsk: toHex(lsk(0).publicKey),
  }
  const field = (text: string) => (text.length / 2).toString(16).padStart(4, '0') + text
  const label = Buffer.from('stint/v1/log/key').toString('hex')
  return {
    name: 'seals.json',
    note: 'journals with their checkpoints and vkey_0. See spec/evidence.md, sealing',
    vectors: [
      case_('chain', 'four seals, four keys', {}, { size: 10, next: log.vkey(lsk(4)) }),
      case_(
        'none',
        'a journal that was never sealed',
        { entries: made.entries.slice(0, 2), checkpoints: [] },
        { size: 2, next: first },
      ),
      no('rewritten', 'an entry was changed and all later ones made anew', { entries: edited }, 'fork'),
      no(
        'stolen-key',
        'everything made anew with the last key',
        { ...rewritten, ...journal([2, 0, 3, 1], () => lsk(3)) },
        'checkpoint-signature',
      ),
      no(
        'old-key',
        'a key signs twice',
        journal([2, 0, 3, 1], (i) => lsk(i === 1 ? 0 : i)),
        'checkpoint-signature',
      ),
      no(
        'exchanged',
        'two checkpoints are exchanged',
        { checkpoints: [two, one, ...rest] },
        'checkpoint-signature',
      ),
      no('missing', 'a checkpoint is missing', { checkpoints: [one, two] }, 'checkpoint-missing'),
      no(
        'too-many',
        'a checkpoint without its seal',
        { entries: made.entries.slice(0, 4) },
        'checkpoint-missing',
      ),
      no('other-vkey', 'another first key', { vkey: log.vkey(lsk(9)) }, 'checkpoint-signature'),
      {
        ...{ id: 'first-key', why: 'what DIK signs to name LSK_0' },
        in: ids,
        out: { message: [label, ids.tenant, ids.tokenId, ids.dik, ids.nD, ids.lsk].map(field).join('') },
      },
    ],
  }
}

export function receiptsFile(): VectorFile {
  const own = journal([2])
  const [checkpoint = ''] = own.checkpoints
  const ownLeaves = own.entries.map(({ header }) => log.leafOf(header))
  const fact = {
    ...{ actor: 'server', subject: `device:${deviceId}`, deviceId, size: 3, root: log.root(ownLeaves) },
    ...{ note: checkpoint, length: 3, receipt: null },
  }
  const ledger = (type: string, body: unknown) =>
    chain(
      ...Array.from({ length: 13 }, (_, i): readonly [string, unknown] =>
        i === 6 ? [type, body] : ['person.signed-in', { actor: `person:${i}`, subject: `person:${i}` }],
      ),
    )
  const entries = ledger('device.checkpoint', fact)
  const text = log.checkpointText(
    ledgerOrigin,
    entries.map(({ header }) => log.leafOf(header)),
  )
  const signed = log.note(text, serverKey) + log.cosignature(text, witnessKey, 1_793_000_010)
  const receipt = log.receipt(entries, 6, signed)
  const keys = {
    origin: ledgerOrigin,
    logKeys: [log.vkey(serverKey)],
    witnessKeys: [log.vkey(witnessKey)],
    witnesses: 1,
  }
  const no = (id: string, why: string, given: object, word: string): VectorCase => ({
    ...{ id: `receipt-${id}`, why },
    in: { receipt, checkpoint, deviceId, ...keys, ...given },
    out: { refused: word },
  })
  const about = (type: string, body: unknown) => {
    const other = ledger(type, body)
    const otherText = log.checkpointText(
      ledgerOrigin,
      other.map(({ header }) => log.leafOf(header)),
    )
    return log.receipt(other, 6, log.note(otherText, serverKey) + log.cosignature(otherText, witnessKey, 1))
  }
  const [, proofLine = ''] = /index 6\n(.+\n)/.exec(receipt) ?? []
  return {
    name: 'receipts.json',
    note: 'a receipt, who is believed, and what it must be about. See spec/evidence.md, receipt',
    vectors: [
      {
        ...{ id: 'receipt-good', why: 'entry 6 of 13, cosigned' },
        in: { receipt, checkpoint, deviceId, ...keys },
        out: {
          index: 6,
          size: 13,
          deviceSize: 3,
          t: '2026-11-22T08:00:00.000Z',
          hash: toHex(sha256(new TextEncoder().encode(receipt))),
        },
      },
      no('first-line', 'another version', { receipt: receipt.replace('@v1', '@v2') }, 'receipt-form'),
      no('no-extra', 'without the entry', { receipt: receipt.replace(/extra .*\n/, '') }, 'receipt-form'),
      no(
        'index-form',
        'an index with a leading zero',
        { receipt: receipt.replace('index 6', 'index 06') },
        'receipt-form',
      ),
      no(
        'other-key',
        'a log that is not believed',
        { logKeys: [log.vkey(nextServerKey)] },
        'receipt-signature',
      ),
      no('witnesses', 'fewer witnesses than are wanted', { witnesses: 2 }, 'receipt-signature'),
      no('other-device', 'about another device', { deviceId: '0'.repeat(32) }, 'receipt-subject'),
      no(
        'other-checkpoint',
        'about another checkpoint',
        { checkpoint: journal([1]).checkpoints[0] },
        'receipt-subject',
      ),
      no('other-type', 'another fact', { receipt: about('device.enrolled', fact) }, 'receipt-subject'),
      no(
        'other-size',
        'the fact says another size than its note',
        { receipt: about('device.checkpoint', { ...fact, size: 4 }) },
        'receipt-subject',
      ),
      no(
        'other-index',
        'another place',
        { receipt: receipt.replace('index 6', 'index 5') },
        'receipt-subject',
      ),
      no('shorter', 'a hash is missing', { receipt: receipt.replace(proofLine, '') }, 'receipt-proof'),
      no(
        'other-hash',
        'the first hash twice',
        { receipt: receipt.replace(/(index 6\n.+\n).+\n/, `$1${proofLine}`) },
        'receipt-proof',
      ),
    ],
  }
}
