import { Fault } from '@stint/elevation'
import type { Kysely } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import type { Engine } from './database.ts'
import { ledgerTables } from './migrations/0001-ledger.ts'
import { peopleTables } from './migrations/0002-people.ts'
import { deviceTables } from './migrations/0003-devices.ts'
import { policyTables } from './migrations/0004-policies.ts'
import { requestTables } from './migrations/0005-requests.ts'
import { approvalTables } from './migrations/0006-approvals.ts'
import { sessionTables } from './migrations/0007-sessions.ts'
import { evidenceTables } from './migrations/0008-evidence.ts'
import { createRules, type Rules } from './rules.ts'
import type { Schema } from './schema.ts'

/** One step of the schema's history. `rules` writes the triggers of the engine. A step that was released never changes. */
export type Step = (db: Kysely<Schema>, rules: Rules) => Promise<void>

const steps: Readonly<Record<string, Step>> = {
  '0001-ledger': ledgerTables,
  '0002-people': peopleTables,
  '0003-devices': deviceTables,
  '0004-policies': policyTables,
  '0005-requests': requestTables,
  '0006-approvals': approvalTables,
  '0007-sessions': sessionTables,
  '0008-evidence': evidenceTables,
}

/** Brings the schema up to date. Throws `Fault('migration-failed')` and changes nothing of the step that failed. */
export async function migrate(db: Kysely<Schema>, engine: Engine): Promise<void> {
  const migrations = Object.fromEntries(
    Object.entries(steps).map(([name, step]): [string, Migration] => [
      name,
      { up: (inside: Kysely<Schema>) => step(inside, createRules(inside, engine)) },
    ]),
  )
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined)
    throw new Fault(
      'migration-failed',
      'The database could not be brought up to date',
      'It may be of a newer version. Start the newer server, or restore a backup.',
      { cause: error },
    )
}
