import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { SqliteAdapter, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely'

/**
 * Kysely's SQLite dialect over the engine that Node brings. `path` is a file, or `:memory:`.
 * Durable at commit: write-ahead log, synchronous FULL. Foreign keys are on.
 */
export function sqliteDialect(path: string): SqliteDialect {
  return new Dialect({ database: openSqlite(path) })
}

class Dialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new Adapter()
  }
}

/** SQLite's tables and triggers are made in transactions, which Kysely does not count on: a step is whole or not there. */
class Adapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

function openSqlite(path: string): SqliteDatabase {
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: 5_000 })
  database.exec('pragma journal_mode = wal')
  database.exec('pragma synchronous = full')
  const known = new Map<string, SqliteStatement>()
  return {
    close: () => database.close(),
    prepare(sql) {
      const cached = known.get(sql)
      if (cached !== undefined) return cached
      const statement = adapt(database.prepare(lockAtOnce(sql)))
      if (known.size < 500) known.set(sql, statement)
      return statement
    },
  }
}

/** A transaction that starts reading and then writes may find another process in its way; taking the lock at the
 * start waits instead. */
function lockAtOnce(sql: string): string {
  return sql === 'begin' ? 'begin immediate' : sql
}

/** The structural interface that Kysely expects. Values are strings, numbers, bytes and null: no others are bound. */
function adapt(statement: StatementSync): SqliteStatement {
  const bind = (parameters: readonly unknown[]) => parameters as SQLInputValue[]
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...bind(parameters)),
    run: (parameters) => statement.run(...bind(parameters)),
    iterate: (parameters) => statement.iterate(...bind(parameters)) as IterableIterator<unknown>,
  }
}
