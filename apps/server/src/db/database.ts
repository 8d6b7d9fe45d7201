import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { Fault } from '@stint/elevation'
import { Kysely, sql } from 'kysely'
import { migrate } from './migrate.ts'
import { postgresDialect } from './postgres.ts'
import type { Schema } from './schema.ts'
import { sqliteDialect } from './sqlite.ts'

export type Engine = 'sqlite' | 'postgres'

/** Anything that can be asked: the database itself, or a transaction of it. */
export type Reader = Kysely<Schema>

/** One transaction. Stores write only with one of these, so that a row and its fact live and die together. */
export interface Tx {
  readonly q: Kysely<Schema>
  /** Runs after the commit, never after a rollback: waking streams, telling the issuer's queue. */
  afterCommit(effect: () => void): void
}

/**
 * The server's database. `write` is one transaction, and there is one at a time on either engine: SQLite has one
 * writer, and on PostgreSQL each takes the same lock first. So what a transaction has read is still true when it
 * writes. Inside `write`, read with `tx.q`; `read` would wait for the transaction itself. Nothing that takes a
 * network may be awaited inside.
 */
export interface Database {
  readonly engine: Engine
  readonly read: Reader
  write<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Any number; the same in every process of this product. */
const WRITER_LOCK = 0x5711_7001

/**
 * Opens and migrates. `where` is `postgres://…`, a file path, or `:memory:`.
 * Throws `Fault('database-unreachable')` where PostgreSQL gives no connection, `Fault('migration-failed')` as `migrate`.
 */
export async function openDatabase(where: string): Promise<Database> {
  const engine: Engine = /^postgres(?:ql)?:\/\//.test(where) ? 'postgres' : 'sqlite'
  if (engine === 'sqlite' && where !== ':memory:') mkdirSync(dirname(where), { recursive: true, mode: 0o700 })
  const kysely = new Kysely<Schema>({
    dialect: engine === 'postgres' ? postgresDialect(where) : sqliteDialect(where),
  })
  if (engine === 'postgres') await reach(kysely)
  await migrate(kysely, engine)
  return {
    engine,
    read: kysely,
    write: (work) => write(kysely, engine, work),
    close: () => kysely.destroy(),
  }
}

/** So that a database that is not there does not read like one of another version. Names no part of the address. */
async function reach(kysely: Kysely<Schema>): Promise<void> {
  try {
    await sql`select 1`.execute(kysely)
  } catch (cause) {
    await kysely.destroy()
    const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : ''
    throw new Fault(
      'database-unreachable',
      `PostgreSQL gives no connection${code}`,
      'Look whether it runs, and whether host, port, user, password and database in --database are right.',
      { cause },
    )
  }
}

async function write<T>(kysely: Kysely<Schema>, engine: Engine, work: (tx: Tx) => Promise<T>): Promise<T> {
  const effects: (() => void)[] = []
  const result = await kysely.transaction().execute(async (q) => {
    if (engine === 'postgres') await sql`select pg_advisory_xact_lock(${sql.lit(WRITER_LOCK)})`.execute(q)
    return work({ q, afterCommit: (effect) => effects.push(effect) })
  })
  for (const effect of effects) effect()
  return result
}
