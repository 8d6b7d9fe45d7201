import { completeness, credentials, endReasons, modes, sessionStates, sqlCheck } from '@stint/elevation'
import { sql } from 'kysely'
import type { Step } from '../migrate.ts'

/** Sessions and what ran in them, as the computers' journals tell it. */
export const sessionTables: Step = async (db, rules) => {
  await db.schema
    .createTable('session')
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('device_id', 'text', (c) => c.notNull())
    .addColumn('device_request_id', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('user_name', 'text', (c) => c.notNull())
    .addColumn('mode', 'text', (c) => c.notNull())
    .addColumn('credential', 'text', (c) => c.notNull())
    .addColumn('started_at', 'bigint', (c) => c.notNull())
    .addColumn('ends_at', 'bigint', (c) => c.notNull())
    .addColumn('end_processes', 'integer', (c) => c.notNull())
    .addColumn('recording', 'text', (c) => c.notNull())
    .addColumn('was_administrator', 'integer', (c) => c.notNull())
    .addColumn('completeness', 'text', (c) => c.notNull())
    .addColumn('processes', 'integer', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('end_reason', 'text')
    .addColumn('proven', 'integer')
    .addColumn('still_running', 'text')
    .addColumn('processes_reported', 'integer')
    .addPrimaryKeyConstraint('session_id', ['id'])
    .addForeignKeyConstraint('session_device', ['device_id'], 'device', ['id'])
    .addCheckConstraint('session_state_known', sql.raw(sqlCheck('state', sessionStates)))
    .addCheckConstraint('session_mode_known', sql.raw(sqlCheck('mode', modes)))
    .addCheckConstraint('session_credential_known', sql.raw(sqlCheck('credential', credentials)))
    .addCheckConstraint('session_end_reason_known', sql.raw(sqlCheck('end_reason', endReasons)))
    .addCheckConstraint('session_completeness_known', sql.raw(sqlCheck('completeness', completeness)))
    .addCheckConstraint(
      'session_ended_says_how',
      sql`(state = 'ended') = (ended_at is not null and end_reason is not null and proven is not null)`,
    )
    .execute()
  await db.schema
    .createIndex('session_by_device')
    .on('session')
    .columns(['device_id', 'started_at'])
    .execute()
  await db.schema.createIndex('session_by_request').on('session').column('device_request_id').execute()
  await rules.immutable('session', [
    'id',
    'device_id',
    'device_request_id',
    'user_id',
    'user_name',
    'mode',
    'credential',
    'started_at',
    'ends_at',
    'end_processes',
    'recording',
    'was_administrator',
  ])
  await rules.setOnce('session', ['ended_at', 'end_reason', 'proven', 'still_running', 'processes_reported'])
  await rules.moves('session', 'state', { live: ['ended'] })
  await rules.refuse('session_starts_live', 'session', 'insert', "new.state <> 'live'")
  await recordingTables(db, rules)
  await factTable(db, rules)
}

const recordingTables: Step = async (db, rules) => {
  await db.schema
    .createTable('session_process')
    .addColumn('session_id', 'text', (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('pid', 'bigint', (c) => c.notNull())
    .addColumn('started_at', 'bigint', (c) => c.notNull())
    .addColumn('parent_pid', 'bigint', (c) => c.notNull())
    .addColumn('uid', 'bigint', (c) => c.notNull())
    .addColumn('program', 'text', (c) => c.notNull())
    .addColumn('args', 'text', (c) => c.notNull())
    .addColumn('args_cut', 'integer', (c) => c.notNull())
    .addColumn('directory', 'text')
    .addColumn('sha256', 'text')
    .addColumn('ended_at', 'bigint')
    .addColumn('exit_code', 'integer')
    .addColumn('signal', 'text')
    .addPrimaryKeyConstraint('session_process_seq', ['session_id', 'seq'])
    .addForeignKeyConstraint('session_process_session', ['session_id'], 'session', ['id'])
    .execute()
  await db.schema
    .createIndex('session_process_name')
    .on('session_process')
    .columns(['session_id', 'pid', 'started_at'])
    .execute()
  await rules.immutable('session_process', [
    'session_id',
    'seq',
    'pid',
    'started_at',
    'parent_pid',
    'uid',
    'program',
    'args',
    'args_cut',
    'directory',
    'sha256',
  ])
  await rules.setOnce('session_process', ['ended_at', 'exit_code', 'signal'])
  await db.schema
    .createTable('session_gap')
    .addColumn('session_id', 'text', (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('from_at', 'bigint', (c) => c.notNull())
    .addColumn('to_at', 'bigint', (c) => c.notNull())
    .addColumn('cause', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('session_gap_seq', ['session_id', 'seq'])
    .addForeignKeyConstraint('session_gap_session', ['session_id'], 'session', ['id'])
    .execute()
  await rules.appendOnly('session_gap')
}

/** What happened on the computer around a request or a session, in a sentence each. */
const factTable: Step = async (db, rules) => {
  await db.schema
    .createTable('session_fact')
    .addColumn('device_id', 'text', (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('device_request_id', 'text')
    .addColumn('session_id', 'text')
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('text', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('session_fact_seq', ['device_id', 'seq'])
    .addForeignKeyConstraint('session_fact_device', ['device_id'], 'device', ['id'])
    .execute()
  await db.schema.createIndex('session_fact_of_session').on('session_fact').column('session_id').execute()
  await db.schema
    .createIndex('session_fact_of_request')
    .on('session_fact')
    .column('device_request_id')
    .execute()
  await rules.appendOnly('session_fact')
}
