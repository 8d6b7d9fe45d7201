import { sql } from 'kysely'
import type { Step } from '../migrate.ts'
import {
  countProgram,
  countSessionProgram,
  meetComputer,
  meetPerson,
  meetVariant,
  programFigures,
} from '../program-figures.ts'

/**
 * Figures of programs that follow from the processes of sessions: adding up millions of them for every look would take
 * seconds. The engine keeps them in the transaction of the process itself, so they cannot differ from it.
 */
export const programFigureTables: Step = async (db, rules) => {
  await db.schema
    .createTable('program')
    .addColumn('program', 'text', (c) => c.notNull())
    .addColumn('starts', 'bigint', (c) => c.notNull())
    .addColumn('first_at', 'bigint', (c) => c.notNull())
    .addColumn('last_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('program_path', ['program'])
    .execute()
  await db.schema
    .createTable('program_day')
    .addColumn('day', 'bigint', (c) => c.notNull())
    .addColumn('program', 'text', (c) => c.notNull())
    .addColumn('starts', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('program_day_key', ['day', 'program'])
    .execute()
  for (const [table, column] of [
    ['program_person', 'user_id'],
    ['program_computer', 'device_id'],
    ['program_variant', 'sha256'],
  ] as const)
    await db.schema
      .createTable(table)
      .addColumn('program', 'text', (c) => c.notNull())
      .addColumn(column, 'text', (c) => c.notNull())
      .addColumn('first_at', 'bigint', (c) => c.notNull())
      .addColumn('last_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint(`${table}_key`, ['program', column])
      .execute()
  await db.schema
    .createTable('session_program')
    .addColumn('session_id', 'text', (c) => c.notNull())
    .addColumn('program', 'text', (c) => c.notNull())
    .addColumn('starts', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('session_program_key', ['session_id', 'program'])
    .execute()
  for (const statement of programFigures) await sql.raw(statement).execute(db)
  await db.schema
    .createIndex('session_program_by_program')
    .on('session_program')
    .columns(['program', 'session_id'])
    .execute()
  await rules.follow('session_process_counted', 'session_process', [
    countSessionProgram,
    ...countProgram,
    meetVariant,
  ])
  await rules.follow('session_program_met', 'session_program', [meetPerson, meetComputer])
  await reportIndexes(db, rules)
}

/** What reports sort and filter by. */
const reportIndexes: Step = async (db) => {
  for (const [name, table, columns] of [
    ['session_by_start', 'session', ['started_at', 'id']],
    ['session_by_user', 'session', ['user_id', 'started_at']],
    ['request_by_creation', 'request', ['created_at', 'id']],
    ['request_by_user', 'request', ['user_id', 'created_at']],
    ['request_by_device', 'request', ['device_id', 'created_at']],
    ['approval_by_approver', 'approval', ['approver', 'at']],
    ['session_denied_by_time', 'session_denied', ['at', 'session_id', 'seq']],
  ] as const)
    await db.schema
      .createIndex(name)
      .on(table)
      .columns([...columns])
      .execute()
}
