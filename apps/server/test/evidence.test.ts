import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Device, SessionDetail } from '@stint/wire/console'
import type { JournalBody } from '@stint/wire/journal'
import { minuteMs } from '../src/clock.ts'
import { onEachEngine } from './engines.ts'
import { type TestDevice as Computer, enrolledDevice, facts } from './test-device.ts'
import { TestJournal } from './test-journal.ts'
import { startTestServer, type TestServer } from './test-server.ts'

const _terms = { minutes: 15, endProcesses: true, note: '' }

onEachEngine((open) => {
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
        credential: 'self-approval',
        startedAt: now(),
        endsAt: new Date(server.clock.now() + 15 * minuteMs).toISOString(),
        endProcesses: true,
        recording: 'kernel-audit',
        wasAdministrator: false,
        denying: 'no rules',
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
      redacted: 0,
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
      const begun = new TestJournal(computer).add('boot', { facts }).add('request.created', fact)
      await begun.granted(fact, sessionId).send()
      const entries = [
        computer.entry('session.start', startBody(fact.requestId)),
        computer.entry('process.elevated', processBody(77)),
      ]
      const receipt = await computer.upload(...entries)
      assert.deepEqual([receipt.status, receipt.body.upTo, receipt.body.leaf], [200, 6, computer.end.leaf])
      const live = await server.owner.call<SessionDetail>('GET', `/sessions/${sessionId}`)
      assert.deepEqual(
        [live.body.summary.state, live.body.summary.completeness],
        ['live', 'not-yet-reported'],
      )
      assert.equal(live.body.request?.reason, fact.reason)
      const again = await computer.upload(...entries)
      assert.deepEqual([again.status, again.body.upTo], [200, 6])
      const last = { sessionId, pid: 77, startedAt: now(), endedAt: now(), exitCode: 0, signal: null }
      const ending = new TestJournal(computer).add('process.ended', last).add('session.end', endBody(1))
      await ending.seal().send()
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
        refusals.map(({ body }) => JSON.parse(body ?? '').reason),
        ['contradiction', 'malformed-body'],
      )
    })

    test('EVID-5: an upload that leaves something out is refused with journal-gap and the number that is wanted', async () => {
      const from = computer.end.size
      const left = computer.entry('clock.jump', { driftMs: 1, wall: now() })
      const gap = await computer.upload(computer.entry('clock.jump', { driftMs: 2, wall: now() }))
      assert.deepEqual([gap.status, gap.body.code, gap.body.details?.from], [409, 'journal-gap', from])
      assert.equal((await computer.upload(left)).body.upTo, from + 1)
    })

    test('EVID-5: a changed body is refused with invalid, and noted', async () => {
      const end = computer.end
      // The number that the gap above left open belongs to the next entry.
      computer.end = { size: end.size - 1, leaf: await lastLeaf() }
      const entry = computer.entry('policy.applied', { serial: 1 })
      const changed = await computer.upload({ ...entry, body: { serial: 2 } })
      assert.deepEqual([changed.status, changed.body.code], [400, 'invalid'])
      assert.equal((await computer.upload(entry)).status, 200)
    })

    test('EVID-5, KEY-13: another content under a known number is a fork: the computer is suspended', async () => {
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
