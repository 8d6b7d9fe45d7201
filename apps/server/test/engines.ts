import { after, describe } from 'node:test'
import { type Database, openDatabase } from '../src/db/database.ts'
import { startPostgres, type TestPostgres } from './postgres.ts'

/**
 * Describes the same claims on both engines. There is no third store in memory: the embedded engine in `:memory:` is
 * as quick and says no to the same things. `open` gives a new, empty, migrated database; it is closed afterwards.
 */
export function onEachEngine(claims: (open: () => Promise<Database>) => void): void {
  describe('on the embedded engine', () => {
    const opened: Database[] = []
    after(() => closeAll(opened))
    claims(async () => keep(opened, await openDatabase(':memory:')))
  })
  describe('on PostgreSQL', async () => {
    const started = await startPostgres()
    if (typeof started === 'string') {
      describe('skipped', { skip: started }, () => undefined)
      return
    }
    const postgres: TestPostgres = started
    const opened: Database[] = []
    after(async () => {
      await closeAll(opened)
      await postgres.stop()
    })
    claims(async () => keep(opened, await openDatabase(await postgres.database())))
  })
}

function keep(opened: Database[], database: Database): Database {
  opened.push(database)
  return database
}

async function closeAll(opened: readonly Database[]): Promise<void> {
  for (const database of opened) await database.close()
}
