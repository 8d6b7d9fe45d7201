import { sql } from 'kysely'
import type { Step } from '../migrate.ts'

/** The computers' journals as they came: each entry names the one before it, and a number is taken once. */
export const evidenceTables: Step = async (db, rules) => {
  await db.schema
    .createTable('journal_entry')
    .addColumn('device_id', 'text', (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('received_at', 'bigint', (c) => c.notNull())
    .addColumn('header', 'text', (c) => c.notNull())
    .addColumn('leaf', 'text', (c) => c.notNull())
    .addColumn('salt', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('journal_entry_seq', ['device_id', 'seq'])
    .addUniqueConstraint('journal_entry_leaf_once', ['device_id', 'leaf'])
    .addForeignKeyConstraint('journal_entry_device', ['device_id'], 'device', ['id'])
    .addCheckConstraint('journal_entry_counted', sql`seq >= 0`)
    .execute()
  await rules.appendOnly('journal_entry')
  await rules.refuse(
    'journal_entry_joins',
    'journal_entry',
    'insert',
    'new.seq > 0 and not exists ' +
      '(select 1 from journal_entry e where e.device_id = new.device_id and e.seq = new.seq - 1)',
  )
}
