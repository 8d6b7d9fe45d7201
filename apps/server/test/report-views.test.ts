import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { sql } from 'kysely'
import { onEachEngine } from './engines.ts'
import { computer, told } from './report-world.ts'
import { startTestServer } from './test-server.ts'

/** What other people's SQL relies on. A column may be added at the end of a view; none may go, move or change. */
const columns: Readonly<Record<string, string>> = {
  report_computers: 'computer_id name state enrolled_at last_seen_at revoked_at policy_serial facts',
  report_requests:
    'request_id state source computer_id computer user_id user_name mode reason ticket minutes_asked created_at ' +
    'expires_at ended_at outcome answered_at approver_id approver minutes_granted carried caller_check note session_id',
  report_sessions:
    'session_id state computer_id computer user_id user_name mode credential started_at ends_at ended_at end_reason ' +
    'proven completeness processes request_id reason ticket approver_id approver',
  report_processes:
    'session_id seq computer_id user_id pid parent_pid uid program args args_cut redacted directory sha256 started_at ' +
    'ended_at exit_code signal',
  report_denied:
    'session_id seq computer_id user_id at pid uid program args args_cut redacted sha256 rule repeated',
  report_programs: 'program starts first_seen_at last_seen_at',
}

onEachEngine((open) => {
  describe('views for other people’s SQL', () => {
    test('have exactly the columns that are promised, in that order, and the rows of the tables', async () => {
      const server = await startTestServer({ db: await open() })
      const laptop = await computer(server, 'laptop-7')
      await told(server, { by: laptop, programs: ['/bin/a', '/bin/a'], denied: ['/bin/sh'] })
      const counts = { computers: 1, requests: 1, sessions: 1, processes: 2, denied: 1, programs: 1 }
      for (const [view, promised] of Object.entries(columns)) {
        const { rows } = await sql<object>`select * from ${sql.table(view)}`.execute(server.db.read)
        assert.deepEqual(Object.keys(rows[0] ?? {}), promised.split(' '), view)
        assert.equal(rows.length, counts[view.slice('report_'.length) as keyof typeof counts], view)
      }
      await server.close()
    })
  })
})

test('each view stands in the documentation with each of its columns', () => {
  const text = readFileSync(new URL('../../../docs/operate/sql-views.md', import.meta.url), 'utf8')
  for (const [view, promised] of Object.entries(columns)) {
    const [, section = ''] = text.split(`## \`${view}\``)
    const own = section.split('\n## ')[0] ?? ''
    for (const column of promised.split(' ')) assert.ok(own.includes(`\`${column}\``), `${view}.${column}`)
  }
})
