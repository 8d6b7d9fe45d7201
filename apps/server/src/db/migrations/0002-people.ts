import { roles, sqlCheck } from '@stint/elevation'
import { sql } from 'kysely'
import type { Step } from '../migrate.ts'
import { personStates } from '../schema.ts'

/** People, their one-time links and signed-in browsers, pauses after wrong passwords, tokens of programs. */
export const peopleTables: Step = async (db, rules) => {
  await db.schema
    .createTable('person')
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('email', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('role', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('password_hash', 'text')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('last_seen_at', 'bigint')
    .addPrimaryKeyConstraint('person_id', ['id'])
    .addUniqueConstraint('person_email_once', ['email'])
    .addCheckConstraint('person_role_known', sql.raw(sqlCheck('role', roles)))
    .addCheckConstraint('person_state_known', sql.raw(sqlCheck('state', personStates)))
    .addCheckConstraint('person_active_has_password', sql`state <> 'active' or password_hash is not null`)
    .addCheckConstraint('person_email_lower', sql`email = lower(email)`)
    .execute()
  await rules.immutable('person', ['id', 'email', 'created_at'])
  await rules.moves('person', 'state', {
    invited: ['active', 'disabled'],
    active: ['disabled'],
    disabled: ['active', 'invited'],
  })
  const stillOwns = "new.role = 'owner' and new.state = 'active'"
  const another = "select 1 from person p where p.role = 'owner' and p.state = 'active' and p.id <> old.id"
  await rules.refuse(
    'person_last_owner',
    'person',
    'update',
    `old.role = 'owner' and old.state = 'active' and not (${stillOwns}) and not exists (${another})`,
  )
  await rules.refuse('person_never_deleted', 'person', 'delete', '1 = 1')
  await linkTables(db, rules)
  await tokenTable(db, rules)
}

const linkTables: Step = async (db, rules) => {
  await db.schema
    .createTable('person_link')
    .addColumn('token_hash', 'text', (c) => c.notNull())
    .addColumn('person_id', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addColumn('used_at', 'bigint')
    .addPrimaryKeyConstraint('person_link_token', ['token_hash'])
    .addForeignKeyConstraint('person_link_person', ['person_id'], 'person', ['id'])
    .execute()
  await rules.immutable('person_link', ['token_hash', 'person_id', 'created_at'])
  await rules.setOnce('person_link', ['used_at'])
  await db.schema
    .createTable('person_session')
    .addColumn('token_hash', 'text', (c) => c.notNull())
    .addColumn('person_id', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('seen_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('person_session_token', ['token_hash'])
    .addForeignKeyConstraint('person_session_person', ['person_id'], 'person', ['id'])
    .execute()
  await rules.immutable('person_session', ['token_hash', 'person_id', 'created_at'])
  await db.schema
    .createTable('sign_in_pause')
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('failures', 'integer', (c) => c.notNull())
    .addColumn('last_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('sign_in_pause_key', ['key'])
    .addCheckConstraint('sign_in_pause_counted', sql`failures > 0`)
    .execute()
}

const tokenTable: Step = async (db, rules) => {
  await db.schema
    .createTable('api_token')
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('rights', 'text', (c) => c.notNull())
    .addColumn('secret_hash', 'text', (c) => c.notNull())
    .addColumn('created_by', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('last_used_at', 'bigint')
    .addColumn('expires_at', 'bigint')
    .addColumn('revoked_at', 'bigint')
    .addPrimaryKeyConstraint('api_token_id', ['id'])
    .addUniqueConstraint('api_token_secret_once', ['secret_hash'])
    .addForeignKeyConstraint('api_token_maker', ['created_by'], 'person', ['id'])
    .execute()
  await rules.immutable('api_token', [
    'id',
    'name',
    'rights',
    'secret_hash',
    'created_by',
    'created_at',
    'expires_at',
  ])
  await rules.setOnce('api_token', ['revoked_at'])
  await rules.refuse('api_token_never_deleted', 'api_token', 'delete', '1 = 1')
}
