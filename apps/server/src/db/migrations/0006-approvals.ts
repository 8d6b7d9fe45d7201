import { callerChecks, sqlCheck } from '@stint/elevation'
import { sql } from 'kysely'
import type { Step } from '../migrate.ts'
import { carriers, outcomes } from '../schema.ts'

/** How a request was decided: once, by somebody with a name. */
export const approvalTables: Step = async (db, rules) => {
  await db.schema
    .createTable('approval')
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('request_id', 'text', (c) => c.notNull())
    .addColumn('outcome', 'text', (c) => c.notNull())
    .addColumn('carried', 'text', (c) => c.notNull())
    .addColumn('approver', 'text', (c) => c.notNull())
    .addColumn('approver_name', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('minutes', 'integer')
    .addColumn('end_processes', 'integer')
    .addColumn('note', 'text', (c) => c.notNull())
    .addColumn('caller_check', 'text')
    .addColumn('issued_at', 'bigint')
    .addPrimaryKeyConstraint('approval_id', ['id'])
    .addUniqueConstraint('approval_once', ['request_id'])
    .addForeignKeyConstraint('approval_request', ['request_id'], 'request', ['id'])
    .addCheckConstraint('approval_outcome_known', sql.raw(sqlCheck('outcome', outcomes)))
    .addCheckConstraint('approval_carrier_known', sql.raw(sqlCheck('carried', carriers)))
    .addCheckConstraint('approval_check_known', sql.raw(sqlCheck('caller_check', callerChecks)))
    .addCheckConstraint(
      'approval_has_terms',
      sql`(outcome = 'approved') = (minutes is not null and end_processes is not null)`,
    )
    .addCheckConstraint(
      'approval_by_telephone_is_checked',
      sql`outcome <> 'approved' or carried <> 'telephone' or caller_check is not null`,
    )
    .addCheckConstraint('approval_denial_gives_nothing', sql`outcome = 'approved' or issued_at is null`)
    .execute()
  await rules.immutable('approval', [
    'id',
    'request_id',
    'outcome',
    'carried',
    'approver',
    'approver_name',
    'at',
    'minutes',
    'end_processes',
    'note',
    'caller_check',
  ])
  await rules.setOnce('approval', ['issued_at'])
  await rules.refuse('approval_never_deleted', 'approval', 'delete', '1 = 1')
}
