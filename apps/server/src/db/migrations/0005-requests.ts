import { modes, requestSources, requestStates, sqlCheck } from '@stint/elevation'
import { sql } from 'kysely'
import type { Step } from '../migrate.ts'

/** What people ask for. One row per counter of a computer, whichever way it arrived first. */
export const requestTables: Step = async (db, rules) => {
  await db.schema
    .createTable('request')
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('device_id', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('source', 'text', (c) => c.notNull())
    .addColumn('device_request_id', 'text')
    .addColumn('request_code', 'text', (c) => c.notNull())
    .addColumn('counter', 'bigint', (c) => c.notNull())
    .addColumn('epoch', 'bigint', (c) => c.notNull())
    .addColumn('policy_serial', 'bigint', (c) => c.notNull())
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('user_name', 'text', (c) => c.notNull())
    .addColumn('mode', 'text', (c) => c.notNull())
    .addColumn('reason', 'text')
    .addColumn('minutes', 'integer')
    .addColumn('ticket', 'text')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .addPrimaryKeyConstraint('request_id', ['id'])
    .addUniqueConstraint('request_counter_once', ['device_id', 'counter'])
    .addUniqueConstraint('request_device_id_once', ['device_request_id'])
    .addForeignKeyConstraint('request_device', ['device_id'], 'device', ['id'])
    .addCheckConstraint('request_state_known', sql.raw(sqlCheck('state', requestStates)))
    .addCheckConstraint('request_source_known', sql.raw(sqlCheck('source', requestSources)))
    .addCheckConstraint('request_mode_known', sql.raw(sqlCheck('mode', modes)))
    .addCheckConstraint('request_ended_when_over', sql`(state = 'pending') = (ended_at is null)`)
    .addCheckConstraint(
      'request_network_is_whole',
      sql`source <> 'network' or (device_request_id is not null and reason is not null and minutes is not null)`,
    )
    .execute()
  await db.schema.createIndex('request_by_state').on('request').columns(['state', 'expires_at']).execute()
  await rules.immutable('request', [
    'id',
    'device_id',
    'source',
    'request_code',
    'counter',
    'epoch',
    'policy_serial',
    'user_id',
    'mode',
    'created_at',
  ])
  await rules.setOnce('request', ['device_request_id', 'reason', 'minutes', 'ticket', 'ended_at'])
  await rules.moves('request', 'state', {
    pending: requestStates.filter((state) => state !== 'pending'),
  })
  await rules.refuse('request_starts_pending', 'request', 'insert', "new.state <> 'pending'")
  await rules.refuse('request_never_deleted', 'request', 'delete', '1 = 1')
}
