import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { Overview, SessionDetail } from '@stint/wire/console'
import type { Finding } from '@stint/wire/findings'
import type { JournalBody, RequestFact } from '@stint/wire/journal'
import { hourMs, minuteMs } from '../src/clock.ts'
import { silentComputers } from '../src/views/silent-computers.ts'
import { onEachEngine } from './engines.ts'
import { type TestDevice as Computer, enrolledDevice } from './test-device.ts'
import { TestJournal } from './test-journal.ts'
import { type Caller, startTestServer, type TestServer } from './test-server.ts'

onEachEngine((open) => {
  describe('what does not fit in a journal', () => {
    let server: TestServer
    let computer: Computer
    let approver: Caller
    let journal: TestJournal
    before(async () => {
      server = await startTestServer({ db: await open() })
      approver = await server.person('approver')
    })
    beforeEach(async () => {
      computer = await enrolledDevice(server)
      journal = new TestJournal(computer)
    })
    after(() => server.close())

    const at = (ms: number) => new Date(server.clock.now() + ms).toISOString()
    /** Asks, is approved, and gives what the computer was told. */
    const approved = async (given: Partial<RequestFact> = {}) => {
      const request = computer.request(given)
      await journal.add('request.created', request).send()
      const terms = { minutes: 15, endProcesses: true, note: '' }
      const answer = await approver.call('POST', `/requests/${request.requestId}/approve`, terms)
      assert.equal(answer.status, 200)
      const fact = await server.db.read
        .selectFrom('ledger')
        .select('body')
        .where('type', '=', 'code.issued')
        .where('subject', '=', `request:${request.requestId}`)
        .executeTakeFirstOrThrow()
      return { request, jti: String(JSON.parse(fact.body ?? '').jti) }
    }
    const start = (sessionId: string, requestId: string): JournalBody<'session.start'> => ({
      ...{ sessionId, requestId, userId: 'uid:1000:mia', userName: 'mia', mode: 'session' },
      ...{ credential: 'answer-token', startedAt: at(0), endsAt: at(15 * minuteMs), endProcesses: true },
      ...{ recording: 'kernel-audit', wasAdministrator: false, denying: 'no rules' },
    })
    const end = (sessionId: string): JournalBody<'session.end'> => ({
      ...{ sessionId, reason: 'expired', endedAt: at(15 * minuteMs), proven: true, processesEnded: 0 },
      ...{ stillRunning: [], processes: 0, gaps: 0 },
    })
    const listed = async (query = '') =>
      (await server.owner.call<{ items: Finding[] }>('GET', `/findings?device=${computer.id}${query}`)).body
        .items
    const words = async () => (await listed()).map(({ code, word }) => `${code} ${word}`)
    const detail = async (id: string) =>
      (await server.owner.call<SessionDetail>('GET', `/sessions/${id}`)).body
    /** A whole session by an answer token; `change` plants a fault. */
    const whole = async (
      change: {
        readonly grant?: Partial<JournalBody<'grant.admitted'>>
        readonly start?: Partial<JournalBody<'session.start'>>
        readonly beforeEnd?: () => void
      } = {},
    ) => {
      const { request, jti } = await approved()
      const sessionId = computer.newId()
      const grant = { credential: 'answer-token', jti, ...change.grant } as const
      journal.granted(request, sessionId, grant)
      journal.add('session.start', { ...start(sessionId, request.requestId), ...change.start })
      change.beforeEnd?.()
      await journal.add('session.end', end(sessionId)).seal().send()
      return { sessionId, request, jti }
    }

    test('a good history has no finding: the session is complete and sealed', async () => {
      const { sessionId } = await whole()
      assert.deepEqual(await words(), [])
      const shown = await detail(sessionId)
      assert.deepEqual(
        [shown.summary.completeness, shown.verdict, shown.findings, shown.bundle],
        ['complete', { causes: [], sealing: 'sealed' }, [], true],
      )
    })

    test('a session is not yet reported until the seal behind its end arrives', async () => {
      const { request, jti } = await approved()
      const sessionId = computer.newId()
      journal.granted(request, sessionId, { credential: 'answer-token', jti })
      await journal.add('session.start', start(sessionId, request.requestId)).send()
      await journal.add('session.end', end(sessionId)).send()
      const waiting = await detail(sessionId)
      assert.deepEqual(
        [waiting.summary.completeness, waiting.verdict.sealing],
        ['not-yet-reported', 'waiting'],
      )
      await journal.seal().send()
      assert.equal((await detail(sessionId)).summary.completeness, 'complete')
    })

    test('EVID-6: E5 use-not-issued: an answer that nobody gave is found, and the session is incomplete', async () => {
      const request = computer.request()
      const sessionId = computer.newId()
      journal.add('request.created', request)
      journal.granted(request, sessionId, { credential: 'response-code' })
      await journal.add('session.start', start(sessionId, request.requestId)).send()
      const [finding] = await listed()
      assert.deepEqual(
        [finding?.code, finding?.word, finding?.sessionId, finding?.details.counter],
        ['E5', 'use-not-issued', sessionId, request.counter],
      )
      const shown = await detail(sessionId)
      assert.equal(shown.summary.completeness, 'incomplete')
      assert.deepEqual(
        shown.verdict.causes.map(({ from, to }) => [from, to]),
        [[finding?.from, finding?.to]],
      )
      assert.equal(shown.findings.length, 1)
    })

    test('EVID-6: E5 use-not-issued: a token with another identity than the one that was given', async () => {
      await whole({ grant: { jti: 'another' } })
      assert.deepEqual(await words(), ['E5 use-not-issued'])
    })

    test('EVID-6: E5 use-twice: one answer for two grants', async () => {
      const { request, jti } = await whole()
      await journal.granted(request, computer.newId(), { credential: 'answer-token', jti }).send()
      assert.deepEqual(await words(), ['E5 use-twice'])
    })

    test('E4 code-never-seen: given out, and the next request of the person comes without a word of it', async () => {
      const { request } = await approved()
      await journal.add('request.created', computer.request({ userId: 'uid:1001:bob', slot: 14 })).send()
      assert.deepEqual(await words(), [], 'somebody else may ask while it is open')
      await journal.add('request.created', computer.request()).send()
      const [finding] = await listed()
      assert.deepEqual([finding?.word, finding?.details.counter], ['code-never-seen', request.counter])
      await journal.add('request.created', computer.request()).send()
      assert.equal((await listed()).length, 1)
    })

    test('E4 is not found for an answer that was given up', async () => {
      const { request } = await approved()
      const { requestId } = request
      await journal
        .add('request.void', { requestId, reason: 'withdrawn', note: '' })
        .add('request.created', computer.request())
        .send()
      assert.deepEqual(await words(), [])
    })

    test('E6 counter-back: the counter of a request is not above the one before', async () => {
      await journal.add('request.created', computer.request({ counter: 7 })).send()
      await journal.add('request.created', computer.request({ counter: 6 })).send()
      assert.deepEqual(await words(), ['E6 counter-back'])
    })

    test('E6 boot-back: time since start goes back, and a start comes back', async () => {
      const jump = () => journal.add('clock.jump', { driftMs: 1, wall: at(0) })
      computer.upMs = 5000
      jump()
      computer.upMs = 4999
      await jump().send()
      assert.deepEqual(await words(), ['E6 boot-back'])
      computer.boot = 'boot-2'
      await jump().send()
      assert.equal((await listed()).length, 1)
      computer.boot = 'boot-1'
      computer.upMs = 6000
      await jump().send()
      assert.deepEqual(await words(), ['E6 boot-back', 'E6 boot-back'])
    })

    test('E7 more-than-granted: more seconds than were issued, and an end that is later than they allow', async () => {
      await whole({ grant: { grantedSeconds: 901 } })
      assert.deepEqual(await words(), ['E7 more-than-granted'])
      await whole({ start: { endsAt: at(15 * minuteMs + 1) } })
      assert.deepEqual(await words(), ['E7 more-than-granted', 'E7 more-than-granted'])
    })

    test('E7 lowered-late: 60 seconds are allowed, then it is late; so is another start', async () => {
      const laterBy = (ms: number) => () => {
        computer.upMs = ms
      }
      computer.upMs = 0
      await whole({ beforeEnd: laterBy(960_000) })
      assert.deepEqual(await words(), [])
      computer.boot = 'boot-2'
      computer.upMs = 0
      await whole({ beforeEnd: laterBy(960_001) })
      assert.deepEqual(await words(), ['E7 lowered-late'])
      await whole({
        beforeEnd() {
          computer.boot = 'boot-3'
          computer.upMs = 0
        },
      })
      assert.deepEqual(await words(), ['E7 lowered-late', 'E7 lowered-late'])
    })

    test('E7 raised-unsealed: no seal between the grant and the start', async () => {
      const { request, jti } = await approved()
      const [sessionId, { requestId, counter, userId }] = [computer.newId(), request]
      await journal
        .seal()
        .add('grant.admitted', {
          ...{ requestId, sessionId, counter, userId, jti, credential: 'answer-token', mode: 'session' },
          ...{ answeredSeconds: 900, grantedSeconds: 900, endProcesses: true, profile: 0 },
        })
        .add('session.start', start(sessionId, requestId))
        .send()
      assert.deepEqual(await words(), ['E7 raised-unsealed'])
    })

    test('E8 silent: a computer that comes and owes its journal for too long, once; an idle one owes nothing', async () => {
      const idle = await enrolledDevice(server)
      const request = computer.request()
      await computer.call('POST', '/requests', request)
      const look = async () => {
        await computer.openSession()
        await computer.status()
        await idle.openSession()
        await idle.status()
        await server.server.slices.care.reportSilent(await silent())
      }
      const silent = () => silentComputers(server.db.read, 2 * hourMs)
      server.clock.pass(hourMs)
      await look()
      assert.deepEqual(await words(), [])
      server.clock.pass(2 * hourMs)
      await look()
      await look()
      const [finding, ...more] = await listed()
      assert.deepEqual(
        [finding?.word, finding?.details.owes, more],
        ['silent', `request:${request.requestId}`, []],
      )
      const others = await server.owner.call<{ items: Finding[] }>('GET', `/findings?device=${idle.id}`)
      assert.deepEqual(others.body.items, [])
    })

    test('E9 receipt-unknown: the journal names a receipt that was never made', async () => {
      await journal.add('receipt', { upTo: 0, at: at(0), hash: 'ab'.repeat(32) }).send()
      assert.deepEqual(await words(), ['E9 receipt-unknown'])
    })

    test('E9 receipt-missing: a receipt is named and is not in the journal, or none is named any more', async () => {
      const { entry, checkpoint } = computer.seal()
      const first = await computer.send([entry], { checkpoints: [checkpoint] })
      assert.ok(first.body.proof)
      const made = await server.db.read
        .selectFrom('device_receipt')
        .select('hash')
        .where('device_id', '=', computer.id)
        .executeTakeFirstOrThrow()
      const second = computer.seal()
      await computer.send([second.entry], { checkpoints: [second.checkpoint], receipt: made.hash })
      assert.deepEqual(await words(), ['E9 receipt-missing'])
      const third = computer.seal()
      await computer.send([third.entry], { checkpoints: [third.checkpoint], receipt: null })
      assert.deepEqual(await words(), ['E9 receipt-missing', 'E9 receipt-missing'])
    })

    test('a finding is a fact, is counted, and is acknowledged once with a note', async () => {
      await journal.add('receipt', { upTo: 0, at: at(0), hash: 'cd'.repeat(32) }).send()
      const [finding] = await listed('&state=open&code=E9')
      const overview = async () => (await server.owner.call<Overview>('GET', '/overview')).body.openFindings
      const open = await overview()
      const path = `/findings/${finding?.id}/acknowledge`
      const auditor = await server.person('auditor')
      const viewer = await server.person('viewer')
      const refused = await viewer.call('POST', path, { note: 'fine' })
      assert.deepEqual([refused.status, refused.body.code], [403, 'not-an-approver'])
      const seen = await auditor.call<Finding>('POST', path, { note: 'a test of ours' })
      assert.equal(seen.body.acknowledged?.note, 'a test of ours')
      assert.equal(await overview(), open - 1)
      assert.deepEqual(await listed('&state=open'), [])
      assert.equal((await listed('&state=acknowledged')).length, 1)
      const again = await auditor.call('POST', path, { note: 'again' })
      assert.deepEqual([again.status, again.body.code], [409, 'conflict'])
      const facts = await server.db.read
        .selectFrom('ledger')
        .select('type')
        .where('subject', '=', `finding:${finding?.id}`)
        .orderBy('seq')
        .execute()
      assert.deepEqual(
        facts.map(({ type }) => type),
        ['finding.made', 'finding.acknowledged'],
      )
      assert.equal(await server.server.slices.ledger.firstBroken(), null)
    })

    test('a session that is over by its deadline and not reported says so, and is not counted as live', async () => {
      const { request, jti } = await approved()
      const sessionId = computer.newId()
      journal.granted(request, sessionId, { credential: 'answer-token', jti })
      await journal.add('session.start', start(sessionId, request.requestId)).send()
      const live = async () => (await server.owner.call<Overview>('GET', '/overview')).body.liveSessions
      const before = await live()
      server.clock.pass(25 * minuteMs)
      assert.equal((await detail(sessionId)).summary.overdue, false)
      server.clock.pass(1)
      const { summary } = await detail(sessionId)
      assert.deepEqual(
        [summary.state, summary.overdue, summary.completeness],
        ['live', true, 'not-yet-reported'],
      )
      assert.equal(await live(), before - 1)
    })
  })
})
