import type { Reader, Tx } from '../../db/database.ts'
import type { LedgerRow } from '../../db/schema.ts'
import type { NodeTables } from '../../db/tree-nodes.ts'
import type { LedgerStore } from './ledger.store.ts'

const PAGE = 1000

export function createLedgerStore(read: Reader): LedgerStore {
  const rows = (from: number, limit: number) =>
    read.selectFrom('ledger').selectAll().where('seq', '>=', from).orderBy('seq').limit(limit).execute()
  return {
    async last(tx) {
      const row = await (tx?.q ?? read)
        .selectFrom('ledger')
        .select(['seq', 'leaf'])
        .orderBy('seq', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row ?? null
    },
    async insert(tx, row) {
      await tx.q.insertInto('ledger').values(row).execute()
    },
    all: () => pages(rows),
    rows,
    row: async (seq) =>
      (await read.selectFrom('ledger').selectAll().where('seq', '=', seq).executeTakeFirst()) ?? null,
    ...trees(read),
    ...signatures(read),
  }
}

async function* pages(rows: (from: number, limit: number) => Promise<LedgerRow[]>): AsyncIterable<LedgerRow> {
  for (let from = 0; ; from += PAGE) {
    const page = await rows(from, PAGE)
    yield* page
    if (page.length < PAGE) return
  }
}

function trees(read: Reader): Pick<LedgerStore, 'nodes' | 'insertNodes'> {
  return {
    nodes: (tx?: Tx): NodeTables => ({
      async leaves(seqs) {
        const found = await (tx?.q ?? read)
          .selectFrom('ledger')
          .select(['seq', 'leaf'])
          .where('seq', 'in', [...seqs])
          .execute()
        return found.map(({ seq, leaf }) => ({ level: 0, index: seq, hash: leaf }))
      },
      async inner(places) {
        const found = await (tx?.q ?? read)
          .selectFrom('ledger_node')
          .selectAll()
          .where((is) =>
            is.or(
              places.map(({ level, index }) => is.and([is('level', '=', level), is('number', '=', index)])),
            ),
          )
          .execute()
        return found.map(({ level, number: index, hash }) => ({ level, index, hash }))
      },
    }),
    async insertNodes(tx, nodes) {
      const rows = nodes.map(({ level, index, hash }) => ({ level, number: index, hash }))
      if (rows.length > 0) await tx.q.insertInto('ledger_node').values(rows).execute()
    },
  }
}

type SignaturePart = Pick<
  LedgerStore,
  | 'newestCheckpoint'
  | 'checkpoint'
  | 'checkpoints'
  | 'insertCheckpoint'
  | 'cosignatures'
  | 'cosignedBy'
  | 'insertCosignature'
>

function signatures(read: Reader): SignaturePart {
  const all = () => read.selectFrom('ledger_checkpoint').selectAll()
  return {
    newestCheckpoint: async () => (await all().orderBy('size', 'desc').limit(1).executeTakeFirst()) ?? null,
    checkpoint: async (size) => (await all().where('size', '=', size).executeTakeFirst()) ?? null,
    checkpoints: () =>
      read.selectFrom('ledger_checkpoint').select(['size', 'root']).orderBy('size').execute(),
    async insertCheckpoint(tx, row) {
      await tx.q
        .insertInto('ledger_checkpoint')
        .values(row)
        .onConflict((on) => on.doNothing())
        .execute()
    },
    cosignatures: (size) =>
      read.selectFrom('ledger_cosignature').selectAll().where('size', '=', size).orderBy('witness').execute(),
    async cosignedBy(witness) {
      const row = await read
        .selectFrom('ledger_cosignature')
        .select('size')
        .where('witness', '=', witness)
        .orderBy('size', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row?.size ?? 0
    },
    async insertCosignature(tx, row) {
      await tx.q
        .insertInto('ledger_cosignature')
        .values(row)
        .onConflict((on) => on.doNothing())
        .execute()
    },
  }
}
