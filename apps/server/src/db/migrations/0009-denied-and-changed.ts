import { changeKinds, sqlCheck } from '@stint/elevation'
import { sql } from 'kysely'
import type { Step } from '../migrate.ts'
import { undoOutcomes } from '../schema.ts'

/**
 * What a session was kept from doing, and what it changed. Sessions from before had no rules to deny by and no
 * patterns to redact by, which is what the defaults say.
 */
export const deniedAndChanged: Step = async (db, rules) => {
  await db.schema
    .alterTable('session')
    .addColumn('denying', 'text', (c) => c.notNull().defaultTo('no rules'))
    .execute()
  await rules.refuse('session_denying_stays', 'session', 'update', 'new.denying <> old.denying')
  await db.schema
    .alterTable('session_process')
    .addColumn('redacted', 'bigint', (c) => c.notNull().defaultTo(0))
    .execute()
  await rules.refuse(
    'session_process_redacted_stays',
    'session_process',
    'update',
    'new.redacted <> old.redacted',
  )
  await deniedTable(db, rules)
  await changeTables(db, rules)
}

/** One row for each fact that a rule kept a program from starting. */
const deniedTable: Step = async (db, rules) => {
  await db.schema
    .createTable('session_denied')
    .addColumn('session_id', 'text', (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('pid', 'bigint', (c) => c.notNull())
    .addColumn('uid', 'bigint', (c) => c.notNull())
    .addColumn('program', 'text', (c) => c.notNull())
    .addColumn('sha256', 'text')
    .addColumn('args', 'text', (c) => c.notNull())
    .addColumn('args_cut', 'integer', (c) => c.notNull())
    .addColumn('redacted', 'bigint', (c) => c.notNull())
    .addColumn('rule', 'text')
    .addColumn('repeated', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('session_denied_seq', ['session_id', 'seq'])
    .addForeignKeyConstraint('session_denied_session', ['session_id'], 'session', ['id'])
    .execute()
  await rules.appendOnly('session_denied')
}

/** That a session was compared, once, and a row for each thing that was not as before. */
const changeTables: Step = async (db, rules) => {
  await db.schema
    .createTable('session_comparison')
    .addColumn('session_id', 'text', (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('unread', 'text', (c) => c.notNull())
    .addColumn('cut', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('session_comparison_once', ['session_id'])
    .addForeignKeyConstraint('session_comparison_session', ['session_id'], 'session', ['id'])
    .execute()
  await rules.appendOnly('session_comparison')
  await db.schema
    .createTable('session_change')
    .addColumn('session_id', 'text', (c) => c.notNull())
    .addColumn('number', 'integer', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('what', 'text', (c) => c.notNull())
    .addColumn('before', 'text')
    .addColumn('after', 'text')
    .addColumn('at', 'bigint')
    .addColumn('undone', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('session_change_number', ['session_id', 'number'])
    .addForeignKeyConstraint('session_change_comparison', ['session_id'], 'session_comparison', [
      'session_id',
    ])
    .addCheckConstraint('session_change_kind_known', sql.raw(sqlCheck('kind', changeKinds)))
    .addCheckConstraint('session_change_undone_known', sql.raw(sqlCheck('undone', undoOutcomes)))
    .execute()
  await rules.appendOnly('session_change')
}
