import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { ProcessView, SessionDetail } from '@stint/wire/console'
import type { JournalBody } from '@stint/wire/journal'
import { onEachEngine } from './engines.ts'
import { type TestDevice as Computer, enrolledDevice } from './test-device.ts'
import { TestJournal } from './test-journal.ts'
import { startTestServer, type TestServer } from './test-server.ts'

onEachEngine((open) => {
  describe('what a session was kept from and what it changed', () => {
    let server: TestServer
    let computer: Computer
    before(async () => {
      server = await startTestServer({ db: await open() })
      computer = await enrolledDevice(server)
    })
    after(() => server.close())
    const at = (seconds: number) => new Date(server.clock.now() + seconds * 1000).toISOString()

    const start = (sessionId: string): JournalBody<'session.start'> => ({
      sessionId,
      requestId: computer.newId(),
      userId: 'uid:1000:mia',
      userName: 'mia',
      mode: 'session',
      credential: 'self-approval',
      startedAt: at(0),
      endsAt: at(900),
      endProcesses: true,
      recording: 'kernel-audit',
      wasAdministrator: false,
      denying: 'fanotify',
    })
    const ran = (sessionId: string, pid: number, more: Partial<JournalBody<'process.elevated'>> = {}) => ({
      sessionId,
      pid,
      startedAt: at(pid),
      parentPid: 1,
      uid: 0,
      program: `/usr/bin/p${pid}`,
      sha256: null,
      args: [`p${pid}`],
      argsCut: false,
      redacted: 0,
      directory: '/root',
      ...more,
    })
    const denied = (sessionId: string, more: Partial<JournalBody<'process.denied'>> = {}) => ({
      sessionId,
      pid: 30,
      uid: 0,
      program: '/usr/bin/nmap',
      sha256: null,
      args: ['nmap', '--token=[redacted]'],
      argsCut: false,
      redacted: 1,
      at: at(30),
      rule: 'no-scanners',
      repeated: 2,
      ...more,
    })
    const change = (more: Partial<JournalBody<'system.changed'>['changes'][number]> = {}) => ({
      kind: 'account' as const,
      what: 'eve',
      before: null,
      after: 'an account with uid 1001',
      at: at(25),
      undone: 'not-asked' as const,
      ...more,
    })
    const changed = (sessionId: string, changes: JournalBody<'system.changed'>['changes']) => ({
      sessionId,
      changes,
      cut: false,
      unread: ['/etc/pam.d could not be read'],
    })
    const started = async () => {
      const sessionId = computer.newId()
      const journal = new TestJournal(computer).granted(computer.request(), sessionId)
      await journal.add('session.start', start(sessionId)).send()
      return sessionId
    }
    const detail = async (sessionId: string) =>
      (await server.owner.call<SessionDetail>('GET', `/sessions/${sessionId}`)).body
    const refusals = async () => {
      const rows = await server.db.read
        .selectFrom('ledger')
        .select('body')
        .where('type', '=', 'journal.refused')
        .orderBy('seq')
        .execute()
      return rows.map(({ body }) => JSON.parse(body ?? '').reason)
    }

    test('a start that a rule kept away is shown with its rule, and stands in the timeline', async () => {
      const sessionId = await started()
      await computer.upload(
        computer.entry('process.denied', denied(sessionId)),
        computer.entry('process.denied', denied(sessionId, { rule: null, repeated: 0, at: at(31) })),
      )
      const shown = await detail(sessionId)
      assert.equal(shown.denying, 'fanotify')
      assert.equal(shown.deniedCount, 2)
      assert.deepEqual(shown.denied[0], {
        at: at(30),
        pid: 30,
        uid: 0,
        program: '/usr/bin/nmap',
        args: ['nmap', '--token=[redacted]'],
        argsCut: false,
        redacted: 1,
        rule: 'no-scanners',
        repeated: 2,
      })
      assert.deepEqual(
        shown.timeline.filter(({ type }) => type === 'process.denied').map(({ text }) => text),
        [
          '/usr/bin/nmap was kept from starting: rule no-scanners. And 2 more times.',
          '/usr/bin/nmap was kept from starting: no rule allows it.',
        ],
      )
    })

    test('of a thousand denied starts the first 200 are shown, and all are counted', async () => {
      const sessionId = await started()
      for (let from = 0; from < 1000; from += 500)
        await computer.upload(
          ...Array.from({ length: 500 }, (_, n) =>
            computer.entry('process.denied', denied(sessionId, { pid: from + n + 1 })),
          ),
        )
      const shown = await detail(sessionId)
      assert.deepEqual([shown.denied.length, shown.deniedCount, shown.denied[199]?.pid], [200, 1000, 200])
    })

    test('the verdict on a recording does not change by what was denied or changed', async () => {
      const sessionId = await started()
      const journal = new TestJournal(computer)
        .add('process.elevated', ran(sessionId, 20))
        .add('process.denied', denied(sessionId))
        .add('session.end', {
          sessionId,
          reason: 'expired',
          endedAt: at(900),
          proven: true,
          processesEnded: 0,
          stillRunning: [],
          processes: 1,
          gaps: 0,
        })
        .add('system.changed', changed(sessionId, [change()]))
      await journal.seal().send()
      const { summary } = await detail(sessionId)
      assert.deepEqual([summary.completeness, summary.processes], ['complete', 1])
    })

    test('a process says how many secrets were taken out of its arguments', async () => {
      const sessionId = await started()
      await computer.upload(computer.entry('process.elevated', ran(sessionId, 20, { redacted: 3 })))
      const page = await server.owner.call<{ items: ProcessView[] }>(
        'GET',
        `/sessions/${sessionId}/processes`,
      )
      assert.deepEqual(
        page.body.items.map(({ redacted }) => redacted),
        [3],
      )
    })

    test('what changed is null until the computer compared, then shown with the programs that ran', async () => {
      const sessionId = await started()
      assert.equal((await detail(sessionId)).changes, null)
      await computer.upload(
        computer.entry('process.elevated', ran(sessionId, 20)),
        computer.entry(
          'process.elevated',
          ran(sessionId, 24, { parentPid: 20, program: '/usr/sbin/useradd' }),
        ),
        computer.entry(
          'system.changed',
          changed(sessionId, [change(), change({ at: null, kind: 'sudoers', undone: 'failed' })]),
        ),
      )
      const { changes, timeline } = await detail(sessionId)
      assert.deepEqual(changes?.unread, ['/etc/pam.d could not be read'])
      assert.equal(changes?.cut, false)
      assert.deepEqual(changes?.items[0], {
        kind: 'account',
        what: 'eve',
        before: null,
        after: 'an account with uid 1001',
        at: at(25),
        during: [{ pid: 24, startedAt: at(24), program: '/usr/sbin/useradd' }],
        undone: 'not-asked',
      })
      assert.deepEqual(
        [changes?.items[1]?.kind, changes?.items[1]?.during, changes?.items[1]?.undone],
        ['sudoers', [], 'failed'],
      )
      assert.ok(
        timeline.some(
          ({ text }) => text === 'Compared with before: 2 changes. 1 place could not be compared.',
        ),
      )
    })

    test('a thousand changes are kept, in their order', async () => {
      const sessionId = await started()
      const many = Array.from({ length: 1000 }, (_, n) => change({ what: `user${n}` }))
      await computer.upload(computer.entry('system.changed', changed(sessionId, many)))
      const { changes } = await detail(sessionId)
      assert.deepEqual(
        changes?.items.map(({ what }) => what),
        many.map(({ what }) => what),
      )
    })

    test('rights that somebody else changed are a line of the timeline', async () => {
      const sessionId = await started()
      const body = { sessionId, userId: 'uid:1000:mia', administrator: true, at: at(40) }
      await computer.upload(computer.entry('rights.changed-elsewhere', body))
      const { timeline } = await detail(sessionId)
      assert.ok(
        timeline.some(
          ({ type, text }) =>
            type === 'rights.changed-elsewhere' && text === 'Somebody else made the person an administrator.',
        ),
      )
    })

    test('contradictions change nothing: no such session, a second comparison, another person, no such day', async () => {
      const sessionId = await started()
      const known = (await refusals()).length
      const body = { sessionId, userId: 'uid:0:root', administrator: true, at: at(40) }
      await computer.upload(
        computer.entry('process.denied', denied(computer.newId())),
        computer.entry('system.changed', changed(sessionId, [])),
        computer.entry('system.changed', changed(sessionId, [change()])),
        computer.entry('rights.changed-elsewhere', body),
        computer.entry('process.denied', denied(sessionId, { at: '2026-13-01T00:00:00.000Z' })),
      )
      const { changes, denied: shown, timeline } = await detail(sessionId)
      assert.deepEqual([changes?.items, shown], [[], []])
      assert.ok(!timeline.some(({ type }) => type === 'rights.changed-elsewhere'))
      assert.deepEqual((await refusals()).slice(known), Array(4).fill('contradiction'))
    })

    test('a cursor that somebody made up is refused with invalid, whatever stands in it', async () => {
      const sessionId = await started()
      const cursors = [['x'], [1.5], [1e300], ['0', 'x'], [1, '\u0000'], [1, "'"], [], [1, 2]]
      for (const path of [
        '/ledger',
        '/sessions',
        `/sessions/${sessionId}/processes`,
        '/requests',
        '/devices',
      ])
        for (const key of cursors) {
          const cursor = Buffer.from(JSON.stringify(key)).toString('base64url')
          const answer = await server.owner.call('GET', `${path}?cursor=${cursor}`)
          assert.deepEqual(
            [answer.status, answer.body.code],
            [400, 'invalid'],
            `${path} ${JSON.stringify(key)}`,
          )
          assert.deepEqual(Object.keys(answer.body.fields ?? {}), ['cursor'])
        }
      for (const path of ['/people', '/tokens', '/enrollment-tokens']) {
        const answer = await server.owner.call(
          'GET',
          `${path}?cursor=${Buffer.from('[7,7]').toString('base64url')}`,
        )
        assert.deepEqual([answer.status, answer.body.code], [400, 'invalid'], path)
      }
    })
  })
})
