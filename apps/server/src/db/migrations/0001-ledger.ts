import { ledgerTypes, sqlCheck } from '@stint/elevation'
import { sql } from 'kysely'
import type { Step } from '../migrate.ts'

/** The server's facts: each row names the hash of the one before it, and no two name the same. */
export const ledgerTables: Step = async (db, rules) => {
  await db.schema
    .createTable('ledger')
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('actor', 'text', (c) => c.notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('prev', 'text', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('ledger_seq', ['seq'])
    .addUniqueConstraint('ledger_prev_once', ['prev'])
    .addUniqueConstraint('ledger_hash_once', ['hash'])
    .addCheckConstraint('ledger_type_known', sql.raw(sqlCheck('type', ledgerTypes)))
    .addCheckConstraint('ledger_seq_counted', sql`seq >= 0`)
    .execute()
  await db.schema.createIndex('ledger_subject').on('ledger').columns(['subject', 'seq']).execute()
  await rules.appendOnly('ledger')
}
