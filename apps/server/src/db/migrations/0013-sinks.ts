import { sinkKinds, sqlCheck } from '@stint/elevation'
import { sql } from 'kysely'
import type { Step } from '../migrate.ts'

/** Other systems that are sent the ledger, and how far each is. */
export const sinkTables: Step = async (db, rules) => {
  await db.schema
    .createTable('sink')
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('target', 'text', (c) => c.notNull())
    .addColumn('types', 'text')
    .addColumn('secret', 'text')
    .addColumn('paused', 'integer', (c) => c.notNull())
    .addColumn('position', 'bigint', (c) => c.notNull())
    .addColumn('created_by', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('last_sent_at', 'bigint')
    .addColumn('failures', 'integer', (c) => c.notNull())
    .addColumn('last_error', 'text')
    .addColumn('next_try_at', 'bigint')
    .addColumn('lease_by', 'text')
    .addColumn('lease_until', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('sink_id', ['id'])
    .addUniqueConstraint('sink_name_once', ['name'])
    .addCheckConstraint('sink_kind_known', sql.raw(sqlCheck('kind', sinkKinds)))
    .addCheckConstraint('sink_failure_says_why', sql`(failures > 0) = (last_error is not null)`)
    .addCheckConstraint('sink_failure_says_when', sql`(failures > 0) = (next_try_at is not null)`)
    .execute()
  await rules.immutable('sink', ['id', 'kind', 'created_by', 'created_at'])
  await rules.refuse('sink_position_forward', 'sink', 'update', 'new.position < old.position')
  await rules.refuse(
    'sink_position_exists',
    'sink',
    'update',
    'new.position > old.position and not exists (select 1 from ledger e where e.seq = new.position - 1)',
  )
}
