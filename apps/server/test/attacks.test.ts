import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import type {
  ApiTokenMade,
  Device,
  InvitationMade,
  LedgerEntry,
  Me,
  Person,
  RequestView,
  SessionDetail,
} from '@stint/wire/console'
import { minuteMs } from '../src/clock.ts'
import { openDatabase } from '../src/db/database.ts'
import { onEachEngine } from './engines.ts'
import { enrolledDevice, facts } from './test-device.ts'
import { Caller, callServer, startTestServer, type TestServer } from './test-server.ts'

type Page<T> = { readonly items: readonly T[] }

describe('people who want more', () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer()
  })
  after(() => server.close())

  test('a token that may administer people makes nobody who may more than it, with not-an-approver', async () => {
    await server.person('viewer')
    const made = await server.owner.call<ApiTokenMade>('POST', '/tokens', {
      name: 'invites',
      rights: ['see', 'read-reports', 'administer-people'],
      days: 1,
    })
    const program = new Caller(server.server, { authorization: `Bearer ${made.body.secret}` })
    const me = await server.owner.call<Me>('GET', '/me')
    const { items } = (await server.owner.call<Page<Person>>('GET', '/people')).body
    const viewer = items.find(({ role }) => role === 'viewer')
    const refused = [
      await program.call('POST', `/people/${me.body.id}/link`),
      await program.call('POST', '/people', { email: 'mine@example.org', role: 'owner' }),
      await program.call('PATCH', `/people/${viewer?.id}`, { role: 'approver' }),
    ]
    for (const { status, body } of refused) assert.deepEqual([status, body.code], [403, 'not-an-approver'])
    const allowed = await program.call<InvitationMade>('POST', '/people', {
      email: 'v@example.org',
      role: 'viewer',
    })
    assert.equal(allowed.status, 201)
  })
})

test('WEB-3: behind https only the cookie that is bound to the host is believed', async () => {
  const server = await startTestServer({ publicUrl: 'https://stint.example.org' })
  const { cookie = '' } = server.owner.headers
  assert.match(cookie, /^__Host-stint=/)
  const tossed = new Caller(server.server, {
    ...server.owner.headers,
    cookie: cookie.slice('__Host-'.length),
  })
  assert.equal((await server.owner.call('GET', '/me')).status, 200)
  assert.equal((await tossed.call('GET', '/me')).body.code, 'not-signed-in')
  await server.close()
})

onEachEngine((open) => {
  describe('tries at once, and computers that lie', () => {
    let server: TestServer
    before(async () => {
      server = await startTestServer({ db: await open() })
    })
    after(() => server.close())
    const ledger = async () =>
      (await server.owner.call<Page<LedgerEntry>>('GET', '/ledger?limit=200')).body.items

    test('WEB-5: many tries at once get no more than five looks at the password', async () => {
      await server.person('viewer', 'many@example.org')
      const tries = Array.from({ length: 20 }, () =>
        callServer(server.server, 'POST', '/sign-in', {
          email: 'many@example.org',
          password: 'wrong wrong wrong',
        }),
      )
      const codes = (await Promise.all(tries)).map(({ body }) => body.code)
      assert.equal(codes.filter((code) => code === 'wrong-credentials').length, 5)
      assert.equal(codes.filter((code) => code === 'too-many-attempts').length, 15)
    })

    test('a computer that names other users in each report is kept to a thousand', async () => {
      const liar = await enrolledDevice(server)
      for (let report = 0; report < 6; report++) {
        const users = Array.from({ length: 200 }, (_, at) => ({ userId: `uid:${report}-${at}:x`, name: 'x' }))
        assert.equal((await liar.status({ ...facts, users })).status, 204)
      }
      const { users } = (await server.owner.call<Device>('GET', `/devices/${liar.id}`)).body
      assert.equal(users.length, 1000)
      assert.ok(users.some(({ userId }) => userId === 'uid:1000:mia'))
    })

    test('WEB-11: a number that no computer can count to is refused, and every screen still opens', async () => {
      const liar = await enrolledDevice(server)
      const tooMuch = 2 ** 60
      const answers = [
        await liar.call('POST', '/status', { facts, policySerial: tooMuch, epoch: 0 }),
        await liar.call('POST', '/requests', { ...liar.request(), counter: tooMuch }),
        await liar.call('POST', '/requests', { ...liar.request(), policySerial: tooMuch }),
      ]
      for (const { status, body } of answers) assert.deepEqual([status, body.code], [400, 'invalid'])
      const told = await liar.upload(liar.entry('policy.applied', { serial: tooMuch }))
      assert.equal(told.status, 200)
      for (const path of ['/devices', '/requests', '/sessions', '/ledger'])
        assert.equal((await server.owner.call<Page<Device>>('GET', path)).status, 200, path)
    })

    test('a session of one computer is never shown as that of another computer’s request', async () => {
      const [honest, liar] = [await enrolledDevice(server), await enrolledDevice(server)]
      const asked = honest.request()
      await honest.call('POST', '/requests', asked)
      const sessionId = liar.newId()
      const told = await liar.upload(
        liar.entry('session.start', {
          sessionId,
          requestId: asked.requestId,
          userId: 'uid:1000:mia',
          userName: 'mia',
          mode: 'session',
          credential: 'answer-token',
          startedAt: new Date(server.clock.now()).toISOString(),
          endsAt: new Date(server.clock.now() + 15 * minuteMs).toISOString(),
          endProcesses: true,
          recording: 'kernel-audit',
          wasAdministrator: false,
          denying: 'no rules',
        }),
      )
      assert.equal(told.status, 200)
      const request = await server.owner.call<RequestView>('GET', `/requests/${asked.requestId}`)
      assert.equal(request.body.sessionId, null)
      const session = await server.owner.call<SessionDetail>('GET', `/sessions/${sessionId}`)
      assert.deepEqual([session.body.request, session.body.summary.requestId], [null, null])
      assert.deepEqual(
        session.body.timeline.map(({ type }) => type),
        ['session.start'],
      )
    })

    test('WEB-9: how the caller is known is a fact also where the approval came over the network', async () => {
      const computer = await enrolledDevice(server)
      const approver = await server.person('approver')
      const settings = (await server.owner.call<Record<string, unknown>>('GET', '/settings')).body
      const { changedAt: _at, changedBy: _by, ...chosen } = settings
      await server.owner.call('PUT', '/settings', { ...chosen, offlineCodes: true })
      const asked = computer.request()
      await computer.call('POST', '/requests', asked)
      const terms = { minutes: 15, endProcesses: true, note: '' }
      await approver.call('POST', `/requests/${asked.requestId}/approve`, terms)
      const spoken = await approver.call('POST', '/codes/issue', {
        requestId: asked.requestId,
        ...terms,
        callerCheck: 'called-back',
      })
      assert.equal(spoken.status, 200)
      const checked = (await ledger()).filter(
        ({ type, subject }) => type === 'caller.checked' && subject === `request:${asked.requestId}`,
      )
      assert.deepEqual(
        checked.map(({ body }) => body),
        [{ callerCheck: 'called-back' }],
      )
    })
  })
})

test('EVID-7: a step of the schema that fails leaves nothing of itself behind, and can be tried again', async () => {
  const folder = mkdtempSync(joinPath(tmpdir(), 'stint-migrate-'))
  try {
    const path = joinPath(folder, 'stint.db')
    const inTheWay = new DatabaseSync(path)
    inTheWay.exec('create table person_session (x)')
    await assert.rejects(openDatabase(path), { code: 'migration-failed' })
    const left = inTheWay
      .prepare("select name from sqlite_master where name in ('person', 'person_link')")
      .all()
    assert.deepEqual(left, [])
    inTheWay.exec('drop table person_session')
    inTheWay.close()
    await (await openDatabase(path)).close()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
