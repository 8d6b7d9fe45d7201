import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { sql } from 'kysely'
import { onEachEngine } from '../../../test/engines.ts'
import { SetClock } from '../../../test/set-clock.ts'
import { startBoot } from '../../clock.ts'
import type { Database } from '../../db/database.ts'
import { createLedgerStore } from './ledger.store.sql.ts'
import { createLedger } from './ledger.ts'

const fact = (n: number) =>
  ({ type: 'person.changed', actor: 'server', subject: `person:${n}`, body: { n } }) as const

const ledgerOn = (db: Database, boot = 'one') =>
  createLedger({
    store: createLedgerStore(db.read),
    clock: new SetClock(),
    boot: startBoot(boot),
    random: (length) => randomBytes(length),
  })

onEachEngine((open) => {
  describe('the ledger', () => {
    test('EVID-2: facts are numbered without gaps, however many servers write at once, and the chain holds', async () => {
      const db = await open()
      const servers = [ledgerOn(db, 'one'), ledgerOn(db, 'two')]
      await Promise.all(
        Array.from({ length: 24 }, (_, n) =>
          db.write((tx) => (servers[n % 2] ?? ledgerOn(db)).append(tx, fact(n))),
        ),
      )
      const rows = await db.read.selectFrom('ledger').select(['seq', 'header']).orderBy('seq').execute()
      assert.deepEqual(
        rows.map(({ seq }) => seq),
        Array.from({ length: 24 }, (_, n) => n),
      )
      assert.deepEqual(new Set(rows.map(({ header }) => JSON.parse(header).boot)), new Set(['one', 'two']))
      assert.equal(await ledgerOn(db).firstBroken(), null)
    })

    test('what was undone leaves no trace in what comes after it', async () => {
      const db = await open()
      const ledger = ledgerOn(db)
      await db.write((tx) => ledger.append(tx, fact(0)))
      const undone = db.write(async (tx) => {
        await ledger.append(tx, fact(1))
        throw new Error('undone')
      })
      await assert.rejects(undone, /undone/)
      assert.equal(await db.write((tx) => ledger.append(tx, fact(2))), 1)
      assert.equal(await ledger.firstBroken(), null)
    })

    test('a member that the ledger puts beside a fact itself is refused, and nothing is written', async () => {
      const db = await open()
      const ledger = ledgerOn(db)
      for (const body of [{ actor: 'me' }, { subject: 'you' }])
        await assert.rejects(
          db.write((tx) => ledger.append(tx, { ...fact(0), body })),
          /puts beside it/,
        )
      assert.deepEqual(await db.read.selectFrom('ledger').select('seq').execute(), [])
    })

    test('a body that is dropped breaks nothing', async () => {
      const db = await open()
      const ledger = ledgerOn(db)
      for (let n = 0; n < 3; n++) await db.write((tx) => ledger.append(tx, fact(n)))
      await sql`update ledger set actor = null, subject = null, salt = null, body = null, dropped_at = 1
        where seq = 1`.execute(db.read)
      assert.equal(await ledger.firstBroken(), null)
      await db.write((tx) => ledger.append(tx, fact(3)))
      assert.equal(await ledgerOn(db).firstBroken(), null)
    })

    for (const [what, change, first] of [
      ['a changed body', `update ledger set body = '{"n":9}' where seq = 2`, 2],
      ['another actor in the column', `update ledger set actor = 'person:1' where seq = 2`, 2],
      ['another time in the column', `update ledger set at = 1 where seq = 3`, 3],
      ['a row that is missing', `delete from ledger where seq = 2`, 2],
    ] as const)
      test(`${what}, by somebody behind the engine, is found`, async () => {
        const db = await open()
        const ledger = ledgerOn(db)
        for (let n = 0; n < 5; n++) await db.write((tx) => ledger.append(tx, fact(n)))
        await withoutRules(db)
        await sql.raw(change).execute(db.read)
        assert.equal(await ledger.firstBroken(), first)
      })
  })
})

async function withoutRules(db: Database): Promise<void> {
  for (const rule of ['ledger_append_only', 'ledger_never_deleted'])
    await sql.raw(`drop trigger ${rule}${db.engine === 'postgres' ? ' on ledger' : ''}`).execute(db.read)
}
