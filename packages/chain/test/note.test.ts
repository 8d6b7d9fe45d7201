import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  ChainError,
  continuationText,
  cosign,
  ledgerOrigin,
  readCheckpoint,
  readContinuation,
  readNote,
  readVkey,
  signCheckpoint,
  verifierKey,
  verifyContinues,
  verifyDeviceCheckpoint,
  verifyLedgerCheckpoint,
  vkeyOf,
  withLines,
} from '../src/index.ts'
import { leaves, naiveConsistency, naiveRoot } from './naive-tree.ts'
import { believer, signer } from './signers.ts'

const refusedWith = (code: string) => (error: unknown) => error instanceof ChainError && error.code === code
const origin = ledgerOrigin('b9d9a20983b9828498367e638b60ee6f')
const log = signer(origin, 1)
const witness = signer('witness.example/w1', 2, 'cosignature')
const checkpoint = { origin, size: 5, root: naiveRoot(leaves(5)) }
const note = signCheckpoint(checkpoint, [log])
const cosigned = withLines(note, cosign(note, witness, 1_793_000_000))
const keys = { origin, logKeys: [log.key], witnessKeys: [witness.key], witnesses: 1 }

test('the example of C2SP is read, and its log’s signature has the id of its name', () => {
  const example =
    'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n' +
    '— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n' +
    '— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n'
  const { text, signatures } = readNote(example)
  assert.equal(readCheckpoint(text).size, 20_852_163)
  assert.deepEqual(
    signatures.map(({ name, id, bytes }) => [name, id, bytes.length]),
    [
      ['example.com/behind-the-sofa', '033de0ae', 64],
      ['witness.example.com/w1', '8d66cf3f', 72],
    ],
  )
})

test('a verifier key is written and read back, also when its base64 has a plus', () => {
  const seeds = Array.from({ length: 200 }, (_, seed) => vkeyOf(signer(origin, seed).key))
  assert.ok(seeds.some((text) => text.split('+').length > 3))
  for (const text of seeds) assert.equal(vkeyOf(readVkey(text)), text)
  const [text = ''] = seeds
  const other = [
    '',
    'a+b',
    text.slice(0, -1),
    text.replace('ledger', 'ledges'),
    text.replace(/\+[0-9a-f]{8}\+/, (id) => id.toUpperCase()),
    `${text}\n`,
    text.replace(/\+A/, '+B'),
  ]
  for (const wrong of other) assert.throws(() => readVkey(wrong), refusedWith('key'), wrong)
  for (const name of ['', 'a b', 'a+b', 'a\u00a0b', 'a\nb', '\ud800'])
    assert.throws(() => verifierKey(name, new Uint8Array(32)), refusedWith('key'), JSON.stringify(name))
})

test('EVID-10: the ledger’s checkpoint with its cosignature verifies and tells when the witness saw it', () => {
  const { size, root, cosignatures } = verifyLedgerCheckpoint(cosigned, keys)
  assert.deepEqual([size, root], [5, checkpoint.root])
  assert.deepEqual(
    cosignatures.map(({ key, time }) => [key.name, time]),
    [['witness.example/w1', 1_793_000_000]],
  )
})

test('EVID-10: without enough different witnesses, or with a cosignature over another time, it is refused', () => {
  assert.throws(() => verifyLedgerCheckpoint(note, keys), refusedWith('signature'))
  assert.throws(() => verifyLedgerCheckpoint(cosigned, { ...keys, witnesses: 2 }), refusedWith('signature'))
  const stranger = withLines(note, cosign(note, signer('other.example/w', 9, 'cosignature'), 1))
  assert.throws(() => verifyLedgerCheckpoint(stranger, keys), refusedWith('signature'))
  const [, line = ''] = cosign(note, witness, 5).split(`${witness.key.name} `)
  const bytes = Buffer.from(line, 'base64')
  bytes[11] = 6
  const later = withLines(note, `— ${witness.key.name} ${bytes.toString('base64')}\n`)
  assert.throws(() => verifyLedgerCheckpoint(later, keys), refusedWith('signature'))
  assert.throws(() => withLines(note, 'text\n\n— a b\n'), refusedWith('note'))
  assert.throws(() => cosign(note, log, 5), refusedWith('key'))
})

test('EVID-13: only the log’s own key counts, and one bad line of a known key spoils the note', () => {
  const other = signer(origin, 7)
  assert.throws(
    () => verifyLedgerCheckpoint(signCheckpoint(checkpoint, [other]), { origin, logKeys: [log.key] }),
    refusedWith('signature'),
  )
  const both = signCheckpoint(checkpoint, [other, log])
  assert.equal(verifyLedgerCheckpoint(both, { origin, logKeys: [log.key] }).size, 5)
  const forged = { key: other.key, sign: log.sign }
  const spoilt = signCheckpoint(checkpoint, [forged, log])
  assert.throws(
    () => verifyLedgerCheckpoint(spoilt, { origin, logKeys: [log.key, other.key] }),
    refusedWith('signature'),
  )
  const twice = signCheckpoint(checkpoint, [log, log])
  assert.throws(() => verifyLedgerCheckpoint(twice, { origin, logKeys: [log.key] }), refusedWith('signature'))
  const elsewhere = ledgerOrigin('0'.repeat(32))
  assert.throws(() => verifyLedgerCheckpoint(note, { ...keys, origin: elsewhere }), refusedWith('checkpoint'))
  assert.throws(() => signCheckpoint({ ...checkpoint, origin: elsewhere }, [log]), refusedWith('checkpoint'))
})

test('a verifier that is handed in is the one that is asked', () => {
  const forged = signCheckpoint(checkpoint, [{ key: log.key, sign: () => new Uint8Array(64) }])
  assert.throws(
    () => verifyLedgerCheckpoint(forged, { origin, logKeys: [log.key] }),
    refusedWith('signature'),
  )
  const found = verifyLedgerCheckpoint(forged, { origin, logKeys: [log.key] }, { verify: believer })
  assert.equal(found.size, 5)
})

test('a checkpoint has three lines of canonical form', () => {
  const [, size, root] = ['', '5', 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=']
  assert.equal(readCheckpoint(`a\n${size}\n${root}\n`).size, 5)
  const wrong = [
    `a\n${size}\n${root}`,
    `a\n${size}\n${root}\nextension\n`,
    `\n${size}\n${root}\n`,
    `a\n05\n${root}\n`,
    `a\n-5\n${root}\n`,
    `a\n5.0\n${root}\n`,
    `a\n9007199254740993\n${root}\n`,
    `a\n${size}\n${root.slice(0, -4)}\n`,
    `a\n${size}\n${root.replace('2I=', '2J=')}\n`,
    `a\n${size}\n${root.replace('=', '')}\n`,
    `a\r\n${size}\n${root}\n`.replace('\r', ' \t').replace('5', ' 5'),
  ]
  for (const text of wrong) assert.throws(() => readCheckpoint(text), refusedWith('checkpoint'), text)
})

test('a note has one form', () => {
  const line = note.slice(note.lastIndexOf('—'))
  const wrong = [
    '',
    note.slice(0, -1),
    `${note}\n`,
    note.replace('\n\n', '\n'),
    note.replace('— ', '- '),
    note.replace('— ', '—  '),
    note.replace(line, `${line.trimEnd()} \n`),
    note.replace(line, line.replace('=\n', '\n')),
    note.replace(line, '— a AAAAAA==\n'),
    note.replace('5\n', '5\r\n'),
    note.replace('5\n', '5\u0000\n'),
    note.replace('5\n', '5\ud800\n'),
    note + line.repeat(32),
    `${'x'.repeat(70_000)}${note}`,
  ]
  for (const text of wrong) assert.throws(() => readNote(text), refusedWith('note'), JSON.stringify(text))
  assert.equal(readNote(note + line.repeat(31)).signatures.length, 32)
})

test('EVID-13: any one changed character of a checkpoint is refused', () => {
  fc.assert(
    fc.property(
      fc.nat(note.length - 1),
      fc.string({ minLength: 1, maxLength: 1, unit: 'grapheme-ascii' }),
      (at, symbol) => {
        fc.pre(note[at] !== symbol)
        const changed = note.slice(0, at) + symbol + note.slice(at + 1)
        assert.throws(() => verifyDeviceCheckpoint(changed, log.key), ChainError)
      },
    ),
  )
})

test('a device’s checkpoint has one line only', () => {
  assert.equal(verifyDeviceCheckpoint(note, log.key).size, 5)
  assert.throws(() => verifyDeviceCheckpoint(cosigned, log.key), refusedWith('signature'))
})

test('EVID-10: what a witness is asked is read back, and continues or is a fork', () => {
  const earlier = { origin, size: 3, root: naiveRoot(leaves(3)) }
  const proof = naiveConsistency(3, leaves(5))
  const asked = { oldSize: 3, proof, checkpoint: note }
  const text = continuationText(asked)
  assert.deepEqual(readContinuation(text), asked)
  verifyContinues(earlier, checkpoint, proof)
  assert.throws(() => verifyContinues(earlier, checkpoint, proof.slice(1)), refusedWith('fork'))
  assert.throws(
    () => verifyContinues({ ...earlier, root: naiveRoot(leaves(4)) }, checkpoint, proof),
    refusedWith('fork'),
  )
  assert.throws(
    () => verifyContinues({ ...earlier, origin: 'x' }, checkpoint, proof),
    refusedWith('checkpoint'),
  )
  for (const wrong of [
    '',
    text.slice(4),
    text.replace('old 3', 'old 03'),
    text.replace('old 3\n', 'old 3\nAA==\n'),
  ])
    assert.throws(() => readContinuation(wrong), refusedWith('proof'), wrong)
  const empty = { oldSize: 0, proof: [], checkpoint: note }
  assert.deepEqual(readContinuation(continuationText(empty)), empty)
})
