import { sql } from 'kysely'
import type { Step } from '../migrate.ts'

/** Every version of the settings that ever was, and every signed policy that was made of them. */
export const policyTables: Step = async (db, rules) => {
  await db.schema
    .createTable('settings_version')
    .addColumn('version', 'bigint', (c) => c.notNull())
    .addColumn('changed_at', 'bigint', (c) => c.notNull())
    .addColumn('changed_by', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('settings_version_number', ['version'])
    .addCheckConstraint('settings_version_counted', sql`version >= 1`)
    .execute()
  await rules.appendOnly('settings_version')
  // No foreign key to `device`: a computer gets its first policy in the middle of its enrolment.
  await db.schema
    .createTable('device_policy')
    .addColumn('device_id', 'text', (c) => c.notNull())
    .addColumn('serial', 'bigint', (c) => c.notNull())
    .addColumn('settings_version', 'bigint', (c) => c.notNull())
    .addColumn('users', 'text', (c) => c.notNull())
    .addColumn('jws', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('device_policy_serial', ['device_id', 'serial'])
    .addCheckConstraint('device_policy_serial_range', sql`serial >= 1 and serial <= 4294967295`)
    .execute()
  await rules.appendOnly('device_policy')
  await rules.refuse(
    'device_policy_serial_rises',
    'device_policy',
    'insert',
    'exists (select 1 from device_policy p where p.device_id = new.device_id and p.serial >= new.serial)',
  )
}
