import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { sql } from 'kysely'
import { onEachEngine } from '../../test/engines.ts'
import type { Database } from './database.ts'
import { ruleOf } from './rules.ts'

const rows: readonly string[] = [
  `insert into person values ('p1', 'a@b', 'A', 'owner', 'active', 'hash', 1, null)`,
  `insert into report_filter values ('f1', 'p1', 'usage', 'mine', '{}', 1, 1, 1)`,
  `insert into report_schedule values ('s1', 'daily', 'usage', 'f1', '{}', '{}', 'csv', 'x', 'A', 1, 5)`,
  `insert into report_delivery values ('d1', 's1', '2026-11-22', 0, 1, 2, 3, 'waiting', 0, null, 3, null, null)`,
]
const sent = `update report_delivery set state = 'sent', next_try_at = null, sent_at = 4`
const taken = `update report_delivery set state = 'sending', next_try_at = null, taken_at = 4`

/** What is tried, what was done legally before, and the rule that says no. */
const illegal: readonly (readonly [
  what: string,
  before: readonly string[],
  statement: string,
  rule: RegExp,
])[] = [
  [
    'a second delivery of one period',
    [],
    `insert into report_delivery values ('d2', 's1', '2026-11-22', 0, 1, 2, 3, 'waiting', 0, null, 3, null, null)`,
    /report_delivery_period_once|unique:report_delivery.schedule_id/,
  ],
  ['send what nobody has taken', [], sent, /^report_delivery_state_move$/],
  [
    'send again what was sent',
    [taken, sent],
    `update report_delivery set state = 'waiting', next_try_at = 9, sent_at = null`,
    /^report_delivery_state_move$/,
  ],
  [
    'another period for a delivery',
    [],
    `update report_delivery set to_at = 99`,
    /^report_delivery_immutable$/,
  ],
  [
    'a delivery that was sent before it was taken',
    [],
    `insert into report_delivery values ('d2', 's1', 'x', 0, 1, 2, 3, 'sent', 0, null, null, null, 3)`,
    /^report_delivery_starts_waiting$/,
  ],
  [
    'no longer share a filter that a schedule uses',
    [],
    `update report_filter set shared = 0`,
    /^report_schedule_filter_is_shared$/,
  ],
  ['take a filter from a schedule', [], `delete from report_filter`, /report_schedule_filter|foreign-key/],
  ['give a filter away', [], `update report_filter set owner_id = 'p2'`, /^report_filter_immutable$/],
]

onEachEngine((open) => {
  const run = (db: Database, statement: string) => sql.raw(statement).execute(db.read)
  describe('EVID-7: the database says no, about reports', () => {
    for (const [what, before, statement, rule] of illegal)
      test(`to this: ${what}`, async () => {
        const db = await open()
        for (const one of [...rows, ...before]) await run(db, one)
        await assert.rejects(run(db, statement), (error) => {
          assert.match(ruleOf(error) ?? 'nobody', rule)
          return true
        })
      })
  })
})
