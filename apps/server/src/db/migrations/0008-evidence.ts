import { findingCodes, findingWords, neverDropped, sqlCheck } from '@stint/elevation'
import { sql } from 'kysely'
import type { Step } from '../migrate.ts'

/**
 * The computers' journals as they came: each entry names the one before it, and a number is taken once. A body that was
 * dropped, or was too large to be kept, leaves its header.
 */
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
    .addColumn('salt', 'text')
    .addColumn('body', 'text')
    .addColumn('dropped_at', 'bigint')
    .addPrimaryKeyConstraint('journal_entry_seq', ['device_id', 'seq'])
    .addUniqueConstraint('journal_entry_leaf_once', ['device_id', 'leaf'])
    .addForeignKeyConstraint('journal_entry_device', ['device_id'], 'device', ['id'])
    .addCheckConstraint('journal_entry_counted', sql`seq >= 0`)
    .addCheckConstraint(
      'journal_entry_whole_or_dropped',
      sql`(dropped_at is null) = (body is not null) and (dropped_at is null) = (salt is not null)`,
    )
    .execute()
  // The keys of a journal stand in its seals.
  await db.schema
    .createIndex('journal_entry_seals')
    .on('journal_entry')
    .columns(['device_id', 'seq'])
    .where(sql.ref('type'), '=', sql.lit('seal.rotate'))
    .execute()
  await rules.bodyDropsOnce(
    'journal_entry',
    ['salt', 'body'],
    ['device_id', 'seq', 'type', 'at', 'received_at', 'header', 'leaf'],
    neverDropped,
  )
  await rules.refuse(
    'journal_entry_joins',
    'journal_entry',
    'insert',
    'new.seq > 0 and not exists ' +
      '(select 1 from journal_entry e where e.device_id = new.device_id and e.seq = new.seq - 1)',
  )
  await sealTables(db, rules)
  await findingTable(db, rules)
}

/** The tree over each journal (inner nodes), what the computer signed of it, and what it was given for that. */
const sealTables: Step = async (db, rules) => {
  await db.schema
    .createTable('journal_node')
    .addColumn('device_id', 'text', (c) => c.notNull())
    .addColumn('level', 'integer', (c) => c.notNull())
    .addColumn('number', 'bigint', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('journal_node_place', ['device_id', 'level', 'number'])
    .addForeignKeyConstraint('journal_node_device', ['device_id'], 'device', ['id'])
    .addCheckConstraint('journal_node_inner', sql`level > 0`)
    .execute()
  await rules.appendOnly('journal_node')
  await db.schema
    .createTable('device_checkpoint')
    .addColumn('device_id', 'text', (c) => c.notNull())
    .addColumn('size', 'bigint', (c) => c.notNull())
    .addColumn('root', 'text', (c) => c.notNull())
    .addColumn('note', 'text', (c) => c.notNull())
    .addColumn('received_at', 'bigint', (c) => c.notNull())
    .addColumn('length', 'bigint')
    .addColumn('receipt', 'text')
    .addColumn('ledger_seq', 'bigint')
    .addPrimaryKeyConstraint('device_checkpoint_size', ['device_id', 'size'])
    .addForeignKeyConstraint('device_checkpoint_device', ['device_id'], 'device', ['id'])
    .addForeignKeyConstraint('device_checkpoint_fact', ['ledger_seq'], 'ledger', ['seq'])
    .execute()
  await rules.appendOnly('device_checkpoint')
  await db.schema
    .createTable('device_receipt')
    .addColumn('device_id', 'text', (c) => c.notNull())
    .addColumn('size', 'bigint', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .addColumn('text', 'text', (c) => c.notNull())
    .addColumn('made_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('device_receipt_once', ['device_id', 'size'])
    .addUniqueConstraint('device_receipt_hash_once', ['device_id', 'hash'])
    .addForeignKeyConstraint('device_receipt_of', ['device_id', 'size'], 'device_checkpoint', [
      'device_id',
      'size',
    ])
    .execute()
  await rules.appendOnly('device_receipt')
}

/** What does not fit, once each. Somebody may say that he saw it; nobody can make it go. */
const findingTable: Step = async (db, rules) => {
  await db.schema
    .createTable('finding')
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('device_id', 'text', (c) => c.notNull())
    .addColumn('code', 'text', (c) => c.notNull())
    .addColumn('word', 'text', (c) => c.notNull())
    .addColumn('seq_from', 'bigint', (c) => c.notNull())
    .addColumn('seq_to', 'bigint', (c) => c.notNull())
    .addColumn('session_id', 'text')
    .addColumn('found_at', 'bigint', (c) => c.notNull())
    .addColumn('details', 'text', (c) => c.notNull())
    .addColumn('acknowledged_by', 'text')
    .addColumn('acknowledged_at', 'bigint')
    .addColumn('note', 'text')
    .addPrimaryKeyConstraint('finding_id', ['id'])
    .addUniqueConstraint('finding_once', ['device_id', 'word', 'seq_from', 'seq_to'])
    .addForeignKeyConstraint('finding_device', ['device_id'], 'device', ['id'])
    .addCheckConstraint('finding_code_known', sql.raw(sqlCheck('code', findingCodes)))
    .addCheckConstraint('finding_word_known', sql.raw(sqlCheck('word', findingWords)))
    .addCheckConstraint('finding_span', sql`seq_from >= 0 and seq_to >= seq_from`)
    .addCheckConstraint(
      'finding_acknowledged_whole',
      sql`(acknowledged_by is null) = (acknowledged_at is null) and (note is null or acknowledged_by is not null)`,
    )
    .execute()
  await db.schema.createIndex('finding_by_session').on('finding').column('session_id').execute()
  await rules.immutable('finding', [
    'id',
    'device_id',
    'code',
    'word',
    'seq_from',
    'seq_to',
    'session_id',
    'found_at',
    'details',
  ])
  await rules.setOnce('finding', ['acknowledged_by', 'acknowledged_at', 'note'])
  await rules.refuse('finding_never_deleted', 'finding', 'delete', '1 = 1')
}
