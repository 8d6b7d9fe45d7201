import { deviceStates, sqlCheck } from '@stint/elevation'
import { sql } from 'kysely'
import type { Step } from '../migrate.ts'
import { messageTypes } from '../schema.ts'

/** Computers, the tokens they came with, the users they reported, and what still has to reach them. */
export const deviceTables: Step = async (db, rules) => {
  await db.schema
    .createTable('enrollment_token')
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('created_by', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addColumn('uses', 'integer', (c) => c.notNull())
    .addColumn('used', 'integer', (c) => c.notNull())
    .addColumn('revoked_at', 'bigint')
    .addPrimaryKeyConstraint('enrollment_token_id', ['id'])
    .addCheckConstraint('enrollment_token_uses', sql`used >= 0 and used <= uses`)
    .execute()
  await rules.immutable('enrollment_token', ['id', 'created_by', 'created_at', 'expires_at', 'uses'])
  await rules.refuse('enrollment_token_used_rises', 'enrollment_token', 'update', 'new.used < old.used')
  await rules.setOnce('enrollment_token', ['revoked_at'])
  await db.schema
    .createTable('pending_device')
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('dev_no', 'integer', (c) => c.notNull())
    .addColumn('token_id', 'text', (c) => c.notNull())
    .addColumn('dik', 'text', (c) => c.notNull())
    .addColumn('dxk', 'text', (c) => c.notNull())
    .addColumn('facts', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('log_key', 'text', (c) => c.notNull())
    .addColumn('log_key_fact', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('pending_device_id', ['id'])
    .addForeignKeyConstraint('pending_device_token', ['token_id'], 'enrollment_token', ['id'])
    .execute()
  await deviceTable(db, rules)
  await userTable(db, rules)
  await messageTable(db, rules)
}

const deviceTable: Step = async (db, rules) => {
  await db.schema
    .createTable('device')
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('dev_no', 'integer', (c) => c.notNull())
    .addColumn('token_id', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('dik', 'text', (c) => c.notNull())
    .addColumn('dxk', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('facts', 'text', (c) => c.notNull())
    .addColumn('epoch', 'bigint', (c) => c.notNull())
    .addColumn('last_counter', 'bigint', (c) => c.notNull())
    .addColumn('policy_serial', 'bigint')
    .addColumn('last_seen_at', 'bigint')
    .addColumn('enrolled_at', 'bigint', (c) => c.notNull())
    .addColumn('revoked_at', 'bigint')
    .addColumn('keys_erased_at', 'bigint')
    .addColumn('log_key', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('device_id', ['id'])
    .addUniqueConstraint('device_number_once', ['dev_no'])
    .addForeignKeyConstraint('device_token', ['token_id'], 'enrollment_token', ['id'])
    .addCheckConstraint('device_state_known', sql.raw(sqlCheck('state', deviceStates)))
    .addCheckConstraint('device_revoked_says_when', sql`(state = 'revoked') = (revoked_at is not null)`)
    .addCheckConstraint('device_number_range', sql`dev_no >= 0 and dev_no < 4194304`)
    .execute()
  await rules.immutable('device', ['id', 'dev_no', 'token_id', 'dik', 'dxk', 'enrolled_at', 'log_key'])
  await rules.setOnce('device', ['revoked_at', 'keys_erased_at'])
  await rules.moves('device', 'state', {
    enrolled: ['suspended', 'revoked'],
    suspended: ['enrolled', 'revoked'],
  })
  await rules.refuse('device_epoch_rises', 'device', 'update', 'new.epoch < old.epoch')
  await rules.refuse('device_counter_rises', 'device', 'update', 'new.last_counter < old.last_counter')
  await rules.refuse('device_never_deleted', 'device', 'delete', '1 = 1')
}

const userTable: Step = async (db, rules) => {
  await db.schema
    .createTable('device_user')
    .addColumn('device_id', 'text', (c) => c.notNull())
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('slot', 'integer')
    .addColumn('first_seen_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('device_user_id', ['device_id', 'user_id'])
    .addUniqueConstraint('device_user_slot_once', ['device_id', 'slot'])
    .addForeignKeyConstraint('device_user_device', ['device_id'], 'device', ['id'])
    .addCheckConstraint('device_user_slot_range', sql`slot is null or (slot >= 0 and slot <= 13)`)
    .execute()
  await rules.immutable('device_user', ['device_id', 'user_id', 'slot', 'first_seen_at'])
  await rules.refuse('device_user_never_deleted', 'device_user', 'delete', '1 = 1')
}

const messageTable: Step = async (db, rules) => {
  await db.schema
    .createTable('device_message')
    .addColumn('device_id', 'text', (c) => c.notNull())
    .addColumn('id', 'bigint', (c) => c.notNull())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('about', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('done_at', 'bigint')
    .addPrimaryKeyConstraint('device_message_id', ['device_id', 'id'])
    .addForeignKeyConstraint('device_message_device', ['device_id'], 'device', ['id'])
    .addCheckConstraint('device_message_type_known', sql.raw(sqlCheck('type', messageTypes)))
    .execute()
  await rules.immutable('device_message', ['device_id', 'id', 'type', 'about', 'body', 'created_at'])
  await rules.setOnce('device_message', ['done_at'])
}
