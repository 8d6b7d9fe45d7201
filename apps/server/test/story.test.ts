import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { LedgerEntry, RequestView, Settings } from '@stint/wire/console'
import type { RequestFact } from '@stint/wire/journal'
import { dayMs } from '../src/clock.ts'
import type { Database } from '../src/db/database.ts'
import { onEachEngine } from './engines.ts'
import { type TestDevice as Computer, enrolledDevice } from './test-device.ts'
import { type Caller, startTestServer, type TestServer } from './test-server.ts'

const terms = { minutes: 15, endProcesses: true, note: '' }

onEachEngine((open) => {
  describe('see → decide → issue → carry back → evidence', () => {
    let server: TestServer
    let computer: Computer
    let approver: Caller
    before(async () => {
      server = await startTestServer({ db: await open() })
      approver = await server.person('approver')
      computer = await enrolledDevice(server)
    })
    after(() => server.close())

    const undone = (db: Database) =>
      db.read.selectFrom('device_message').selectAll().where('done_at', 'is', null).execute()
    const waiting = async () => (await undone(server.db)).filter(({ device_id }) => device_id === computer.id)
    const ledgerTypes = async () => {
      const read = await server.owner.call<{ items: LedgerEntry[] }>('GET', '/ledger?limit=200')
      return read.body.items.map(({ type }) => type).reverse()
    }
    async function sent(given: Partial<RequestFact> = {}): Promise<RequestFact> {
      const fact = computer.request(given)
      assert.equal((await computer.call('POST', '/requests', fact)).status, 204)
      return fact
    }
    async function _setOfflineCodes(on: boolean): Promise<void> {
      const {
        changedAt: _at,
        changedBy: _by,
        ...settings
      } = (await server.owner.call<Settings>('GET', '/settings')).body
      assert.equal(
        (await server.owner.call('PUT', '/settings', { ...settings, offlineCodes: on })).status,
        200,
      )
    }

    test('EVID-8: a request over the network is seen at once, once, however often it is sent', async () => {
      const fact = await sent()
      assert.equal((await computer.call('POST', '/requests', fact)).status, 204)
      const page = await approver.call<{ items: RequestView[] }>('GET', '/requests?state=pending')
      assert.deepEqual(
        page.body.items.map(({ id }) => id),
        [fact.requestId],
      )
      assert.equal(page.body.items[0]?.reason, fact.reason)
      assert.equal(page.body.items[0]?.ceilingMinutes, 240)
    })

    test('EVID-4: approved: decided, then issued, both in the ledger; the answer waits for the computer until it acted', async () => {
      const [pending] = (await approver.call<{ items: RequestView[] }>('GET', '/requests?state=pending')).body
        .items
      assert.ok(pending)
      const approved = await approver.call<RequestView>('POST', `/requests/${pending.id}/approve`, terms)
      assert.deepEqual(
        [approved.status, approved.body.state, approved.body.decision?.carried],
        [200, 'approved', 'network'],
      )
      const types = await ledgerTypes()
      assert.ok(types.indexOf('request.decided') < types.indexOf('code.issued'))
      const [message] = await waiting()
      assert.deepEqual([message?.type, message?.about], ['answer', pending.id])
      const twice = await approver.call('POST', `/requests/${pending.id}/approve`, terms)
      assert.deepEqual([twice.status, twice.body.code], [409, 'already-decided'])
      await computer.upload(
        computer.entry('grant.admitted', {
          requestId: pending.id,
          sessionId: computer.newId(),
          credential: 'answer-token',
          counter: 1,
          userId: pending.userId,
          mode: 'session',
          answeredSeconds: 900,
          grantedSeconds: 900,
          endProcesses: true,
          profile: 0,
          jti: null,
        }),
      )
      assert.deepEqual(await waiting(), [])
    })

    test('a denial reaches the person with its note', async () => {
      const fact = await sent()
      const denied = await approver.call<RequestView>('POST', `/requests/${fact.requestId}/deny`, {
        note: 'Use the kiosk.',
      })
      assert.equal(denied.body.state, 'denied')
      const [message] = await waiting()
      assert.deepEqual(JSON.parse(message?.body ?? ''), {
        type: 'denial',
        requestId: fact.requestId,
        note: 'Use the kiosk.',
      })
      await computer.upload(
        computer.entry('request.void', {
          requestId: fact.requestId,
          reason: 'denied',
          note: 'Use the kiosk.',
        }),
      )
      assert.deepEqual(await waiting(), [])
    })

    test('WEB-7: nobody agrees to their own request: own-request, by page, by token, by telephone', async () => {
      const mia = await server.person('owner', 'mia@example.org')
      const fact = await sent()
      const made = await mia.call<{ secret: string }>('POST', '/tokens', { name: 'bot', rights: ['approve'] })
      const bot = { authorization: `Bearer ${made.body.secret}` }
      const byPage = await mia.call('POST', `/requests/${fact.requestId}/approve`, terms)
      const byToken = await server.server.app.inject({
        method: 'POST',
        url: `/api/v1/requests/${fact.requestId}/approve`,
        headers: bot,
        payload: terms,
      })
      const spoken = { ...terms, requestId: fact.requestId, callerCheck: 'in-person' }
      const byPhone = await mia.call('POST', '/codes/issue', spoken)
      assert.deepEqual(
        [byPage.body.code, byToken.json().code, byPhone.body.code],
        ['own-request', 'own-request', 'own-request'],
      )
      await computer.upload(
        computer.entry('request.void', { requestId: fact.requestId, reason: 'withdrawn', note: '' }),
      )
      const seen = await approver.call<RequestView>('GET', `/requests/${fact.requestId}`)
      assert.equal(seen.body.state, 'withdrawn')
    })

    test('more minutes than the ceiling are refused with ceiling', async () => {
      const fact = await sent({ minutes: 600 })
      const refused = await approver.call('POST', `/requests/${fact.requestId}/approve`, {
        ...terms,
        minutes: 241,
      })
      assert.deepEqual(
        [refused.status, refused.body.code, refused.body.details?.minutesCeiling],
        [400, 'ceiling', 240],
      )
    })

    test('a request that nobody answers runs out by the clock: expired', async () => {
      const fact = await sent()
      server.clock.pass(dayMs)
      await computer.openSession()
      const again = await server.person('approver').catch(() => null)
      assert.equal(again, null)
      await server.server.slices.requests.expire()
      const row = await server.server.slices.requests.request(fact.requestId)
      assert.equal(row?.state, 'expired')
    })
  })

  describe('what a stop leaves', () => {
    test('decided while the issuer was down: kept, and finished by itself, once', async () => {
      const server = await startTestServer({ db: await open() })
      const approver = await server.person('approver')
      const computer = await enrolledDevice(server)
      const fact = computer.request()
      await computer.call('POST', '/requests', fact)
      server.issuer.isDown = true
      const approved = await approver.call('POST', `/requests/${fact.requestId}/approve`, terms)
      assert.deepEqual([approved.status, approved.body.code], [503, 'issuer-unreachable'])
      const messages = () =>
        server.db.read.selectFrom('device_message').selectAll().where('type', '=', 'answer').execute()
      assert.deepEqual(await messages(), [])
      server.issuer.isDown = false
      const next = await server.restart()
      await next.slices.flow.finish()
      await next.slices.flow.finish()
      assert.equal((await messages()).length, 1)
      const issued = await server.db.read
        .selectFrom('ledger')
        .select('seq')
        .where('type', '=', 'code.issued')
        .execute()
      assert.equal(issued.length, 1)
      await next.close()
      await server.close()
    })

    test('an issuer that refuses leaves nothing given out and says what becomes of it: quota', async () => {
      const server = await startTestServer({ db: await open() })
      const approver = await server.person('approver')
      const computer = await enrolledDevice(server)
      const fact = computer.request()
      await computer.call('POST', '/requests', fact)
      server.issuer.refusal = 'quota'
      const approved = await approver.call('POST', `/requests/${fact.requestId}/approve`, terms)
      assert.deepEqual([approved.status, approved.body.code], [429, 'quota'])
      assert.match(approved.body.hint ?? '', /^The decision is kept\. The answer is sent by itself/)
      const issued = () =>
        server.db.read.selectFrom('ledger').select('seq').where('type', '=', 'code.issued').execute()
      assert.deepEqual(await issued(), [])
      server.issuer.refusal = null
      await server.server.slices.flow.finish()
      await server.server.slices.flow.finish()
      assert.equal((await issued()).length, 1)
      await server.close()
    })
  })
})
