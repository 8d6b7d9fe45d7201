import { ledgerTypes, neverDropped, sqlCheck } from '@stint/elevation'
import { sql } from 'kysely'
import type { Step } from '../migrate.ts'

/**
 * The server's facts, in the entry format of `spec/evidence.md`: header, and body and salt beside it that can be dropped,
 * with the columns that say who and what. Then the tree over them, and what was signed about it.
 */
export const ledgerTables: Step = async (db, rules) => {
  await db.schema
    .createTable('ledger')
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('actor', 'text')
    .addColumn('subject', 'text')
    .addColumn('header', 'text', (c) => c.notNull())
    .addColumn('prev', 'text', (c) => c.notNull())
    .addColumn('leaf', 'text', (c) => c.notNull())
    .addColumn('salt', 'text')
    .addColumn('body', 'text')
    .addColumn('dropped_at', 'bigint')
    .addPrimaryKeyConstraint('ledger_seq', ['seq'])
    .addUniqueConstraint('ledger_prev_once', ['prev'])
    .addUniqueConstraint('ledger_leaf_once', ['leaf'])
    .addCheckConstraint('ledger_type_known', sql.raw(sqlCheck('type', ledgerTypes)))
    .addCheckConstraint('ledger_seq_counted', sql`seq >= 0`)
    .addCheckConstraint('ledger_whole_or_dropped', sql.raw(wholeOrDropped(bodyColumns)))
    .execute()
  await db.schema.createIndex('ledger_subject').on('ledger').columns(['subject', 'seq']).execute()
  await rules.refuse(
    'ledger_joins',
    'ledger',
    'insert',
    'new.seq > 0 and not exists (select 1 from ledger e where e.seq = new.seq - 1 and e.leaf = new.prev)',
  )
  await rules.bodyDropsOnce(
    'ledger',
    bodyColumns,
    ['seq', 'at', 'type', 'header', 'prev', 'leaf'],
    neverDropped,
  )
  await treeTables(db, rules)
}

const bodyColumns = ['actor', 'subject', 'salt', 'body']

function wholeOrDropped(columns: readonly string[]): string {
  const all = (what: string) => columns.map((column) => `${column} ${what}`).join(' and ')
  return `(dropped_at is null and ${all('is not null')}) or (dropped_at is not null and ${all('is null')})`
}

/** Inner nodes only: those of level 0 are the leaves. */
const treeTables: Step = async (db, rules) => {
  await db.schema
    .createTable('ledger_node')
    .addColumn('level', 'integer', (c) => c.notNull())
    .addColumn('number', 'bigint', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('ledger_node_place', ['level', 'number'])
    .addCheckConstraint('ledger_node_inner', sql`level > 0`)
    .execute()
  await rules.appendOnly('ledger_node')
  await db.schema
    .createTable('ledger_checkpoint')
    .addColumn('size', 'bigint', (c) => c.notNull())
    .addColumn('root', 'text', (c) => c.notNull())
    .addColumn('note', 'text', (c) => c.notNull())
    .addColumn('signed_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('ledger_checkpoint_size', ['size'])
    .execute()
  await rules.appendOnly('ledger_checkpoint')
  await rules.refuse(
    'ledger_checkpoint_covers',
    'ledger_checkpoint',
    'insert',
    'not exists (select 1 from ledger e where e.seq = new.size - 1)',
  )
  await db.schema
    .createTable('ledger_cosignature')
    .addColumn('size', 'bigint', (c) => c.notNull())
    .addColumn('witness', 'text', (c) => c.notNull())
    .addColumn('line', 'text', (c) => c.notNull())
    .addColumn('received_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('ledger_cosignature_once', ['size', 'witness'])
    .addForeignKeyConstraint('ledger_cosignature_of', ['size'], 'ledger_checkpoint', ['size'])
    .execute()
  await rules.appendOnly('ledger_cosignature')
}
