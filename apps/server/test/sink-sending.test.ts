import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { sql } from 'kysely'
import { dayMs, minuteMs } from '../src/clock.ts'
import type { Database } from '../src/db/database.ts'
import { onEachEngine } from './engines.ts'
import {
  actor,
  factsIn,
  type HttpReceiver,
  numbersIn,
  type SinkWorld,
  sinkWorld,
  startHttpReceiver,
  upTo,
} from './sink-world.ts'

onEachEngine((open) => {
  describe('facts on their way out', () => {
    let receiver: HttpReceiver
    let world: SinkWorld
    let db: Database
    const webhook = () => ({ kind: 'webhook', url: receiver.url, ca: null }) as const

    before(async () => {
      receiver = await startHttpReceiver()
    })
    beforeEach(async () => {
      db = await open()
      world = sinkWorld(db)
      Object.assign(receiver, { manner: 200, answer: '' })
      receiver.calls.length = 0
    })
    after(() => receiver.close())

    test('A8: a receiver gets every fact once, in order, in batches, and then nothing', async () => {
      await world.happened(1203)
      const { id } = await world.made({ target: webhook() })
      await world.sinks.send()
      await world.sinks.send()
      assert.deepEqual(numbersIn(receiver.calls), upTo(1204))
      assert.equal(receiver.calls.length, 3)
      const row = await world.row(id)
      assert.deepEqual([row.position, row.failures, row.lease_by], [1204, 0, null])
      assert.equal(factsIn(receiver.calls.at(-1) ?? { headers: {}, body: '' }).at(-1)?.type, 'sink.created')
    })

    test('A8: a receiver that is down for a day loses nothing and gets all in order', async () => {
      const { id } = await world.made({ target: webhook() }, 'now')
      receiver.manner = 503
      let tries = 0
      for (const end = world.clock.now() + dayMs; world.clock.now() < end; ) {
        await world.happened(2)
        await world.sinks.send()
        const row = await world.row(id)
        tries = row.failures
        const wait = (row.next_try_at ?? 0) - world.clock.now()
        assert.ok(wait > 2_000 && wait <= 15 * minuteMs, `waits ${wait} ms after ${tries} failures`)
        world.clock.pass(wait)
      }
      assert.ok(tries > 90 && tries < 250, `${tries} tries in a day`)
      assert.equal((await world.row(id)).last_error, 'The receiver answers 503.')
      receiver.calls.length = 0
      receiver.manner = 204
      await world.sinks.send()
      assert.deepEqual(numbersIn(receiver.calls), upTo(await world.size()))
      const row = await world.row(id)
      assert.deepEqual([row.failures, row.last_error, row.next_try_at], [0, null, null])
    })

    test('each receiver has its own position: one that fails holds up no other', async () => {
      const other = await startHttpReceiver()
      other.manner = 'cut'
      await world.happened(3)
      const good = await world.made({ target: webhook() })
      const bad = await world.made({ target: { kind: 'webhook', url: other.url, ca: null } })
      await world.sinks.send()
      assert.equal((await world.row(good.id)).position, 5)
      const failed = await world.row(bad.id)
      assert.deepEqual([failed.position, failed.last_error], [0, 'The receiver cut the connection.'])
      await other.close()
    })

    for (const [what, manner, words] of [
      ['cuts before its answer', 'cut', 'The receiver cut the connection.'],
      ['cuts in the middle of its answer', 'cut-answer', 'The receiver cut the connection.'],
      ['takes too long', 'silent', 'The receiver took too long.'],
      ['answers 500', 500, 'The receiver answers 500.'],
      ['redirects', 307, /^The receiver answers 307, a redirect; those are not followed\./],
      ['wants to know who we are', 401, 'The receiver answers 401: it does not accept who we are.'],
    ] as const)
      test(`a receiver that ${what}: nothing is confirmed, and it gets the same again`, async () => {
        const impatient = sinkWorld(db, { patienceMs: 300 })
        await impatient.happened(2)
        const { id } = await impatient.made({ target: webhook() })
        receiver.manner = manner
        await impatient.sinks.send()
        const row = await impatient.row(id)
        assert.equal(row.position, 0)
        assert.match(row.last_error ?? '', typeof words === 'string' ? new RegExp(`^${words}$`) : words)
        receiver.calls.length = 0
        receiver.manner = 200
        await impatient.sinks.send()
        assert.deepEqual(numbersIn(receiver.calls), [], 'not before its time')
        impatient.clock.pass(5_000)
        await impatient.sinks.send()
        assert.deepEqual(numbersIn(receiver.calls), [0, 1, 2])
      })

    test('nothing listens there', async () => {
      const gone = await startHttpReceiver()
      await gone.close()
      const { id } = await world.made({ target: { kind: 'webhook', url: gone.url, ca: null } })
      await world.sinks.send()
      assert.equal((await world.row(id)).last_error, 'Nothing listens at that address.')
    })

    test('several servers on one database: one sends, each fact goes out once', async () => {
      await world.happened(40)
      await world.made({ target: webhook() })
      const servers = [world.sinks, world.another(), world.another()]
      await Promise.all(servers.map((server) => server.send()))
      assert.deepEqual(numbersIn(receiver.calls), upTo(41))
    })

    test('a server that stopped in the middle: another goes on when its lease is over, not before', async () => {
      const { id } = await world.made({ target: webhook() })
      const lease = { lease_by: 'a server that is gone', lease_until: world.clock.now() + 3 * minuteMs }
      await db.write((tx) => world.parts.store.change(tx, id, lease))
      await world.sinks.send()
      assert.equal(receiver.calls.length, 0)
      world.clock.pass(3 * minuteMs)
      await world.sinks.send()
      assert.deepEqual(numbersIn(receiver.calls), [0])
    })

    test('what a server sent without its lease does not count', async () => {
      await world.happened(2)
      const { id } = await world.made({ target: webhook() })
      receiver.manner = 'silent'
      const slow = world.sinks.send()
      while (receiver.calls.length === 0) await new Promise((done) => setImmediate(done))
      world.clock.pass(3 * minuteMs)
      receiver.manner = 200
      await world.another().send()
      assert.equal((await world.row(id)).position, 3)
      await world.sinks.stop()
      await slow
      assert.deepEqual([(await world.row(id)).position, (await world.row(id)).failures], [3, 0])
    })

    test('a stop ends what hangs, blames nobody, and the next start sends it', async () => {
      const { id } = await world.made({ target: webhook() })
      receiver.manner = 'silent'
      await world.sinks.wake()
      while (receiver.calls.length === 0) await new Promise((done) => setImmediate(done))
      await world.sinks.stop()
      const row = await world.row(id)
      assert.deepEqual([row.position, row.failures, row.lease_by], [0, 0, null])
      receiver.calls.length = 0
      receiver.manner = 200
      await world.another().send()
      assert.deepEqual(numbersIn(receiver.calls), [0])
    })

    test('only the types that were asked for; the position passes the others', async () => {
      await world.happened(3)
      const { id } = await world.made({ target: webhook(), types: ['sink.created'] })
      await world.happened(3)
      await world.sinks.send()
      assert.deepEqual(numbersIn(receiver.calls), [3])
      assert.equal((await world.row(id)).position, 7)
    })

    test('from now on: the first fact is that it was made', async () => {
      await world.happened(3)
      await world.made({ target: webhook() }, 'now')
      await world.happened(1)
      await world.sinks.send()
      assert.deepEqual(numbersIn(receiver.calls), [3, 4])
    })

    test('paused it gets nothing, and goes on where it was', async () => {
      const { id } = await world.made({ target: webhook() })
      await world.sinks.pause(actor, id, true)
      await world.sinks.send()
      assert.equal(receiver.calls.length, 0)
      await world.sinks.pause(actor, id, false)
      await world.sinks.send()
      assert.deepEqual(numbersIn(receiver.calls), [0, 1, 2])
    })

    test('another address while a batch is out: what the old one got does not count for the new one', async () => {
      const other = await startHttpReceiver()
      const { id } = await world.made({ target: webhook() })
      receiver.manner = 'silent'
      const old = world.sinks.send()
      while (receiver.calls.length === 0) await new Promise((done) => setImmediate(done))
      const target = { kind: 'webhook', url: other.url, ca: null } as const
      assert.ok((await world.sinks.change(actor, id, { name: 'moved', target, types: null })).ok)
      await world.another().send()
      await world.sinks.stop()
      await old
      assert.deepEqual(numbersIn(other.calls), [0, 1])
      assert.equal((await world.row(id)).position, 2)
      await other.close()
    })

    test('a fact whose personal data was dropped goes out as dropped', async () => {
      await world.happened(2)
      await sql`update ledger set actor = null, subject = null, salt = null, body = null, dropped_at = 1
        where seq = 1`.execute(db.read)
      await world.made({ target: webhook() })
      await world.sinks.send()
      const fact = receiver.calls.flatMap(factsIn)[1]
      assert.deepEqual(
        [fact?.seq, fact?.type, fact?.dropped, fact?.actor, fact?.subject, fact?.body],
        [1, 'person.changed', true, null, null, null],
      )
      assert.match(fact?.leaf ?? '', /^[0-9a-f]{64}$/)
    })

    test('a fact that somebody took out of the ledger stops it there, with the reason', async () => {
      await world.happened(3)
      const rows = world.parts.facts.rows
      const facts = {
        ...world.parts.facts,
        rows: async (from: number, limit: number) => (await rows(from, limit)).filter(({ seq }) => seq !== 1),
      }
      const { id } = await world.made({ target: webhook() })
      await sinkWorld(db, { facts, means: world.parts.means }).sinks.send()
      const row = await world.row(id)
      assert.deepEqual([row.position, row.last_error], [0, 'The ledger has no fact 1.'])
      assert.equal(receiver.calls.length, 0)
    })

    test('large facts go out alone rather than in one heap', async () => {
      await world.happened(3, { text: 'x'.repeat(300_000) })
      await world.made({ target: webhook() })
      await world.sinks.send()
      assert.deepEqual(
        receiver.calls
          .map(factsIn)
          .map((facts) => facts.length)
          .slice(0, 2),
        [1, 1],
      )
      assert.deepEqual(numbersIn(receiver.calls), upTo(4))
    })

    test('the engine refuses a position that goes back or beyond the ledger', async () => {
      const { id } = await world.made({ target: webhook() })
      await world.sinks.send()
      const set = (position: number) => db.write((tx) => world.parts.store.change(tx, id, { position }))
      await assert.rejects(set(0), /sink_position_forward/)
      await assert.rejects(set(5), /sink_position_exists/)
    })
  })
})
