import { credentials, sqlCheck } from '@stint/elevation'
import { sql } from 'kysely'
import type { Step } from '../migrate.ts'
import { answerForms } from '../schema.ts'

/**
 * What the checks of evidence look up at every fact (`spec/evidence.md`, E4 to E9): small rows beside the journals and
 * the ledger, so that no check walks a journal. They hold nothing that is in a body only and about a person, but for the
 * user's id, which is the request's.
 */
export const checkTables: Step = async (db, rules) => {
  await issuedTable(db, rules)
  await spanTable(db, rules)
  await journalTables(db, rules)
  await db.schema
    .createIndex('device_checkpoint_length')
    .on('device_checkpoint')
    .columns(['device_id', 'length'])
    .execute()
  await db.schema
    .createIndex('finding_open')
    .on('finding')
    .columns(['found_at', 'id'])
    .where(sql.ref('acknowledged_at'), 'is', null)
    .execute()
  await db.schema.createIndex('finding_newest').on('finding').columns(['found_at', 'id']).execute()
}

/** Every answer that was given out, and whether the computer has said what became of it. */
const issuedTable: Step = async (db, rules) => {
  await db.schema
    .createTable('issued_answer')
    .addColumn('ledger_seq', 'bigint', (c) => c.notNull())
    .addColumn('device_id', 'text', (c) => c.notNull())
    .addColumn('counter', 'bigint', (c) => c.notNull())
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('form', 'text', (c) => c.notNull())
    .addColumn('jti', 'text')
    .addColumn('minutes', 'integer', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('settled_at', 'bigint')
    .addPrimaryKeyConstraint('issued_answer_fact', ['ledger_seq'])
    .addForeignKeyConstraint('issued_answer_of_ledger', ['ledger_seq'], 'ledger', ['seq'])
    .addForeignKeyConstraint('issued_answer_device', ['device_id'], 'device', ['id'])
    .addCheckConstraint('issued_answer_form_known', sql.raw(sqlCheck('form', answerForms)))
    .execute()
  await db.schema
    .createIndex('issued_answer_by_counter')
    .on('issued_answer')
    .columns(['device_id', 'counter'])
    .execute()
  await db.schema
    .createIndex('issued_answer_unsettled')
    .on('issued_answer')
    .columns(['device_id', 'counter'])
    .where(sql.ref('settled_at'), 'is', null)
    .execute()
  await rules.immutable('issued_answer', [
    'ledger_seq',
    'device_id',
    'counter',
    'user_id',
    'form',
    'jti',
    'minutes',
    'at',
  ])
  await rules.setOnce('issued_answer', ['settled_at'])
  await rules.refuse('issued_answer_never_deleted', 'issued_answer', 'delete', '1 = 1')
}

const spanTable: Step = async (db, rules) => {
  await db.schema
    .createTable('session_span')
    .addColumn('session_id', 'text', (c) => c.notNull())
    .addColumn('device_id', 'text', (c) => c.notNull())
    .addColumn('grant_seq', 'bigint', (c) => c.notNull())
    .addColumn('end_seq', 'bigint')
    .addColumn('gaps_reported', 'integer')
    .addColumn('seal_seq', 'bigint')
    .addColumn('seals', 'integer', (c) => c.notNull())
    .addColumn('troubled', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('session_span_once', ['session_id'])
    .addForeignKeyConstraint('session_span_device', ['device_id'], 'device', ['id'])
    .addCheckConstraint('session_span_order', sql`end_seq > grant_seq and seal_seq > end_seq`)
    .execute()
  await db.schema
    .createIndex('session_span_of_device')
    .on('session_span')
    .columns(['device_id', 'grant_seq'])
    .execute()
  await db.schema
    .createIndex('session_span_unsealed')
    .on('session_span')
    .columns(['device_id', 'end_seq'])
    .where(sql.ref('seal_seq'), 'is', null)
    .execute()
  await rules.immutable('session_span', ['session_id', 'device_id', 'grant_seq', 'seals'])
  await rules.setOnce('session_span', ['end_seq', 'gaps_reported', 'seal_seq'])
  await rules.refuse('session_span_stays_troubled', 'session_span', 'update', 'new.troubled < old.troubled')
}

const journalTables: Step = async (db, rules) => {
  await db.schema
    .createTable('journal_boot')
    .addColumn('device_id', 'text', (c) => c.notNull())
    .addColumn('boot', 'text', (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('journal_boot_once', ['device_id', 'boot'])
    .addForeignKeyConstraint('journal_boot_entry', ['device_id', 'seq'], 'journal_entry', [
      'device_id',
      'seq',
    ])
    .execute()
  await rules.appendOnly('journal_boot')
  await db.schema
    .createTable('journal_request')
    .addColumn('device_id', 'text', (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('request_id', 'text', (c) => c.notNull())
    .addColumn('counter', 'bigint', (c) => c.notNull())
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('void_seq', 'bigint')
    .addPrimaryKeyConstraint('journal_request_seq', ['device_id', 'seq'])
    .addForeignKeyConstraint('journal_request_entry', ['device_id', 'seq'], 'journal_entry', [
      'device_id',
      'seq',
    ])
    .execute()
  for (const column of ['counter', 'request_id'])
    await db.schema
      .createIndex(`journal_request_by_${column}`)
      .on('journal_request')
      .columns(['device_id', column])
      .execute()
  await rules.setOnce('journal_request', ['void_seq'])
  await grantTables(db, rules)
}

const grantTables: Step = async (db, rules) => {
  await db.schema
    .createTable('journal_grant')
    .addColumn('device_id', 'text', (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('session_id', 'text', (c) => c.notNull())
    .addColumn('counter', 'bigint', (c) => c.notNull())
    .addColumn('credential', 'text', (c) => c.notNull())
    .addColumn('granted_seconds', 'bigint', (c) => c.notNull())
    .addColumn('start_seq', 'bigint')
    .addColumn('start_boot', 'text')
    .addColumn('start_up', 'bigint')
    .addPrimaryKeyConstraint('journal_grant_seq', ['device_id', 'seq'])
    .addForeignKeyConstraint('journal_grant_entry', ['device_id', 'seq'], 'journal_entry', [
      'device_id',
      'seq',
    ])
    .addCheckConstraint('journal_grant_credential_known', sql.raw(sqlCheck('credential', credentials)))
    .execute()
  for (const column of ['counter', 'session_id'])
    await db.schema
      .createIndex(`journal_grant_by_${column}`)
      .on('journal_grant')
      .columns(['device_id', column])
      .execute()
  await rules.setOnce('journal_grant', ['start_seq', 'start_boot', 'start_up'])
  await db.schema
    .createTable('journal_receipt')
    .addColumn('device_id', 'text', (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('journal_receipt_seq', ['device_id', 'seq'])
    .addForeignKeyConstraint('journal_receipt_entry', ['device_id', 'seq'], 'journal_entry', [
      'device_id',
      'seq',
    ])
    .execute()
  await db.schema
    .createIndex('journal_receipt_by_hash')
    .on('journal_receipt')
    .columns(['device_id', 'hash'])
    .execute()
  await rules.appendOnly('journal_receipt')
}
