import {
  callerChecks,
  changeKinds,
  completeness,
  credentials,
  deliveryStates,
  deviceStates,
  endReasons,
  findingCodes,
  findingWords,
  ledgerTypes,
  modes,
  reportNames,
  requestSources,
  requestStates,
  roles,
  sessionStates,
  sinkKinds,
  sqlCheck,
} from '@stint/elevation'
import { type Kysely, sql } from 'kysely'
import type { Engine } from './database.ts'
import {
  answerForms,
  carriers,
  messageTypes,
  outcomes,
  personStates,
  type Schema,
  undoOutcomes,
} from './schema.ts'

/** A column that holds a word of a closed list, and the name of the check that says so. */
interface Vocabulary {
  readonly table: keyof Schema
  readonly column: string
  readonly check: string
  readonly words: readonly string[]
}

const vocabulary = (
  table: keyof Schema,
  column: string,
  check: string,
  words: readonly string[],
): Vocabulary => ({ table, column, check, words })

/** Every check that a step made from a list. */
export const vocabularies: readonly Vocabulary[] = [
  vocabulary('ledger', 'type', 'ledger_type_known', ledgerTypes),
  vocabulary('person', 'role', 'person_role_known', roles),
  vocabulary('person', 'state', 'person_state_known', personStates),
  vocabulary('device', 'state', 'device_state_known', deviceStates),
  vocabulary('device_message', 'type', 'device_message_type_known', messageTypes),
  vocabulary('request', 'state', 'request_state_known', requestStates),
  vocabulary('request', 'source', 'request_source_known', requestSources),
  vocabulary('request', 'mode', 'request_mode_known', modes),
  vocabulary('approval', 'outcome', 'approval_outcome_known', outcomes),
  vocabulary('approval', 'carried', 'approval_carrier_known', carriers),
  vocabulary('issued_answer', 'form', 'issued_answer_form_known', answerForms),
  vocabulary('journal_grant', 'credential', 'journal_grant_credential_known', credentials),
  vocabulary('approval', 'caller_check', 'approval_check_known', callerChecks),
  vocabulary('session', 'state', 'session_state_known', sessionStates),
  vocabulary('session', 'mode', 'session_mode_known', modes),
  vocabulary('session', 'credential', 'session_credential_known', credentials),
  vocabulary('session', 'end_reason', 'session_end_reason_known', endReasons),
  vocabulary('session', 'completeness', 'session_completeness_known', completeness),
  vocabulary('session_change', 'kind', 'session_change_kind_known', changeKinds),
  vocabulary('session_change', 'undone', 'session_change_undone_known', undoOutcomes),
  vocabulary('finding', 'code', 'finding_code_known', findingCodes),
  vocabulary('finding', 'word', 'finding_word_known', findingWords),
  vocabulary('report_filter', 'report', 'report_filter_report_known', reportNames),
  vocabulary('report_schedule', 'report', 'report_schedule_report_known', reportNames),
  vocabulary('report_delivery', 'state', 'report_delivery_state_known', deliveryStates),
  vocabulary('sink', 'kind', 'sink_kind_known', sinkKinds),
]

/**
 * Gives each check the words that its list has today: a database keeps those of the day when its table was made, and
 * would refuse a word that came later. A word that only the database knows is of a newer server; then it throws, and
 * nothing has changed. Call it in a transaction.
 */
export async function renewVocabularies(q: Kysely<Schema>, engine: Engine): Promise<void> {
  for (const { table, column, check, words } of vocabularies) {
    const known = await wordsOf(q, engine, table, check)
    const unknown = known.filter((word) => !words.includes(word))
    if (unknown.length > 0)
      throw new Error(`${check} knows ${unknown.join(', ')}, which this server does not`)
    if (known.length === words.length) continue
    await sql`alter table ${sql.table(table)} drop constraint ${sql.id(check)}`.execute(q)
    // SQLite takes a null for a row that breaks the new check, which no check of a made table does.
    const holds = sql.raw(`${column} is null or ${sqlCheck(column, words)}`)
    await sql`alter table ${sql.table(table)} add constraint ${sql.id(check)} check (${holds})`.execute(q)
  }
}

/** The words of a check as the engine has it: the quoted texts of its definition. */
async function wordsOf(
  q: Kysely<Schema>,
  engine: Engine,
  table: string,
  check: string,
): Promise<readonly string[]> {
  const query =
    engine === 'postgres'
      ? sql<{ text: string }>`select pg_get_constraintdef(oid) as text from pg_constraint
          where conname = ${check} and conrelid = ${table}::regclass`
      : sql<{ text: string }>`select sql as text from sqlite_schema where type = 'table' and name = ${table}`
  const [row] = (await query.execute(q)).rows
  const text = row?.text ?? ''
  const from = engine === 'postgres' ? 0 : text.indexOf(`"${check}"`)
  const list = from < 0 ? '' : /'[^()]*'/.exec(text.slice(from))?.[0]
  if (!list) throw new Error(`${check} is missing`)
  return [...list.matchAll(/'([^']*)'/g)].map(([, word = '']) => word)
}
