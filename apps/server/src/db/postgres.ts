import { PostgresDialect } from 'kysely'
import pg from 'pg'

/** Type number of `bigint`. Our largest are milliseconds and counters below 2^53, so a number holds them. */
const INT8 = 20

/** Kysely's PostgreSQL dialect. `url` is `postgres://user:password@host:port/database`. */
export function postgresDialect(url: string): PostgresDialect {
  const types = new pg.TypeOverrides()
  types.setTypeParser(INT8, safeInteger)
  const pool = new pg.Pool({ connectionString: url, max: 10, types })
  // A connection that breaks while nobody uses it is replaced at the next use; without a listener it would end the
  // process. One that breaks in use fails its query.
  pool.on('error', () => undefined)
  return new PostgresDialect({ pool })
}

function safeInteger(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError('a bigint of the database is beyond 2^53')
  return value
}
