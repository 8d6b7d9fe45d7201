import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { parseRequestCode, parseResponseCode } from '@stint/code'
import type {
  CodeIdentified,
  CodeIssued,
  CodeResolved,
  Device,
  LedgerEntry,
  RequestView,
  SessionDetail,
  Settings,
} from '@stint/wire/console'
import type { JournalBody, RequestFact } from '@stint/wire/journal'
import { dayMs, minuteMs } from '../src/clock.ts'
import type { Database } from '../src/db/database.ts'
import { onEachEngine } from './engines.ts'
import { type TestDevice as Computer, enrolledDevice, facts } from './test-device.ts'
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

    test('a request over the network is seen at once, once, however often it is sent', async () => {
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

    test('approved: decided, then issued, both in the ledger; the answer waits for the computer until it acted', async () => {
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

    test('nobody agrees to their own request: own-request, by page, by token, by telephone', async () => {
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

  describe('by telephone', () => {
    let server: TestServer
    let computer: Computer
    let approver: Caller
    before(async () => {
      server = await startTestServer({ db: await open() })
      approver = await server.person('approver')
      computer = await enrolledDevice(server)
    })
    after(() => server.close())

    test('five symbols name the computer; other five name none', async () => {
      const fact = computer.request({ counter: 1 })
      const prefix = fact.requestCode.slice(0, 5)
      const known = await approver.call<CodeIdentified>('POST', '/codes/identify', {
        text: prefix.toLowerCase(),
      })
      assert.equal(known.body.device?.name, 'laptop-7')
      const unknown = await approver.call<CodeIdentified>('POST', '/codes/identify', { text: 'zzzzz' })
      assert.equal(unknown.body.device, null)
    })

    test('a whole code makes the request that the computer could not send', async () => {
      const fact = computer.request({ counter: 1 })
      const resolved = await approver.call<CodeResolved>('POST', '/codes/resolve', { text: fact.requestCode })
      assert.equal(resolved.status, 200)
      assert.deepEqual(
        [resolved.body.request?.userName, resolved.body.request?.source, resolved.body.request?.reason],
        ['mia', 'code', null],
      )
      assert.deepEqual(resolved.body.warnings, ['not-sent'])
      const online = await approver.call('POST', `/requests/${resolved.body.request?.id}/approve`, terms)
      assert.deepEqual([online.status, online.body.code], [409, 'conflict'])
    })

    test('one misheard symbol: nothing is made, the right code is suggested', async () => {
      const fact = computer.request({ counter: 2 })
      const wrong = `${fact.requestCode.slice(0, -1)}${fact.requestCode.endsWith('7') ? '8' : '7'}`
      const resolved = await approver.call<CodeResolved>('POST', '/codes/resolve', { text: wrong })
      assert.equal(resolved.body.request, null)
      assert.deepEqual(resolved.body.suggestions[0], {
        requestCode: fact.requestCode,
        deviceName: 'laptop-7',
        userName: 'mia',
      })
    })

    test('a slip in the first group still finds the computer', async () => {
      const fact = computer.request({ counter: 2 })
      const first = fact.requestCode.charAt(3)
      const wrong = `${fact.requestCode.slice(0, 3)}${first === '5' ? '6' : '5'}${fact.requestCode.slice(4)}`
      const resolved = await approver.call<CodeResolved>('POST', '/codes/resolve', { text: wrong })
      assert.equal(resolved.body.suggestions[0]?.requestCode, fact.requestCode)
    })

    test('what is no code, and a code of no computer of ours, are refused by name', async () => {
      const none = await approver.call('POST', '/codes/resolve', { text: 'hello, world!?' })
      assert.deepEqual([none.status, none.body.code], [400, 'malformed-code'])
      const foreign = await approver.call('POST', '/codes/resolve', { text: 'ZZZZZ-ZZZZZ-ZZZZZ' })
      assert.deepEqual([foreign.status, foreign.body.code], [404, 'unknown-device'])
    })

    test('codes are refused with offline-codes-disabled until somebody switches them on', async () => {
      const fact = computer.request({ counter: 3 })
      const { body } = await approver.call<CodeResolved>('POST', '/codes/resolve', { text: fact.requestCode })
      const ask = { ...terms, requestId: body.request?.id, callerCheck: 'known-voice' }
      const refused = await approver.call('POST', '/codes/issue', ask)
      assert.deepEqual([refused.status, refused.body.code], [403, 'offline-codes-disabled'])
    })

    test('the code fits the request; asked again it is the same, and recorded again', async () => {
      const {
        changedAt: _at,
        changedBy: _by,
        ...settings
      } = (await server.owner.call<Settings>('GET', '/settings')).body
      await server.owner.call('PUT', '/settings', { ...settings, offlineCodes: true })
      await server.server.slices.policies.publishAll()
      const fact = computer.request({ counter: 4 })
      const { body } = await approver.call<CodeResolved>('POST', '/codes/resolve', { text: fact.requestCode })
      const ask = { ...terms, minutes: 25, requestId: body.request?.id, callerCheck: 'called-back' }
      const issued = await approver.call<CodeIssued>('POST', '/codes/issue', ask)
      assert.deepEqual([issued.status, issued.body.minutes, issued.body.hideAfterSeconds], [200, 20, 120])
      const response = parseResponseCode(issued.body.text, parseRequestCode(fact.requestCode))
      assert.equal(response.params.end, true)
      const again = await approver.call<CodeIssued>('POST', '/codes/issue', ask)
      assert.equal(again.body.text, issued.body.text)
      const other = await approver.call('POST', '/codes/issue', { ...ask, minutes: 60 })
      assert.equal(other.body.code, 'already-decided')
      const read = await server.owner.call<{ items: LedgerEntry[] }>('GET', '/ledger')
      const types = read.body.items.map(({ type }) => type)
      assert.deepEqual(types.filter((type) => type === 'code.issued').length, 2)
      assert.ok(types.includes('caller.checked'))
    })

    test('the same request arriving later over the network joins the row of its code', async () => {
      const fact = computer.request({ counter: 5 })
      const { body } = await approver.call<CodeResolved>('POST', '/codes/resolve', { text: fact.requestCode })
      assert.equal((await computer.call('POST', '/requests', fact)).status, 204)
      const joined = await approver.call<RequestView>('GET', `/requests/${body.request?.id}`)
      assert.deepEqual(
        [joined.body.id, joined.body.reason, joined.body.source],
        [body.request?.id, fact.reason, 'code'],
      )
      const approved = await approver.call<RequestView>('POST', `/requests/${joined.body.id}/approve`, terms)
      assert.equal(approved.body.state, 'approved')
      const message = await server.db.read
        .selectFrom('device_message')
        .select('body')
        .where('type', '=', 'answer')
        .executeTakeFirstOrThrow()
      assert.equal(JSON.parse(message.body).requestId, fact.requestId)
    })

    test('a denial by telephone reaches the person when the request arrives after all', async () => {
      const fact = computer.request({ counter: 6 })
      const { body } = await approver.call<CodeResolved>('POST', '/codes/resolve', { text: fact.requestCode })
      await approver.call('POST', `/requests/${body.request?.id}/deny`, { note: 'Call me back.' })
      const told = () =>
        server.db.read.selectFrom('device_message').select('body').where('type', '=', 'denial').execute()
      assert.deepEqual(await told(), [])
      assert.equal((await computer.call('POST', '/requests', fact)).status, 204)
      assert.equal(JSON.parse((await told())[0]?.body ?? '').note, 'Call me back.')
    })

    test('a counter that comes with two codes suspends the computer', async () => {
      const fact = computer.request({ counter: 7 })
      await computer.call('POST', '/requests', fact)
      const copy = await computer.call('POST', '/requests', computer.request({ counter: 7 }))
      assert.deepEqual([copy.status, copy.body.code], [423, 'device-suspended'])
      const device = await server.owner.call<Device>('GET', `/devices/${computer.id}`)
      assert.equal(device.body.state, 'suspended')
      const silenced = await computer.call('POST', '/requests', fact)
      assert.equal(silenced.body.code, 'device-unauthenticated')
      assert.equal((await computer.openSession()).body.code, 'device-suspended')
      await server.owner.call('POST', `/devices/${computer.id}/release`)
      assert.equal((await computer.openSession()).status, 200)
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

    test('an issuer that refuses leaves nothing given out: quota', async () => {
      const server = await startTestServer({ db: await open() })
      const approver = await server.person('approver')
      const computer = await enrolledDevice(server)
      const fact = computer.request()
      await computer.call('POST', '/requests', fact)
      server.issuer.refusal = 'quota'
      const approved = await approver.call('POST', `/requests/${fact.requestId}/approve`, terms)
      assert.deepEqual([approved.status, approved.body.code], [429, 'quota'])
      const issued = await server.db.read
        .selectFrom('ledger')
        .select('seq')
        .where('type', '=', 'code.issued')
        .execute()
      assert.deepEqual(issued, [])
      await server.close()
    })
  })

  describe('evidence', () => {
    let server: TestServer
    let computer: Computer
    let sessionId = ''
    before(async () => {
      server = await startTestServer({ db: await open() })
      computer = await enrolledDevice(server)
    })
    after(() => server.close())
    const now = () => new Date(server.clock.now()).toISOString()

    const startBody = (requestId: string) =>
      ({
        sessionId,
        requestId,
        userId: 'uid:1000:mia',
        userName: 'mia',
        mode: 'session',
        credential: 'answer-token',
        startedAt: now(),
        endsAt: new Date(server.clock.now() + 15 * minuteMs).toISOString(),
        endProcesses: true,
        recording: 'kernel-audit',
        wasAdministrator: false,
      }) as const
    const processBody = (pid: number) => ({
      sessionId,
      pid,
      startedAt: now(),
      parentPid: 1,
      uid: 0,
      program: '/usr/bin/apt',
      sha256: null,
      args: ['apt', 'install', 'cups'],
      argsCut: false,
      directory: '/root',
    })
    const endBody = (processes: number): JournalBody<'session.end'> => ({
      sessionId,
      reason: 'ended-by-user',
      endedAt: now(),
      proven: true,
      processesEnded: 0,
      stillRunning: [],
      processes,
      gaps: 0,
    })

    test('a journal becomes a session with its processes, and complete when all it counted arrived', async () => {
      sessionId = computer.newId()
      const fact = computer.request()
      const entries = [
        computer.entry('boot', { facts }),
        computer.entry('request.created', fact),
        computer.entry('session.start', startBody(fact.requestId)),
        computer.entry('process.elevated', processBody(77)),
      ]
      const receipt = await computer.upload(...entries)
      assert.deepEqual([receipt.status, receipt.body.upTo, receipt.body.leaf], [200, 4, computer.end.leaf])
      const live = await server.owner.call<SessionDetail>('GET', `/sessions/${sessionId}`)
      assert.deepEqual(
        [live.body.summary.state, live.body.summary.completeness],
        ['live', 'not-yet-reported'],
      )
      assert.equal(live.body.request?.reason, fact.reason)
      const again = await computer.upload(...entries)
      assert.deepEqual([again.status, again.body.upTo], [200, 4])
      await computer.upload(
        computer.entry('process.ended', {
          sessionId,
          pid: 77,
          startedAt: now(),
          endedAt: now(),
          exitCode: 0,
          signal: null,
        }),
        computer.entry('session.end', endBody(1)),
      )
      const ended = await server.owner.call<SessionDetail>('GET', `/sessions/${sessionId}`)
      assert.deepEqual(
        [ended.body.summary.state, ended.body.summary.completeness, ended.body.summary.processes],
        ['ended', 'complete', 1],
      )
      assert.ok(ended.body.timeline.some(({ type }) => type === 'session.end'))
      const page = await server.owner.call<{ items: { exitCode: number; args: string[] }[] }>(
        'GET',
        `/sessions/${sessionId}/processes`,
      )
      assert.deepEqual(
        page.body.items.map(({ exitCode, args }) => [exitCode, args.length]),
        [[0, 3]],
      )
    })

    test('after a session the computer renews its keys by itself: asked to, it would void what others asked', async () => {
      const asked = server.db.read.selectFrom('device_message').select('id').where('type', '=', 'heal')
      assert.deepEqual(await asked.execute(), [])
    })

    test('one process fewer than the computer counted: incomplete', async () => {
      sessionId = computer.newId()
      const requestId = computer.newId()
      await computer.upload(
        computer.entry('session.start', startBody(requestId)),
        computer.entry('process.elevated', processBody(5)),
        computer.entry('session.end', endBody(2)),
      )
      const ended = await server.owner.call<SessionDetail>('GET', `/sessions/${sessionId}`)
      assert.equal(ended.body.summary.completeness, 'incomplete')
    })

    test('a gap makes a recording incomplete at once, and says from when to when', async () => {
      sessionId = computer.newId()
      await computer.upload(
        computer.entry('session.start', startBody(computer.newId())),
        computer.entry('recording.gap', { sessionId, from: now(), to: now(), cause: 'overrun' }),
      )
      const live = await server.owner.call<SessionDetail>('GET', `/sessions/${sessionId}`)
      assert.deepEqual([live.body.summary.completeness, live.body.gaps.length], ['incomplete', 1])
    })

    test('an administrator ends a session: the computer is told until its journal says that it ended', async () => {
      const asked = await server.owner.call('POST', `/sessions/${sessionId}/end`)
      assert.equal(asked.status, 204)
      const told = () =>
        server.db.read.selectFrom('device_message').select('done_at').where('about', '=', sessionId).execute()
      assert.deepEqual(
        (await told()).map(({ done_at }) => done_at),
        [null],
      )
      await computer.upload(computer.entry('session.end', endBody(0)))
      assert.equal((await told())[0]?.done_at, server.clock.now())
      const late = await server.owner.call('POST', `/sessions/${sessionId}/end`)
      assert.deepEqual([late.status, late.body.code], [409, 'conflict'])
    })

    test('nonsense is kept as evidence and changes nothing', async () => {
      const before = computer.end.size
      const kept = await computer.upload(
        computer.entry('process.elevated', { ...processBody(9), sessionId: computer.newId() }),
        computer.entry('session.end', { nonsense: true } as never),
      )
      assert.deepEqual([kept.status, kept.body.upTo], [200, before + 2])
      const refusals = await server.db.read
        .selectFrom('ledger')
        .select('body')
        .where('type', '=', 'journal.refused')
        .execute()
      assert.deepEqual(
        refusals.map(({ body }) => JSON.parse(body).reason),
        ['contradiction', 'malformed-body'],
      )
    })

    test('an upload that leaves something out is refused with journal-gap and the number that is wanted', async () => {
      const from = computer.end.size
      const left = computer.entry('clock.jump', { driftMs: 1, wall: now() })
      const gap = await computer.upload(computer.entry('clock.jump', { driftMs: 2, wall: now() }))
      assert.deepEqual([gap.status, gap.body.code, gap.body.details?.from], [409, 'journal-gap', from])
      assert.equal((await computer.upload(left)).body.upTo, from + 1)
    })

    test('a changed body is refused with invalid, and noted', async () => {
      const end = computer.end
      // The number that the gap above left open belongs to the next entry.
      computer.end = { size: end.size - 1, leaf: await lastLeaf() }
      const entry = computer.entry('policy.applied', { serial: 1 })
      const changed = await computer.upload({ ...entry, body: { serial: 2 } })
      assert.deepEqual([changed.status, changed.body.code], [400, 'invalid'])
      assert.equal((await computer.upload(entry)).status, 200)
    })

    test('another content under a known number is a fork: the computer is suspended', async () => {
      const end = computer.end
      computer.end = { size: end.size - 1, leaf: '0'.repeat(64) }
      const forked = await computer.upload(computer.entry('policy.applied', { serial: 9 }))
      assert.deepEqual([forked.status, forked.body.code], [423, 'device-suspended'])
      const device = await server.owner.call<Device>('GET', `/devices/${computer.id}`)
      assert.equal(device.body.state, 'suspended')
      assert.equal(await server.server.slices.ledger.firstBroken(), null)
    })

    async function lastLeaf(): Promise<string> {
      const row = await server.db.read
        .selectFrom('journal_entry')
        .select('leaf')
        .where('device_id', '=', computer.id)
        .orderBy('seq', 'desc')
        .limit(1)
        .executeTakeFirstOrThrow()
      return row.leaf
    }
  })
})
