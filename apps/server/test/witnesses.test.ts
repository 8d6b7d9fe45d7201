import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  emptyChain,
  leafOf,
  ledgerOrigin,
  verifierKey,
  verifyContinues,
  verifyEntry,
  verifyInclusion,
  verifyLedgerCheckpoint,
} from '@stint/chain'
import type { LedgerCheckpoint, LedgerEntries, LedgerProof } from '@stint/wire/ledger'
import { onEachEngine } from './engines.ts'
import { enrolledDevice } from './test-device.ts'
import { startTestServer, type TestServer } from './test-server.ts'
import { TestWitness } from './test-witness.ts'

const toHex = ({ proof }: LedgerProof) => proof.map((text) => Buffer.from(text, 'base64').toString('hex'))

onEachEngine((open) => {
  describe('what an auditor is given', () => {
    const witness = new TestWitness('witness.example/w1')
    const down = new TestWitness('witness.example/down')
    let server: TestServer
    const keys = () => {
      const origin = ledgerOrigin(Buffer.from(server.issuer.tenant).toString('hex'))
      return { origin, logKeys: [verifierKey(origin, server.issuer.logPublic)], witnessKeys: [witness.key] }
    }
    const signed = async () => {
      const { signing, cosigning } = server.server.slices
      assert.equal((await signing.sign()).ok, true)
      const failures = await cosigning.ask()
      const { body } = await server.owner.call<LedgerCheckpoint>('GET', '/ledger/checkpoint')
      return { body, failures, verified: verifyLedgerCheckpoint(body.note, keys()) }
    }
    before(async () => {
      await witness.listen()
      await down.listen()
      const nobody = { key: down.key, url: down.url }
      await down.close()
      server = await startTestServer({ db: await open(), witnesses: [witness, nobody] })
      const [logKey] = keys().logKeys
      assert.ok(logKey)
      witness.trusts(logKey)
    })
    after(async () => {
      await server.close()
      await witness.close()
    })

    test('EVID-3: a ledger that grew is signed and cosigned; a witness that is down is named and holds nothing up', async () => {
      const first = await signed()
      assert.deepEqual(
        first.verified.cosignatures.map(({ key }) => key.name),
        ['witness.example/w1'],
      )
      assert.deepEqual(
        first.failures.map(({ witness: name }) => name),
        ['witness.example/down'],
      )
      await enrolledDevice(server)
      const second = await signed()
      assert.ok(second.body.size > first.body.size)
      assert.equal(second.verified.cosignatures.length, 1)
      assert.deepEqual(witness.answered, [200, 200])
      const { body } = await server.owner.call<LedgerProof>(
        'GET',
        `/ledger/proofs/consistency?old=${first.body.size}&size=${second.body.size}`,
      )
      verifyContinues(first.verified, second.verified, toHex(body))
      assert.throws(() => verifyContinues(first.verified, second.verified, []), /does not continue/)
    })

    test('a witness that knows another size says so, and is asked again from there', async () => {
      await signed()
      await enrolledDevice(server)
      witness.answered.splice(0)
      witness.seen = null
      assert.equal((await signed()).verified.cosignatures.length, 1)
      assert.deepEqual(witness.answered, [409, 200])
    })

    test('a witness cosigns no ledger that was rewritten', async () => {
      const { verified } = await signed()
      witness.seen = { ...verified, root: 'ab'.repeat(32) }
      await enrolledDevice(server)
      const { failures, verified: later } = await signed()
      assert.deepEqual(later.cosignatures, [])
      assert.ok(failures.some(({ why }) => why === 'answered 422'))
      witness.seen = null
    })

    test('EVID-2: every fact is proven in the checkpoint, and the facts join', async () => {
      const { body: checkpoint } = await signed()
      const { body } = await server.owner.call<LedgerEntries>('GET', '/ledger/entries?from=0&limit=1000')
      const entries = body.entries as unknown as Parameters<typeof verifyEntry>[1][]
      const end = entries.reduce((at, entry) => verifyEntry(at, entry).end, emptyChain)
      assert.ok(end.size >= checkpoint.size)
      for (const index of [0, checkpoint.size - 1]) {
        const path = `/ledger/proofs/inclusion?seq=${index}&size=${checkpoint.size}`
        const proof = toHex((await server.owner.call<LedgerProof>('GET', path)).body)
        const leaf = leafOf(entries[index]?.header ?? '')
        verifyInclusion({ index, size: checkpoint.size, leaf, root: checkpoint.root, proof })
      }
      const beyond = await server.owner.call('GET', '/ledger/proofs/inclusion?seq=0&size=99999')
      assert.deepEqual([beyond.status, beyond.body.code], [404, 'not-found'])
    })

    test('EVID-3: a ledger below what the issuer has signed is not signed again: ledger-set-back', async () => {
      const { origin } = keys()
      const size = (await signed()).body.size + 50
      await server.issuer.call({ call: 'sign.checkpoint', origin, size, root: 'cd'.repeat(32) })
      await enrolledDevice(server)
      await assert.rejects(server.server.slices.signing.sign(), { code: 'ledger-set-back' })
    })
  })
})
