import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { after, before, beforeEach, describe, test } from 'node:test'
import { ledgerOrigin, readReceipt, receiptHash, verifierKey, verifyReceipt } from '@stint/chain'
import type { Device } from '@stint/wire/console'
import { onEachEngine } from './engines.ts'
import { type TestDevice as Computer, enrolledDevice } from './test-device.ts'
import { startTestServer, type TestServer } from './test-server.ts'

onEachEngine((open) => {
  describe('a journal that is sealed', () => {
    let server: TestServer
    let computer: Computer
    before(async () => {
      server = await startTestServer({ db: await open() })
    })
    beforeEach(async () => {
      server.issuer.isDown = false
      computer = await enrolledDevice(server)
    })
    after(() => server.close())

    const jump = (driftMs = 1) =>
      computer.entry('clock.jump', { driftMs, wall: new Date(server.clock.now()).toISOString() })
    const found = async () => {
      const rows = await server.db.read
        .selectFrom('finding')
        .selectAll()
        .where('device_id', '=', computer.id)
        .orderBy('seq_from')
        .orderBy('id')
        .execute()
      return rows.map(({ code, word, seq_from, seq_to }) => [code, word, seq_from, seq_to])
    }
    const facts = async (type: 'device.checkpoint' | 'journal.refused' | 'device.log-key') => {
      const rows = await server.db.read
        .selectFrom('ledger')
        .select(['seq', 'body'])
        .where('type', '=', type)
        .where('subject', '=', `device:${computer.id}`)
        .orderBy('seq')
        .execute()
      return rows.map(({ seq, body }) => ({ seq, body: JSON.parse(body ?? 'null') }))
    }
    const ledgerKeys = () => {
      const origin = ledgerOrigin(Buffer.from(server.issuer.tenant).toString('hex'))
      return { origin, logKeys: [verifierKey(origin, server.issuer.logPublic)] }
    }
    const state = async () => (await server.owner.call<Device>('GET', `/devices/${computer.id}`)).body.state

    test('EVID-3: the enrolment puts the first key of its journal into the ledger', async () => {
      const [fact] = await facts('device.log-key')
      assert.deepEqual(
        [fact?.body.deviceId, fact?.body.dik, fact?.body.lsk.length, fact?.body.sig.length],
        [computer.id, Buffer.from(computer.dikPublic).toString('hex'), 64, 128],
      )
    })

    test('EVID-3: a sealed upload is answered with a receipt that verifies, the same each time', async () => {
      const first = jump()
      const { entry, checkpoint } = computer.seal()
      const sent = await computer.send([first, entry], { checkpoints: [checkpoint] })
      assert.deepEqual([sent.status, sent.body.upTo], [200, 2])
      const text = sent.body.proof ?? ''
      const subject = { deviceId: computer.id, checkpoint }
      assert.equal(verifyReceipt(text, ledgerKeys(), subject).device.size, 2)
      const again = await computer.send([first, entry], { checkpoints: [checkpoint] })
      assert.equal(again.body.proof, text)
      const stored = await server.db.read.selectFrom('device_receipt').selectAll().execute()
      assert.ok(stored.some((row) => row.text === text && row.hash === receiptHash(text)))
      const [fact, ...more] = await facts('device.checkpoint')
      assert.deepEqual(more, [])
      assert.equal(fact?.seq, readReceipt(text).index)
      const { deviceId, size, root, note, length, receipt } = fact?.body ?? {}
      assert.deepEqual(
        [deviceId, size, root.length, note, length, receipt],
        [computer.id, 2, 64, checkpoint, 2, null],
      )
      assert.deepEqual(await found(), [])
    })

    test('keys follow each other through many uploads, also when a page ends before a checkpoint', async () => {
      const seals = [computer.seal(), computer.seal(), computer.seal()]
      const [a, b, c] = seals.map(({ entry }) => entry)
      const [one, two, three] = seals.map(({ checkpoint }) => checkpoint)
      assert.ok(a && b && c && one && two && three)
      await computer.send([a, b], { checkpoints: [one, two, three] })
      const last = await computer.send([c], { checkpoints: [three] })
      assert.equal(
        verifyReceipt(last.body.proof ?? '', ledgerKeys(), { deviceId: computer.id, checkpoint: three })
          .device.size,
        3,
      )
      assert.deepEqual(
        (await facts('device.checkpoint')).map(({ body }) => body.size),
        [2, 3],
      )
      assert.deepEqual(await found(), [])
    })

    test('without the issuer the upload is stored and says so; the receipt comes with a later one', async () => {
      const { entry, checkpoint } = computer.seal()
      server.issuer.isDown = true
      const sent = await computer.send([entry], { checkpoints: [checkpoint] })
      assert.deepEqual([sent.status, sent.body.upTo, sent.body.proof], [200, 1, null])
      server.issuer.isDown = false
      const later = await computer.send([], {})
      assert.equal(
        verifyReceipt(later.body.proof ?? '', ledgerKeys(), { deviceId: computer.id, checkpoint }).device
          .size,
        1,
      )
    })

    test('E2: a checkpoint by another key is a finding, once, and the journal goes on', async () => {
      const thief = generateKeyPairSync('ed25519').privateKey
      const forged = computer.seal(thief)
      for (let n = 0; n < 2; n++) {
        const sent = await computer.send([forged.entry], { checkpoints: [forged.checkpoint] })
        assert.deepEqual([sent.status, sent.body.upTo, sent.body.proof], [200, 1, null])
      }
      assert.deepEqual(await found(), [['E2', 'checkpoint-signature', 0, 0]])
      assert.deepEqual(
        (await facts('journal.refused')).map(({ body }) => body.reason),
        ['checkpoint-signature'],
      )
      const { entry, checkpoint } = computer.seal()
      const next = await computer.send([entry], { checkpoints: [checkpoint] })
      assert.notEqual(next.body.proof, null)
    })

    test('E2: a seal without its checkpoint, and a checkpoint that ends in no seal', async () => {
      const lost = computer.seal()
      const { entry, checkpoint } = computer.seal()
      await computer.send([lost.entry, entry], { checkpoints: [checkpoint] })
      assert.deepEqual(await found(), [['E2', 'checkpoint-missing', 0, 0]])
      const key = generateKeyPairSync('ed25519').privateKey
      const sealed = computer.seal(undefined, key)
      const plain = jump()
      const odd = computer.checkpointBy(key)
      await computer.send([sealed.entry, plain], { checkpoints: [sealed.checkpoint, odd] })
      assert.deepEqual((await found()).at(-1), ['E2', 'checkpoint-missing', 3, 3])
    })

    test('E3: a signed tree that is not the tree of the entries, and two signed ones of a size, are forks', async () => {
      const key = generateKeyPairSync('ed25519').privateKey
      const { entry, checkpoint } = computer.seal(undefined, key)
      await computer.send([entry], { checkpoints: [checkpoint] })
      const second = computer.seal(key)
      const other = computer.checkpointBy(key, 'ab'.repeat(32))
      await computer.send([second.entry], { checkpoints: [other] })
      assert.deepEqual(await found(), [['E3', 'fork', 1, 1]])
      await computer.send([], { checkpoints: [second.checkpoint] })
      assert.equal(
        (
          await server.db.read
            .selectFrom('device_checkpoint')
            .selectAll()
            .where('device_id', '=', computer.id)
            .execute()
        ).length,
        2,
      )
    })

    test('E3: a journal that is shorter than it said is rolled back', async () => {
      const { entry, checkpoint } = computer.seal()
      await computer.send([entry], { checkpoints: [checkpoint], length: 5 })
      await computer.send([], { length: 3 })
      assert.deepEqual(await found(), [['E3', 'rolled-back', 3, 4]])
      assert.equal(await state(), 'enrolled')
    })

    test('EVID-5: a header of another version is refused with its reason, once, and what came before it is kept', async () => {
      const first = jump()
      const second = jump()
      const foreign = { ...second, header: second.header.replace('"v":1', '"v":2') }
      for (let n = 0; n < 3; n++) {
        const sent = await computer.send([first, foreign])
        assert.deepEqual([sent.status, sent.body.code], [400, 'invalid'])
        assert.match(sent.body.hint ?? '', /update/)
      }
      assert.deepEqual(await found(), [['E1', 'entry-form', 1, 1]])
      assert.equal((await facts('journal.refused')).length, 1)
      assert.equal((await computer.send([second])).body.upTo, 2)
    })

    test('an argument list of ten megabytes leaves its header, and the journal goes on', async () => {
      const body = { ...processOf(computer.newId()), args: ['x'.repeat(10 * 1024 * 1024)] }
      const large = computer.entry('process.elevated', body)
      const sent = await computer.send([large, jump()])
      assert.deepEqual([sent.status, sent.body.upTo], [200, 2])
      const row = await server.db.read
        .selectFrom('journal_entry')
        .select(['header', 'body', 'salt'])
        .where('device_id', '=', computer.id)
        .where('seq', '=', 0)
        .executeTakeFirstOrThrow()
      assert.deepEqual([row.header, row.body, row.salt], [large.header, null, null])
      assert.deepEqual(
        (await facts('journal.refused')).map(({ body: { seq, reason } }) => [seq, reason]),
        [[0, 'too-large']],
      )
    })

    test('more than sixteen megabytes at once is refused with 413 and a next step', async () => {
      const body = { ...processOf(computer.newId()), args: ['x'.repeat(17 * 1024 * 1024)] }
      const sent = await computer.send([computer.entry('process.elevated', body)])
      assert.deepEqual([sent.status, sent.body.code], [413, 'invalid'])
      assert.match(sent.body.hint ?? '', /send less/)
    })

    test('a computer whose clock says 1970 is believed to say so', async () => {
      const entry = computer.entryAt('1970-01-01T00:00:00.000Z', 'policy.applied', { serial: 1 })
      assert.equal((await computer.send([entry])).body.upTo, 1)
      const row = await server.db.read
        .selectFrom('journal_entry')
        .select('at')
        .where('device_id', '=', computer.id)
        .executeTakeFirstOrThrow()
      assert.equal(row.at, 0)
    })

    test('EVID-5: the journal of somebody else does not become the own one, and changes nothing of the other', async () => {
      const other = await enrolledDevice(server)
      const { entry, checkpoint } = other.seal()
      await other.send([entry], { checkpoints: [checkpoint] })
      const stolen = await computer.send([entry], { checkpoints: [checkpoint], length: 1 })
      assert.deepEqual([stolen.status, stolen.body.proof], [200, null])
      assert.deepEqual(await found(), [['E2', 'checkpoint-signature', 0, 0]])
      const [fact, ...more] = await facts('device.checkpoint')
      assert.deepEqual([fact, more], [undefined, []])
    })
  })
})

function processOf(sessionId: string) {
  return {
    ...{ sessionId, pid: 7, startedAt: '2026-11-22T09:00:00.000Z', parentPid: 1, uid: 0, program: '/bin/x' },
    ...{ sha256: null, args: ['x'], argsCut: false, redacted: 0, directory: null },
  }
}
