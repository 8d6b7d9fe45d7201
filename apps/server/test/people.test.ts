import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { ApiTokenMade, InvitationMade, JoinInfo, Me, Person } from '@stint/wire/console'
import { dayMs, hourMs, minuteMs } from '../src/clock.ts'
import {
  Caller,
  callServer,
  join,
  password,
  signedIn,
  startTestServer,
  type TestServer,
} from './test-server.ts'

describe('people', () => {
  let test0: TestServer
  before(async () => {
    test0 = await startTestServer()
  })
  after(() => test0.close())
  const signIn = (email: string, secret: string) =>
    callServer<Me>(test0.server, 'POST', '/sign-in', { email, password: secret })

  test('the first owner comes by a one-time link, and the link by which he came is used', async () => {
    assert.equal(await test0.server.ownerLink('owner@example.org'), null)
    const me = await test0.owner.call<Me>('GET', '/me')
    assert.equal(me.body.role, 'owner')
    assert.ok(me.body.rights.includes('administer-people'))
  })

  test('WEB-6: a link says who it is for, works once, and then refuses with link-used', async () => {
    const made = await test0.owner.call<InvitationMade>('POST', '/people', {
      email: 'Ann@Example.org',
      role: 'approver',
    })
    assert.equal(made.status, 201)
    const token = made.body.link.split('/join/')[1]
    const info = await callServer<JoinInfo>(test0.server, 'GET', `/join/${token}`)
    assert.deepEqual([info.body.email, info.body.role], ['ann@example.org', 'approver'])
    await join(test0.server, made.body.link, 'Ann')
    const again = await callServer(test0.server, 'POST', `/join/${token}`, { name: 'Eve', password })
    assert.deepEqual([again.status, again.body.code], [410, 'link-used'])
  })

  test('WEB-6: a link is over after seven days: link-used', async () => {
    const made = await test0.owner.call<InvitationMade>('POST', '/people', {
      email: 'late@example.org',
      role: 'viewer',
    })
    test0.clock.pass(7 * dayMs + 1)
    const info = await callServer(test0.server, 'GET', `/join/${made.body.link.split('/join/')[1]}`)
    assert.equal(info.body.code, 'link-used')
  })

  test('a password of eleven characters is refused with weak-password', async () => {
    const owner = await ownerAgain()
    const made = await owner.call<InvitationMade>('POST', '/people', {
      email: 'weak@example.org',
      role: 'viewer',
    })
    const token = made.body.link.split('/join/')[1]
    const short = await callServer(test0.server, 'POST', `/join/${token}`, {
      name: 'W',
      password: 'x'.repeat(11),
    })
    assert.deepEqual([short.status, short.body.code], [400, 'weak-password'])
  })

  test('an address that is known is refused with conflict', async () => {
    const owner = await ownerAgain()
    const twice = await owner.call('POST', '/people', { email: 'ANN@example.org', role: 'viewer' })
    assert.deepEqual([twice.status, twice.body.code], [409, 'conflict'])
  })

  test('WEB-3: signing in sets a cookie that scripts cannot read and other sites cannot send', async () => {
    const entered = await signIn('owner@example.org', password)
    const cookie = String(entered.headers['set-cookie'])
    assert.match(cookie, /^stint=/)
    assert.match(cookie, /HttpOnly/)
    assert.match(cookie, /SameSite=Strict/)
    assert.doesNotMatch(cookie, /Secure/)
    assert.ok(!JSON.stringify(entered.body).includes(cookie.slice(6, 40)))
  })

  test('WEB-5: a wrong password and an unknown account get the same answer', async () => {
    const wrong = await signIn('ann@example.org', 'not her password')
    const unknown = await signIn('nobody@example.org', 'not her password')
    assert.deepEqual([wrong.status, wrong.body], [unknown.status, unknown.body])
    assert.equal(wrong.body.code, 'wrong-credentials')
  })

  test('WEB-5: after five wrong passwords an account pauses, also for the right one, and the pause grows', async () => {
    const body = { email: 'pause@example.org', role: 'viewer' }
    const made = await (await ownerAgain()).call<InvitationMade>('POST', '/people', body)
    await join(test0.server, made.body.link, 'Paul')
    for (let tries = 0; tries < 5; tries++) await signIn('pause@example.org', 'wrong wrong wrong')
    const paused = await signIn('pause@example.org', password)
    assert.deepEqual([paused.status, paused.body.code], [429, 'too-many-attempts'])
    assert.equal(paused.body.details?.remainingMs, 15_000)
    assert.equal(paused.headers['retry-after'], '15')
    test0.clock.pass(15_000)
    assert.equal((await signIn('pause@example.org', 'wrong again and again')).body.code, 'wrong-credentials')
    assert.equal((await signIn('pause@example.org', password)).body.details?.remainingMs, 30_000)
    test0.clock.pass(30_000)
    assert.equal((await signIn('pause@example.org', password)).status, 200)
  })

  test('a session is over after eight idle hours, and after a day in any case', async () => {
    const idle = signedIn(test0.server, await signIn('owner@example.org', password))
    test0.clock.pass(8 * hourMs + 1)
    assert.equal((await idle.call('GET', '/me')).body.code, 'not-signed-in')
    const busy = signedIn(test0.server, await signIn('owner@example.org', password))
    for (let hour = 0; hour < 24; hour++) {
      assert.equal((await busy.call('GET', '/me')).status, 200)
      test0.clock.pass(hourMs)
    }
    test0.clock.pass(1)
    assert.equal((await busy.call('GET', '/me')).body.code, 'not-signed-in')
  })

  test('WEB-3: signing out ends the session on the server', async () => {
    const caller = signedIn(test0.server, await signIn('owner@example.org', password))
    assert.equal((await caller.call('POST', '/sign-out')).status, 204)
    assert.equal((await caller.call('GET', '/me')).body.code, 'not-signed-in')
  })

  test('WEB-2: a changing call without the CSRF header, or with that of another session, is refused with csrf', async () => {
    const caller = signedIn(test0.server, await signIn('owner@example.org', password))
    const { cookie = '' } = caller.headers
    const bare = new Caller(test0.server, { cookie })
    const other = new Caller(test0.server, { cookie, 'x-stint-csrf': 'A'.repeat(43) })
    const body = { email: 'x@example.org', role: 'viewer' }
    assert.deepEqual(
      [
        (await bare.call('POST', '/people', body)).body.code,
        (await other.call('POST', '/people', body)).body.code,
      ],
      ['csrf', 'csrf'],
    )
    assert.equal((await bare.call('GET', '/people')).status, 200)
  })

  test('WEB-2: a page of another origin is refused with csrf even where nobody is signed in', async () => {
    const foreign = { origin: 'https://evil.example' }
    const entered = await callServer(
      test0.server,
      'POST',
      '/sign-in',
      { email: 'owner@example.org', password },
      foreign,
    )
    assert.deepEqual([entered.status, entered.body.code], [403, 'csrf'])
    const own = { origin: 'http://localhost:8003' }
    assert.equal(
      (await callServer(test0.server, 'POST', '/sign-in', { email: 'owner@example.org', password }, own))
        .status,
      200,
    )
  })

  test('the last owner can be neither demoted nor disabled', async () => {
    const owner = await ownerAgain()
    const me = await owner.call<Me>('GET', '/me')
    for (const change of [{ role: 'viewer' }, { disabled: true }]) {
      const refused = await owner.call('PATCH', `/people/${me.body.id}`, change)
      assert.deepEqual([refused.status, refused.body.code], [409, 'conflict'])
    }
  })

  test('a disabled person is out at once, and so are the programs that act for him', async () => {
    const owner = await ownerAgain()
    const second = await invitedOwner('second@example.org')
    const made = await second.call<ApiTokenMade>('POST', '/tokens', { name: 'ci', rights: ['see'] })
    const program = new Caller(test0.server, { authorization: `Bearer ${made.body.secret}` })
    assert.equal((await program.call('GET', '/devices')).status, 200)
    const { id } = (await second.call<Me>('GET', '/me')).body
    const disabled = await owner.call<Person>('PATCH', `/people/${id}`, { disabled: true })
    assert.equal(disabled.body.state, 'disabled')
    assert.equal((await second.call('GET', '/me')).body.code, 'not-signed-in')
    assert.equal((await program.call('GET', '/devices')).body.code, 'not-signed-in')
    assert.equal((await signIn('second@example.org', password)).body.code, 'wrong-credentials')
  })

  test('a token has its own rights, never more than its maker, and ends when revoked or over', async () => {
    const owner = await ownerAgain()
    const made = await owner.call<ApiTokenMade>('POST', '/tokens', {
      name: 'reader',
      rights: ['see'],
      days: 2,
    })
    assert.match(made.body.secret, /^stint_/)
    const program = new Caller(test0.server, { authorization: `Bearer ${made.body.secret}` })
    assert.equal((await program.call('GET', '/overview')).status, 200)
    assert.deepEqual(
      [(await program.call('GET', '/people')).status, (await program.call('GET', '/people')).body.code],
      [403, 'not-an-approver'],
    )
    const listed = await owner.call<{ items: object[] }>('GET', '/tokens')
    assert.ok(!JSON.stringify(listed.body).includes(made.body.secret))
    test0.clock.pass(2 * dayMs)
    assert.equal((await program.call('GET', '/overview')).body.code, 'not-signed-in')
    const again = await ownerAgain()
    const second = await again.call<ApiTokenMade>('POST', '/tokens', { name: 'short', rights: ['see'] })
    assert.equal((await again.call('DELETE', `/tokens/${second.body.token.id}`)).status, 204)
    const late = new Caller(test0.server, { authorization: `Bearer ${second.body.secret}` })
    assert.equal((await late.call('GET', '/overview')).body.code, 'not-signed-in')
  })

  test('a new link lets somebody who forgot it choose another password, and ends his sessions', async () => {
    const ann = signedIn(test0.server, await signIn('ann@example.org', password))
    const { id } = (await ann.call<Me>('GET', '/me')).body
    const made = await (await ownerAgain()).call<InvitationMade>('POST', `/people/${id}/link`)
    await join(test0.server, made.body.link, 'Ann')
    assert.equal((await ann.call('GET', '/me')).body.code, 'not-signed-in')
  })

  test('a new installation refuses to be initialised twice, with already-initialised', async () => {
    const twice = await test0.server.slices.people.initialise('other@example.org')
    assert.ok(!twice.ok)
    assert.equal(twice.refused.code, 'already-initialised')
  })

  test('EVID-1: every sign-in and every refusal stands in the ledger, and the chain holds', async () => {
    const owner = await ownerAgain()
    const read = await owner.call<{ items: { type: string }[] }>('GET', '/ledger?limit=200')
    const types = new Set(read.body.items.map(({ type }) => type))
    for (const type of ['person.signed-in', 'person.sign-in-refused', 'person.joined', 'person.invited'])
      assert.ok(types.has(type), type)
    assert.equal(await test0.server.slices.ledger.firstBroken(), null)
    assert.ok(!JSON.stringify(read.body).includes(password))
  })

  async function ownerAgain(): Promise<Caller> {
    test0.clock.pass(minuteMs)
    return signedIn(test0.server, await signIn('owner@example.org', password))
  }

  async function invitedOwner(email: string): Promise<Caller> {
    const made = await (await ownerAgain()).call<InvitationMade>('POST', '/people', { email, role: 'owner' })
    return join(test0.server, made.body.link, email)
  }
})

test('WEB-3: behind https the cookie is bound to the host and to https', async () => {
  const secure = await startTestServer({ publicUrl: 'https://stint.example.org' })
  const entered = await callServer<Me>(secure.server, 'POST', '/sign-in', {
    email: 'owner@example.org',
    password,
  })
  assert.match(String(entered.headers['set-cookie']), /^__Host-stint=.*; Secure/)
  await secure.close()
})
