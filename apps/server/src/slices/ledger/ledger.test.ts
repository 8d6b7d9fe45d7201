import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { onEachEngine } from '../../../test/engines.ts'
import { SetClock } from '../../../test/set-clock.ts'
import type { LedgerRow } from '../../db/schema.ts'
import { createLedgerStore } from './ledger.store.sql.ts'
import type { LedgerStore } from './ledger.store.ts'
import { createLedger } from './ledger.ts'

const fact = (n: number) =>
  ({ type: 'person.changed', actor: 'server', subject: `person:${n}`, body: { n } }) as const

onEachEngine((open) => {
  describe('the ledger', () => {
    test('facts are numbered without gaps, however many write at once, and the chain holds', async () => {
      const db = await open()
      const ledger = createLedger({ store: createLedgerStore(db.read), clock: new SetClock() })
      await Promise.all(Array.from({ length: 12 }, (_, n) => db.write((tx) => ledger.append(tx, fact(n)))))
      const seqs = await db.read.selectFrom('ledger').select('seq').orderBy('seq').execute()
      assert.deepEqual(
        seqs.map(({ seq }) => seq),
        Array.from({ length: 12 }, (_, n) => n),
      )
      assert.equal(await ledger.firstBroken(), null)
    })
  })
})

test('a row that somebody changed behind the engine is found, and one that is missing', async () => {
  const rows: LedgerRow[] = []
  const store: LedgerStore = {
    last: async () => rows.at(-1) ?? null,
    insert: async (_tx, row) => void rows.push(row),
    async *all() {
      yield* rows
    },
  }
  const ledger = createLedger({ store, clock: new SetClock() })
  for (let n = 0; n < 5; n++) await ledger.append({} as never, fact(n))
  assert.equal(await ledger.firstBroken(), null)
  rows.splice(2, 1, { ...(rows[2] as LedgerRow), body: '{"n":9}' })
  assert.equal(await ledger.firstBroken(), 2)
  rows.splice(2, 1)
  assert.equal(await ledger.firstBroken(), 2)
})
