import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type {
  ComputerRow,
  ComputersSummary,
  DeniedRow,
  DeniedSummary,
  EffectivePolicyRow,
  EffectivePolicySummary,
  ProcessRow,
  ProgramReportRow,
  ProgramsSummary,
  RequestReportRow,
  RequestsSummary,
  UsageRow,
  UsageSummary,
} from '@stint/wire/reports'
import { dayMs, hourMs } from '../src/clock.ts'
import { onEachEngine } from './engines.ts'
import { computer, told } from './report-world.ts'
import type { TestDevice } from './test-device.ts'
import { type Answer, Caller, startTestServer, type TestServer } from './test-server.ts'

interface List<Row> {
  readonly items: Row[]
  readonly cursor: string | null
}

const mia = { userId: 'upn:mia@example.org', userName: 'mia' }
const bob = { userId: 'uid:1001:bob', userName: 'bob' }

/** Somebody whose sign-in does not run out while the clock is moved. */
async function programOf({ owner, server }: TestServer): Promise<Caller> {
  const rights = ['see', 'administer-policy', 'read-reports']
  const { body } = await owner.call<{ secret: string }>('POST', '/tokens', { name: 'reader', rights })
  return new Caller(server, { authorization: `Bearer ${body.secret}` })
}

onEachEngine((open) => {
  describe('reports', () => {
    let server: TestServer
    let ada: Caller
    let laptop: TestDevice
    let tower: TestDevice
    let program: Caller
    let first = ''
    let third = ''

    before(async () => {
      server = await startTestServer({ db: await open() })
      ada = await server.person('approver', 'ada@example.org')
      laptop = await computer(server, 'laptop-7')
      tower = await computer(server, 'tower-1')
      program = await programOf(server)
      // 22 November 2026, 9:00: two days of sessions, one of them live.
      first = await told(server, {
        by: laptop,
        ...mia,
        approver: ada,
        programs: ['/bin/a', '/bin/b', '/bin/a'],
      })
      await told(server, {
        by: laptop,
        ...bob,
        startsInMs: hourMs,
        programs: ['/bin/a'],
        reason: 'mount a 100% full disk',
      })
      third = await told(server, {
        ...{ by: tower, ...mia, startsInMs: dayMs, programs: ['/bin/b', '/opt/c'], denied: ['/bin/sh'] },
        ...{ end: null, credential: 'self-approval' },
      })
      server.clock.pass(dayMs + 2 * hourMs)
    })
    after(() => server.close())

    const get = <T>(path: string): Promise<Answer<T>> => program.call<T>('GET', `/reports/${path}`)
    const rows = async <Row>(path: string): Promise<Row[]> => {
      const answer = await get<List<Row>>(path)
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
      return answer.body.items
    }
    const sessionsOf = async (query: string) =>
      (await rows<UsageRow>(`usage?${query}`)).map(({ sessionId }) => sessionId)

    test('A2: a session says who, by whom, on what, why, how long and how it ended', async () => {
      const [row] = await rows<UsageRow>(`usage?session=${first}`)
      assert.deepEqual(row?.user, { ...{ id: mia.userId, name: 'mia' }, domain: 'example.org', ou: null })
      assert.deepEqual(row.computer, {
        ...{ id: laptop.id, name: 'laptop-7', class: 'laptop', os: 'Debian GNU/Linux 12' },
      })
      assert.equal(row.approvedBy?.name, 'approver 0')
      assert.deepEqual(
        [row.reason, row.endReason, row.elevationSeconds, row.processes, row.completeness, row.use],
        ['install the printer driver', 'ended-by-user', 600, 3, 'complete', { n: 1, of: 1 }],
      )
      assert.deepEqual([row.passcode, row.activatedAt], [null, '2026-11-22T09:00:00.000Z'])
    })

    test('a live session counts until now, and a self-approval is not counted by uses', async () => {
      const [row] = await rows<UsageRow>(`usage?session=${third}`)
      assert.deepEqual(
        [row?.state, row?.endedAt, row?.elevationSeconds, row?.use, row?.approvedBy],
        ['live', null, 7200, null, null],
      )
    })

    test('the newest comes first, page by page, and every sort gives each session once', async () => {
      for (const sort of ['-activated', 'activated', '-elevation', '-processes', 'user', '-computer']) {
        const seen: string[] = []
        for (let cursor: string | null = ''; cursor !== null; ) {
          const next: string = cursor === '' ? '' : `&cursor=${cursor}`
          const page: Answer<List<UsageRow>> = await get(`usage?limit=1&sort=${sort}${next}`)
          assert.equal(page.status, 200, `${sort}: ${JSON.stringify(page.body)}`)
          seen.push(...page.body.items.map(({ sessionId }) => sessionId))
          cursor = page.body.cursor
        }
        assert.equal(new Set(seen).size, 3, sort)
        assert.equal(seen.length, 3, sort)
      }
      assert.equal((await sessionsOf(''))[0], third)
      assert.equal((await sessionsOf('sort=-processes'))[0], first)
      assert.equal((await sessionsOf('sort=activated'))[0], first)
    })

    test('each filter finds what it names and nothing else', async () => {
      const counts: readonly (readonly [query: string, sessions: number])[] = [
        ['from=2026-11-23T00:00:00.000Z', 1],
        ['to=2026-11-22T10:00:00.000Z', 1],
        ['from=2026-11-22T09:00:00.000Z&to=2026-11-22T10:00:00.001Z', 2],
        [`device=${tower.id}`, 1],
        [`user=${encodeURIComponent(mia.userId)}`, 2],
        ['credential=self-approval', 2],
        ['mode=application', 0],
        ['endReason=ended-by-user', 2],
        ['completeness=complete', 2],
        ['program=/bin/b', 2],
        ['program=/bin/a', 2],
        ['program=/bin', 0],
        ['text=LAPTOP', 2],
        ['text=approver%200', 1],
        ['text=100%25', 1],
        ['text=1%250', 0],
        ['text=_', 0],
      ]
      for (const [query, sessions] of counts) assert.equal((await sessionsOf(query)).length, sessions, query)
      const [row] = await rows<UsageRow>(`usage?session=${first}`)
      assert.deepEqual(await sessionsOf(`approver=${row?.approvedBy?.id}`), [first])
    })

    test('a period that is none, a cursor that was not given out and an unknown sort are invalid', async () => {
      for (const query of [
        'from=2026-13-01T00:00:00.000Z',
        'from=2026-11-23T00:00:00.000Z&to=2026-11-22T00:00:00.000Z',
        'cursor=e30',
        'cursor=WzEsIlx1MDAwMCJd',
        'sort=reason',
        'credential=a-word',
        'colour=red',
      ]) {
        const answer = await get(`usage?${query}`)
        assert.deepEqual([query, answer.status, answer.body.code], [query, 400, 'invalid'])
      }
    })

    test('the usage summary adds up what the rows say', async () => {
      const { body } = await get<UsageSummary>('usage/summary')
      assert.deepEqual(
        [body.sessions, body.processes, body.elevationSeconds, body.people, body.computers],
        [3, 6, 600 + 600 + 7200, 2, 2],
      )
      assert.deepEqual(body.perDay, [
        { day: '2026-11-22', sessions: 2, processes: 4, elevationSeconds: 1200 },
        { day: '2026-11-23', sessions: 1, processes: 2, elevationSeconds: 7200 },
      ])
      assert.deepEqual(body.credentials[0], { name: 'self-approval', count: 2 })
      assert.deepEqual(body.endReasons, [{ name: 'ended-by-user', count: 2 }])
      assert.deepEqual(body.topUsers[0], { id: mia.userId, name: 'mia', count: 2 })
      assert.deepEqual(body.topComputers[0], { id: laptop.id, name: 'laptop-7', count: 2 })
      assert.deepEqual(
        body.topApprovers.map(({ name, count }) => [name, count]),
        [['approver 0', 1]],
      )
      const bobs = await get<UsageSummary>(`usage/summary?user=${bob.userId}&text=laptop`)
      assert.deepEqual([bobs.body.sessions, bobs.body.people], [1, 1])
    })

    test('the drill-down shows each process with its arguments, in order, and pages through sessions', async () => {
      const launched = await rows<ProcessRow>(`processes?session=${first}`)
      assert.deepEqual(
        launched.map(({ program, args }) => [program, args[2]]),
        [
          ['/bin/a', "it's 0"],
          ['/bin/b', "it's 1"],
          ['/bin/a', "it's 2"],
        ],
      )
      const seen: string[] = []
      for (let cursor = ''; ; ) {
        const { body }: Answer<List<ProcessRow>> = await get(
          `processes?limit=2&cursor=${cursor}`.replace(/&cursor=$/, ''),
        )
        seen.push(...body.items.map(({ sessionId, pid }) => `${sessionId} ${pid}`))
        if (body.cursor === null) break
        cursor = body.cursor
      }
      assert.equal(seen.length, 6)
      assert.equal(new Set(seen).size, 6)
      assert.ok(seen[0]?.startsWith(third))
      assert.equal((await rows<ProcessRow>('processes?program=/bin/a')).length, 3)
      const counted = await get('processes/summary')
      assert.deepEqual(counted.body, { sessions: 3, processes: 6 })
    })

    test('A3: requests by state, with the time to answer', async () => {
      const all = await rows<RequestReportRow>('requests')
      assert.equal(all.length, 3)
      const [approved] = await rows<RequestReportRow>('requests?state=approved')
      assert.deepEqual(
        [approved?.answerSeconds, approved?.answeredBy?.name, approved?.carried, approved?.sessionId],
        [60, 'approver 0', 'network', first],
      )
      const { body } = await get<RequestsSummary>('requests/summary')
      assert.deepEqual(
        [
          body.generated,
          body.approved,
          body.pending,
          body.answered,
          body.medianAnswerSeconds,
          body.p95AnswerSeconds,
        ],
        [3, 1, 2, 1, 60, 60],
      )
      assert.deepEqual(body.perDay[0], { day: '2026-11-22', generated: 3, approved: 1, denied: 0 })
      assert.equal(
        (await get<RequestsSummary>('requests/summary?state=denied')).body.medianAnswerSeconds,
        null,
      )
      assert.equal((await rows<RequestReportRow>('requests?sort=-answer'))[0]?.state, 'approved')
    })

    test('elevated applications: most used first, with people, computers and when they were first seen', async () => {
      const list = await rows<ProgramReportRow>('programs')
      assert.deepEqual(
        list.map(({ program, starts, people, computers }) => [program, starts, people, computers]),
        [
          ['/bin/a', 3, 2, 1],
          ['/bin/b', 2, 1, 2],
          ['/opt/c', 1, 1, 1],
        ],
      )
      assert.deepEqual(list[0]?.variants, [
        { sha256: null, firstSeenAt: '2026-11-22T09:00:00.000Z', lastSeenAt: '2026-11-22T10:00:00.000Z' },
      ])
      const { body } = await get<ProgramsSummary>('programs/summary')
      assert.deepEqual([body.programs, body.starts, body.newest[0]?.program], [3, 6, '/opt/c'])
      assert.deepEqual(body.perDay, [
        { day: '2026-11-22', starts: 4 },
        { day: '2026-11-23', starts: 2 },
      ])
    })

    test('programs of a period are counted to the millisecond, also where a day is cut', async () => {
      const of = async (query: string) =>
        (await rows<ProgramReportRow>(`programs?${query}`)).map(({ program, starts, people, computers }) =>
          [program, starts, people, computers].join(' '),
        )
      assert.deepEqual(await of('from=2026-11-22T09:00:00.001Z&to=2026-11-22T10:00:00.001Z'), [
        '/bin/a 1 1 1',
      ])
      assert.deepEqual(
        await of('from=2026-11-22T10:00:00.000Z'),
        ['/bin/b 1 1 1', '/bin/a 1 1 1', '/opt/c 1 1 1'].sort((a, b) => a.localeCompare(b)),
      )
      assert.deepEqual(await of('to=2026-11-23T00:00:00.000Z'), ['/bin/a 3 2 1', '/bin/b 1 1 1'])
      // mia met /bin/b before and after this hour, and not in it.
      assert.deepEqual(await of('from=2026-11-22T09:30:00.000Z&to=2026-11-22T11:00:00.000Z'), [
        '/bin/a 1 1 1',
      ])
      assert.deepEqual(await of(`device=${tower.id}&sort=-people`), ['/bin/b 1 1 1', '/opt/c 1 1 1'])
      assert.deepEqual(await of('text=OPT'), ['/opt/c 1 1 1'])
      assert.equal((await get<List<ProgramReportRow>>('programs?limit=1')).body.items.length, 1)
    })

    test('denied starts, with the rule', async () => {
      const [row] = await rows<DeniedRow>('denied')
      assert.deepEqual(
        [row?.program, row?.rule, row?.repeated, row?.computer.name],
        ['/bin/sh', 'no-shells', 2, 'tower-1'],
      )
      const { body } = await get<DeniedSummary>(`denied/summary?user=${encodeURIComponent(mia.userId)}`)
      assert.deepEqual([body.denied, body.topRules[0]?.id, body.topUsers[0]?.name], [1, 'no-shells', 'mia'])
      assert.deepEqual(await rows<DeniedRow>(`denied?device=${laptop.id}`), [])
    })

    test('effective policy: each setting with its value and where it comes from', async () => {
      const {
        changedAt: _at,
        changedBy: _by,
        ...settings
      } = (await program.call<Record<string, unknown>>('GET', '/settings')).body
      const [before] = await rows<EffectivePolicyRow>(`effective-policy?device=${laptop.id}`)
      const from = before?.settings.find(({ name }) => name === 'minutesCeiling')
      assert.deepEqual([from?.value, from?.from, before?.serial, before?.wanted], [240, 'default', 1, 1])
      await program.call('PUT', '/settings', { ...settings, minutesCeiling: 60 })
      await laptop.openSession()
      await laptop.upload(laptop.entry('policy.applied', { serial: 2 }))
      await server.server.slices.policies.publishAll()
      const [after] = await rows<EffectivePolicyRow>(`effective-policy?device=${laptop.id}`)
      const to = after?.settings.find(({ name }) => name === 'minutesCeiling')
      assert.deepEqual(
        [to?.value, to?.from, to?.version, to?.changedBy],
        [60, 'settings', 1, 'Olive Owner (reader)'],
      )
      const { body } = await get<EffectivePolicySummary>('effective-policy/summary')
      assert.deepEqual(body, { computers: 2, current: 1, behind: 1, unknown: 0 })
    })

    test('computers: when last seen, version, what they cannot do, and sessions of the period', async () => {
      const list = await rows<ComputerRow>('computers?from=2026-11-22T09:30:00.000Z')
      assert.deepEqual(
        list.map(({ computer: { name }, sessions, agentVersion }) => [name, sessions, agentVersion]),
        [
          ['laptop-7', 1, '0.1.0'],
          ['tower-1', 1, '0.1.0'],
        ],
      )
      assert.equal((await rows<ComputerRow>('computers?sort=-sessions'))[0]?.computer.name, 'laptop-7')
      const { body } = await get<ComputersSummary>('computers/summary')
      assert.deepEqual(
        [body.computers, body.online, body.withWeaknesses, body.classes],
        [2, 0, 0, [{ name: 'laptop', count: 2 }]],
      )
      assert.deepEqual(body.systems, [{ name: 'Debian GNU/Linux 12', count: 2 }])
    })
  })
})
