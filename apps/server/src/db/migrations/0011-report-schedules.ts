import { deliveryStates, reportNames, sqlCheck } from '@stint/elevation'
import { sql } from 'kysely'
import type { Step } from '../migrate.ts'

/** Filters that people keep, reports that are sent by themselves, and each time that one was due. */
export const reportScheduleTables: Step = async (db, rules) => {
  await db.schema
    .createTable('report_filter')
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('owner_id', 'text', (c) => c.notNull())
    .addColumn('report', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('shared', 'integer', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('changed_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('report_filter_id', ['id'])
    .addUniqueConstraint('report_filter_name_once', ['owner_id', 'report', 'name'])
    .addForeignKeyConstraint('report_filter_owner', ['owner_id'], 'person', ['id'])
    .addCheckConstraint('report_filter_report_known', sql.raw(sqlCheck('report', reportNames)))
    .execute()
  await rules.immutable('report_filter', ['id', 'owner_id', 'report', 'created_at'])
  await db.schema
    .createTable('report_schedule')
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('report', 'text', (c) => c.notNull())
    .addColumn('filter_id', 'text')
    .addColumn('due', 'text', (c) => c.notNull())
    .addColumn('target', 'text', (c) => c.notNull())
    .addColumn('format', 'text', (c) => c.notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('created_by', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('next_due_at', 'bigint')
    .addPrimaryKeyConstraint('report_schedule_id', ['id'])
    .addUniqueConstraint('report_schedule_name_once', ['name'])
    .addForeignKeyConstraint('report_schedule_filter', ['filter_id'], 'report_filter', ['id'])
    .addCheckConstraint('report_schedule_report_known', sql.raw(sqlCheck('report', reportNames)))
    .execute()
  await rules.immutable('report_schedule', ['id', 'created_by', 'created_at'])
  await rules.refuse(
    'report_schedule_filter_is_shared',
    'report_filter',
    'update',
    'new.shared = 0 and exists (select 1 from report_schedule s where s.filter_id = new.id)',
  )
  await deliveryTable(db, rules)
}

/** `period` is the same for the same due period, whoever asks: the engine takes it once. */
const deliveryTable: Step = async (db, rules) => {
  await db.schema
    .createTable('report_delivery')
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('schedule_id', 'text', (c) => c.notNull())
    .addColumn('period', 'text', (c) => c.notNull())
    .addColumn('test', 'integer', (c) => c.notNull())
    .addColumn('from_at', 'bigint', (c) => c.notNull())
    .addColumn('to_at', 'bigint', (c) => c.notNull())
    .addColumn('due_at', 'bigint', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('attempts', 'integer', (c) => c.notNull())
    .addColumn('last_error', 'text')
    .addColumn('next_try_at', 'bigint')
    .addColumn('taken_at', 'bigint')
    .addColumn('sent_at', 'bigint')
    .addPrimaryKeyConstraint('report_delivery_id', ['id'])
    .addUniqueConstraint('report_delivery_period_once', ['schedule_id', 'period'])
    .addForeignKeyConstraint('report_delivery_schedule', ['schedule_id'], 'report_schedule', ['id'])
    .addCheckConstraint('report_delivery_state_known', sql.raw(sqlCheck('state', deliveryStates)))
    .addCheckConstraint('report_delivery_sent_says_when', sql`(state = 'sent') = (sent_at is not null)`)
    .addCheckConstraint('report_delivery_waits_until', sql`(state = 'waiting') = (next_try_at is not null)`)
    .addCheckConstraint('report_delivery_period_order', sql`from_at < to_at`)
    .execute()
  await db.schema
    .createIndex('report_delivery_by_state')
    .on('report_delivery')
    .columns(['state', 'next_try_at'])
    .execute()
  await rules.immutable('report_delivery', [
    'id',
    'schedule_id',
    'period',
    'test',
    'from_at',
    'to_at',
    'due_at',
  ])
  await rules.refuse('report_delivery_starts_waiting', 'report_delivery', 'insert', "new.state <> 'waiting'")
  await rules.moves('report_delivery', 'state', {
    waiting: ['sending'],
    sending: ['sent', 'waiting', 'failed', 'uncertain'],
    failed: ['waiting'],
    uncertain: ['waiting'],
  })
}
