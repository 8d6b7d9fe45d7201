import type { Reader } from '../../db/database.ts'
import type { LedgerRow } from '../../db/schema.ts'
import type { LedgerStore } from './ledger.store.ts'

const PAGE = 1000

export function createLedgerStore(read: Reader): LedgerStore {
  return {
    async last(tx) {
      const row = await tx.q
        .selectFrom('ledger')
        .select(['seq', 'hash'])
        .orderBy('seq', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row ?? null
    },
    async insert(tx, row) {
      await tx.q.insertInto('ledger').values(row).execute()
    },
    all: () => pages(read),
  }
}

async function* pages(read: Reader): AsyncIterable<LedgerRow> {
  for (let from = 0; ; from += PAGE) {
    const rows = await read
      .selectFrom('ledger')
      .selectAll()
      .where('seq', '>=', from)
      .orderBy('seq')
      .limit(PAGE)
      .execute()
    yield* rows
    if (rows.length < PAGE) return
  }
}
