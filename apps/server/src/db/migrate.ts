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
import { deniedAndChanged } from './migrations/0009-denied-and-changed.ts'
import { programFigureTables } from './migrations/0010-program-figures.ts'
import { reportScheduleTables } from './migrations/0011-report-schedules.ts'
import { reportViews } from './migrations/0012-report-views.ts'
import { sinkTables } from './migrations/0013-sinks.ts'
import { checkTables } from './migrations/0014-checks.ts'
import { createRules, type Rules } from './rules.ts'
import type { Schema } from './schema.ts'
import { renewVocabularies } from './vocabularies.ts'

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
  '0009-denied-and-changed': deniedAndChanged,
  '0010-program-figures': programFigureTables,
  '0011-report-schedules': reportScheduleTables,
  '0012-report-views': reportViews,
  '0013-sinks': sinkTables,
  '0014-checks': checkTables,
}

/**
 * Brings the schema up to date, or up to the step `last`, and its vocabularies to the words of today. Throws
 * `Fault('migration-failed')` and changes nothing of the step that failed; `Fault('store-version')` for a database from
 * before the first release, whose facts have another form: they cannot be brought into this one without being rewritten.
 */
export async function migrate(db: Kysely<Schema>, engine: Engine, last?: string): Promise<void> {
  await refuseOlderFormat(db)
  try {
    const { error } = await (last === undefined
      ? migrator(db, engine).migrateToLatest()
      : migrator(db, engine).migrateTo(last))
    if (error !== undefined) throw error
    if (last === undefined) await db.transaction().execute((q) => renewVocabularies(q, engine))
  } catch (cause) {
    throw new Fault(
      'migration-failed',
      'The database could not be brought up to date',
      'It may be of a newer version. Start the newer server, or restore a backup.',
      { cause },
    )
  }
}

async function refuseOlderFormat(db: Kysely<Schema>): Promise<void> {
  const ledger = (await db.introspection.getTables()).find(({ name }) => name === 'ledger')
  if (ledger === undefined || ledger.columns.some(({ name }) => name === 'header')) return
  throw new Fault(
    'store-version',
    'This database was made before version 0.1, when facts were kept in another form',
    'Keep it if you want to read it with the version that made it, and start this one with another --data folder or --database.',
  )
}

function migrator(db: Kysely<Schema>, engine: Engine): Migrator {
  const migrations = Object.fromEntries(
    Object.entries(steps).map(([name, step]): [string, Migration] => [
      name,
      { up: (inside: Kysely<Schema>) => step(inside, createRules(inside, engine)) },
    ]),
  )
  return new Migrator({ db, provider: { getMigrations: async () => migrations } })
}
