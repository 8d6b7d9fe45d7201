import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ApiTokenMade, InvitationMade } from '@stint/wire/console'
import { sql } from 'kysely'
import { enrollmentToken } from './test-device.ts'
import { callServer, password, startTestServer } from './test-server.ts'

test('WEB-3, WEB-4: the database holds no password, session id, link or token that lets anybody in', async () => {
  const { server, db, owner, close } = await startTestServer()
  try {
    const entered = await callServer(server, 'POST', '/sign-in', { email: 'owner@example.org', password })
    const cookie = /stint=([^;]+)/.exec(String(entered.headers['set-cookie']))?.[1] ?? ''
    const program = await owner.call<ApiTokenMade>('POST', '/tokens', { name: 'reader', rights: ['see'] })
    const body = { email: 'eve@example.org', role: 'viewer' }
    const invited = await owner.call<InvitationMade>('POST', '/people', body)
    const { token } = await enrollmentToken(owner)
    const content = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
    const secrets = [password, cookie, program.body.secret, invited.body.link.split('/join/')[1], content.psk]
    const tables = await sql<{ name: string }>`select name from sqlite_schema where type = 'table'`.execute(
      db.read,
    )
    let stored = ''
    for (const { name } of tables.rows)
      stored += JSON.stringify((await sql`select * from ${sql.table(name)}`.execute(db.read)).rows)
    assert.ok(stored.includes('eve@example.org'))
    for (const secret of secrets) {
      assert.ok(typeof secret === 'string' && secret.length >= 16, 'each is there to look for')
      assert.ok(!stored.includes(secret))
    }
  } finally {
    await close()
  }
})
