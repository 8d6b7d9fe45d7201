import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('..', import.meta.url))

/** The only writer of each table. */
const owners: Readonly<Record<string, readonly string[]>> = {
  ledger: ['ledger', 'ledger_node', 'ledger_checkpoint', 'ledger_cosignature'],
  people: ['person', 'person_link', 'person_session', 'sign_in_pause', 'api_token'],
  devices: ['enrollment_token', 'pending_device', 'device', 'device_user', 'device_message'],
  policies: ['settings_version', 'device_policy'],
  requests: ['request'],
  approvals: ['approval', 'issued_answer'],
  sessions: [
    'session',
    'session_span',
    'session_process',
    'session_gap',
    'session_denied',
    'session_comparison',
    'session_change',
    'session_fact',
  ],
  evidence: [
    'journal_entry',
    'journal_node',
    'device_checkpoint',
    'device_receipt',
    'finding',
    'journal_boot',
    'journal_request',
    'journal_grant',
    'journal_receipt',
  ],
  reports: ['report_filter', 'report_schedule', 'report_delivery'],
  sinks: ['sink'],
}

test('every table is written by the store of its own slice, and by nothing else', () => {
  const written = new Map<string, Set<string>>()
  for (const file of globSync('**/*.ts', { cwd: source })) {
    if (file.endsWith('.test.ts')) continue
    const text = readFileSync(join(source, file), 'utf8')
    for (const [, table = ''] of text.matchAll(/\.(?:insertInto|updateTable|deleteFrom)\('([a-z_]+)'\)/g))
      written.set(table, (written.get(table) ?? new Set()).add(file))
  }
  for (const [slice, tables] of Object.entries(owners))
    for (const table of tables)
      assert.deepEqual(
        [...(written.get(table) ?? [])],
        [join('slices', slice, `${slice}.store.sql.ts`)],
        table,
      )
  assert.deepEqual([...written.keys()].sort(), Object.values(owners).flat().sort())
})
