import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Fault } from '@stint/elevation'
import { Kysely, sql } from 'kysely'
import { startPostgres, type TestPostgres } from '../../test/postgres.ts'
import { type Database, type Engine, openDatabase } from './database.ts'
import { migrate } from './migrate.ts'
import { postgresDialect } from './postgres.ts'
import { ruleOf } from './rules.ts'
import type { Schema } from './schema.ts'
import { sqliteDialect } from './sqlite.ts'
import { vocabularies } from './vocabularies.ts'

const device = 'd'.repeat(32)
const session = `insert into session (id, device_id, device_request_id, state, user_id, user_name, mode, credential,
  started_at, ends_at, end_processes, recording, was_administrator, completeness, processes)
  values ('s1', '${device}', 'r1', 'live', 'u', 'a', 'session', 'answer-token', 1, 2, 1, 'r', 0, 'complete', 1)`
const rows = [
  `insert into enrollment_token values ('token', 'O', 1, 2, 1, 1, null)`,
  `insert into device values ('${device}', 7, 'token', 'enrolled', 'k', 'k', 'n', '{}', 3, 5, null, null, 1, null, null, 'vkey')`,
  session,
  `insert into session_process values ('s1', 1, 1, 1, 1, 0, 'p', '[]', 0, null, null, 5, 0, null)`,
]

/** The same claims of an older database on both engines; `place` names one that nobody used yet. */
function claims(engine: Engine, place: () => Promise<string>): void {
  /** As a server left it that knew neither the last step nor these words. */
  const olderDatabase = async (check: string, holds: string): Promise<string> => {
    const where = await place()
    const db = new Kysely<Schema>({
      dialect: engine === 'postgres' ? postgresDialect(where) : sqliteDialect(where),
    })
    await migrate(db, engine, '0008-evidence')
    for (const row of rows) await sql.raw(row).execute(db)
    await sql.raw(`alter table session drop constraint ${check}`).execute(db)
    await sql.raw(`alter table session add constraint "${check}" check (${holds})`).execute(db)
    await db.destroy()
    return where
  }
  const end = (db: Database, reason: string) =>
    sql
      .raw(`update session set state = 'ended', ended_at = 3, end_reason = '${reason}', proven = 1`)
      .execute(db.read)

  test('a database that was made before a word takes it after the start, and keeps what it had', async () => {
    const where = await olderDatabase(
      'session_end_reason_known',
      `end_reason is null or end_reason in ('expired', 'logoff')`,
    )
    const db = await openDatabase(where)
    try {
      await end(db, 'policy-change')
      const { denying, end_reason } = await db.read
        .selectFrom('session')
        .selectAll()
        .executeTakeFirstOrThrow()
      assert.deepEqual([denying, end_reason], ['no rules', 'policy-change'])
      const process = await db.read.selectFrom('session_process').selectAll().executeTakeFirstOrThrow()
      assert.deepEqual([process.redacted, process.program], [0, 'p'])
    } finally {
      await db.close()
    }
  })

  test('a database from before the entry format is refused with store-version, and stays as it was', async () => {
    const where = await place()
    const db = new Kysely<Schema>({
      dialect: engine === 'postgres' ? postgresDialect(where) : sqliteDialect(where),
    })
    await sql.raw(`create table ledger (seq bigint, at bigint, body text, prev text, hash text)`).execute(db)
    await assert.rejects(
      openDatabase(where),
      (error) => error instanceof Fault && error.code === 'store-version' && /--data/.test(error.hint),
    )
    const tables = await db.introspection.getTables()
    assert.deepEqual(
      tables.map(({ name }) => name),
      ['ledger'],
    )
    await db.destroy()
  })

  test('it still says no to a word of no list, by the name of the rule', async () => {
    const db = await openDatabase(
      await olderDatabase(
        'session_end_reason_known',
        `end_reason is null or end_reason in ('expired', 'logoff')`,
      ),
    )
    try {
      await assert.rejects(end(db, 'bored'), (error) => ruleOf(error) === 'session_end_reason_known')
      await assert.rejects(
        sql`update session set user_id = 'x'`.execute(db.read),
        (error) => ruleOf(error) === 'session_immutable',
      )
    } finally {
      await db.close()
    }
  })

  test('a database with a word that only a newer server knows is refused: migration-failed, and left as it is', async () => {
    const holds = `end_reason is null or end_reason in ('expired', 'logoff', 'eaten-by-a-newer-server')`
    const where = await olderDatabase('session_end_reason_known', holds)
    for (const _twice of [1, 2])
      await assert.rejects(
        openDatabase(where),
        (error) =>
          error instanceof Fault &&
          error.code === 'migration-failed' &&
          /Start the newer server/.test(error.hint) &&
          /eaten-by-a-newer-server/.test(String(error.cause)),
      )
  })
}

describe('the words that a database takes, on the embedded engine', () => {
  const folders: string[] = []
  after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))))
  claims('sqlite', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'stint-words-'))
    folders.push(folder)
    return join(folder, 'server.db')
  })
})

describe('the words that a database takes, on PostgreSQL', async () => {
  const started = await startPostgres()
  if (typeof started === 'string') {
    test('skipped', { skip: started }, () => undefined)
    return
  }
  const postgres: TestPostgres = started
  after(() => postgres.stop())
  claims('postgres', () => postgres.database())
})

describe('every list', () => {
  let made: readonly string[] = []
  before(() => {
    const folder = fileURLToPath(new URL('migrations', import.meta.url))
    made = globSync('*.ts', { cwd: folder }).flatMap((file) =>
      [...readFileSync(join(folder, file), 'utf8').matchAll(/'(\w+)', sql\.raw\(sqlCheck\(/g)].map(
        ([, name = '']) => name,
      ),
    )
  })
  test('that a step made a check of is renewed at the start', () =>
    assert.deepEqual(
      vocabularies.map(({ check }) => check).sort(),
      [...made].sort(),
      'a check that a step makes of a list stands in vocabularies.ts too',
    ))
})
