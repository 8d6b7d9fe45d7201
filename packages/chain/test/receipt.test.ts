import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  appendTo,
  ChainError,
  cosign,
  deviceOrigin,
  type Entry,
  emptyLog,
  type LogEnd,
  leafOf,
  ledgerOrigin,
  receiptHash,
  receiptText,
  rootOf,
  seal,
  signCheckpoint,
  verifyReceipt,
  withLines,
} from '../src/index.ts'
import { naivePath } from './naive-tree.ts'
import { signer } from './signers.ts'

const refusedWith = (code: string) => (error: unknown) => error instanceof ChainError && error.code === code
const tenant = 'b9d9a20983b9828498367e638b60ee6f'
const deviceId = 'cd9ac7a2d91521b87371b373d10e97f8'
const origin = ledgerOrigin(tenant)
const log = signer(origin, 40)
const witness = signer('witness.example/w1', 41, 'cosignature')
const stamp = { boot: 'server-1', up: 7, t: '2026-11-22T08:00:00.000Z' }
const salt = new Uint8Array(16)
const own = deviceOrigin(tenant, deviceId)
const device = seal(emptyLog, stamp, { present: signer(own, 1), next: signer(own, 2).key.publicKey }, salt)
const fact = {
  ...{ actor: 'server', subject: `device:${deviceId}`, deviceId, size: 1 },
  ...{ root: rootOf(device.at.tree), note: device.checkpoint, length: 3, receipt: null },
}
const keys = { origin, logKeys: [log.key], witnessKeys: [witness.key], witnesses: 1 }
const subject = { deviceId, checkpoint: device.checkpoint }

/** A ledger of `size` entries with the device's checkpoint at `index`, and the receipt for it. */
function receiptAt(index: number, size: number, body: unknown = fact, type = 'device.checkpoint'): string {
  let at: LogEnd = emptyLog
  const entries: Entry[] = []
  for (let i = 0; i < size; i++) {
    const other = { ...stamp, type: 'person.signed-in', body: { actor: 'person:1', subject: `n:${i}` } }
    const added = appendTo(at, i === index ? { ...stamp, type, body } : other, salt)
    entries.push(added.entry)
    at = added.at
  }
  const note = signCheckpoint({ origin, size, root: rootOf(at.tree) }, [log])
  const entry = entries[index]
  assert.ok(entry)
  const proof = naivePath(
    index,
    entries.map(({ header }) => leafOf(header)),
  )
  return receiptText({ entry, index, proof, checkpoint: withLines(note, cosign(note, witness, 9)) })
}

test('EVID-13: a receipt verifies at every place of every size', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), (size, any) => {
      const text = receiptAt(any % size, size)
      const found = verifyReceipt(text, keys, subject)
      assert.deepEqual([found.device.size, found.ledger.size], [1, size])
      assert.equal(found.header.t, stamp.t)
      assert.equal(receiptHash(text), createHash('sha256').update(text).digest('hex'))
    }),
    { numRuns: 25 },
  )
})

test('EVID-13: any one changed character of a receipt is refused', () => {
  const text = receiptAt(6, 13)
  fc.assert(
    fc.property(
      fc.nat(text.length - 1),
      fc.string({ minLength: 1, maxLength: 1, unit: 'grapheme-ascii' }),
      (at, symbol) => {
        fc.pre(text[at] !== symbol)
        const changed = text.slice(0, at) + symbol + text.slice(at + 1)
        assert.throws(
          () => verifyReceipt(changed, keys, subject),
          (error) => error instanceof ChainError && error.code.startsWith('receipt-'),
        )
      },
    ),
  )
})

test('EVID-13: each way of being wrong has its own name', () => {
  const good = receiptAt(6, 13)
  const say =
    (text: string, about = subject, by = keys) =>
    () =>
      verifyReceipt(text, by, about)
  assert.throws(say(good.replace('index 6', 'index 06')), refusedWith('receipt-form'))
  assert.throws(say(good.replace(/extra .*\n/, '')), refusedWith('receipt-form'))
  assert.throws(say(good.replace('proof@v1', 'proof@v2')), refusedWith('receipt-form'))
  assert.throws(say('x'.repeat(70_000)), refusedWith('receipt-form'))
  const stranger = { ...keys, logKeys: [signer(origin, 50).key] }
  assert.throws(say(good, subject, stranger), refusedWith('receipt-signature'))
  assert.throws(say(good, subject, { ...keys, witnesses: 2 }), refusedWith('receipt-signature'))
  assert.throws(say(good, { ...subject, deviceId: '0'.repeat(32) }), refusedWith('receipt-subject'))
  const other = seal(device.at, stamp, { present: signer(own, 2), next: signer(own, 3).key.publicKey }, salt)
  assert.throws(say(good, { ...subject, checkpoint: other.checkpoint }), refusedWith('receipt-subject'))
  assert.throws(say(receiptAt(6, 13, { ...fact, size: 2 })), refusedWith('receipt-subject'))
  assert.throws(say(receiptAt(6, 13, { ...fact, root: '0'.repeat(64) })), refusedWith('receipt-subject'))
  assert.throws(say(receiptAt(6, 13, null)), refusedWith('receipt-subject'))
  assert.throws(say(receiptAt(6, 13, fact, 'device.enrolled')), refusedWith('receipt-subject'))
  assert.throws(say(good.replace('index 6', 'index 7')), refusedWith('receipt-subject'))
  const [, proofLine = ''] = /index 6\n(.+\n)/.exec(good) ?? []
  assert.throws(say(good.replace(proofLine, '')), refusedWith('receipt-proof'))
})

test('a receipt whose entry was changed, or stands in another order, is refused', () => {
  const good = receiptAt(0, 1)
  const [, extra = ''] = /extra (.*)\n/.exec(good) ?? []
  const json = Buffer.from(extra, 'base64').toString()
  const withExtra = (text: string) => good.replace(extra, Buffer.from(text).toString('base64'))
  assert.equal(withExtra(json), good)
  const wrong = [
    json.replace('"length":3', '"length":4'),
    json.replace('"length":3', '"length":3.0'),
    ` ${json}`,
    json.replace('{"body"', '{"a":1,"body"'),
    json.replace(/"salt":"[^"]*"/, '"salt":null'),
    '[]',
    '\ufeff',
  ]
  for (const text of wrong)
    assert.throws(() => verifyReceipt(withExtra(text), keys, subject), refusedWith('receipt-form'), text)
})
