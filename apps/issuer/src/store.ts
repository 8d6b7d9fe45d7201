import { closeSync, fchmodSync, openSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { Fault } from '@stint/elevation'
import { schema, schemaVersion } from './schema.ts'

/**
 * The issuer's database: SQLite in WAL mode, every commit on the disk before it returns, pages of deleted keys
 * overwritten. The connection holds the file's lock for as long as it is open, so a second issuer cannot start on
 * it, and the kernel releases the lock when a process dies.
 */
export class IssuerStore {
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(db: DatabaseSync) {
    this.#db = db
  }

  /** One row, or undefined. `Row` is what the statement selects. */
  one<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#prepare(sql).get(...values) as Row | undefined
  }

  all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#prepare(sql).all(...values) as Row[]
  }

  /** How many rows changed. Throws with the words of the rule that refused. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#prepare(sql).run(...values).changes)
  }

  /** All of it or nothing; durable when it returns. `work` must not await: the connection has one transaction. */
  transaction<T>(work: () => T): T {
    this.#db.exec('begin immediate')
    try {
      const result = work()
      this.#db.exec('commit')
      return result
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('rollback')
      throw error
    }
  }

  /** After keys were deleted: moves the overwritten pages from the log into the file and empties the log. */
  forgetDeleted(): void {
    this.#db.exec('pragma wal_checkpoint(truncate)')
  }

  close(): void {
    this.#statements.clear()
    this.#db.close()
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const made = this.#db.prepare(sql)
    this.#statements.set(sql, made)
    return made
  }
}

/**
 * Opens or makes the database at `path` (mode 0600), or one in memory for `:memory:`.
 * Throws `Fault`: `already-running` when another process has it, `store-version` when it is of another version: nothing
 * is brought up to date, because what the computers pinned cannot be.
 */
export function openIssuerStore(path: string): IssuerStore {
  if (path !== ':memory:') makePrivate(path)
  const db = new DatabaseSync(path, { timeout: 0 })
  try {
    prepareDatabase(db)
  } catch (error) {
    db.close()
    if (error instanceof Error && /locked|busy/.test(error.message))
      throw new Fault(
        'already-running',
        'Another issuer is using this data folder',
        'Stop the other one first; two must never share their keys.',
      )
    throw error
  }
  return new IssuerStore(db)
}

/** Nothing was ever kept in it: not even who this issuer is. */
export function isEmpty(store: IssuerStore): boolean {
  return store.one('select 1 from issuer') === undefined
}

function makePrivate(path: string): void {
  const file = openSync(path, 'a', 0o600)
  fchmodSync(file, 0o600)
  closeSync(file)
}

function prepareDatabase(db: DatabaseSync): void {
  // The lock first: from here on nobody else reads or writes.
  db.exec('pragma locking_mode = exclusive')
  db.exec('pragma journal_mode = wal')
  db.exec('pragma synchronous = full')
  db.exec('pragma foreign_keys = on')
  db.exec('pragma recursive_triggers = on')
  db.exec('pragma secure_delete = on')
  db.exec('pragma trusted_schema = off')
  db.exec('begin immediate')
  const version = Number(db.prepare('pragma user_version').get()?.user_version)
  if (version > schemaVersion)
    throw new Fault(
      'store-version',
      'The issuer’s data was written by a newer version',
      'Start that version.',
    )
  if (version !== 0 && version < schemaVersion)
    throw new Fault(
      'store-version',
      'The issuer’s data is from before version 0.1: its computers trust no key that signs the ledger',
      'Start with another data folder and enrol the computers again; what they trust cannot be changed from here.',
    )
  if (version === 0) db.exec(`${schema}\npragma user_version = ${schemaVersion};`)
  db.exec('commit')
}
