import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { LedgerEntry } from '@stint/wire/console'
import type { Delivery, SavedFilter, Schedule, ScheduleBody } from '@stint/wire/report-schedules'
import { dayMs, minuteMs } from '../src/clock.ts'
import type { Server } from '../src/index.ts'
import { createReportFolder } from '../src/slices/reports/report-folder.ts'
import { createSmtpPost } from '../src/slices/reports/smtp-post.ts'
import { onEachEngine } from './engines.ts'
import { type MailSink, startMailSink } from './mail-sink.ts'
import { computer, told } from './report-world.ts'
import { Caller, startTestServer, type TestServer } from './test-server.ts'

const body = (given: Partial<ScheduleBody> = {}): ScheduleBody => ({
  ...{ name: 'Usage of yesterday', report: 'usage', filterId: null, format: 'csv', enabled: true },
  when: { every: 'daily', time: '07:00', zone: 'Europe/Berlin' },
  target: { kind: 'email', to: ['audit@example.org'] },
  subject: '{report}: {from} to {to}',
  ...given,
})

onEachEngine((open) => {
  describe('scheduled reports', () => {
    const root = mkdtempSync(join(tmpdir(), 'stint-report-folder-'))
    let sink: MailSink
    let server: TestServer
    let admin: Caller

    before(async () => {
      sink = await startMailSink()
      const means = { email: createSmtpPost(sink.settings), folder: createReportFolder(root) }
      server = await startTestServer({ db: await open(), means })
      admin = await programOf(server)
      const laptop = await computer(server, 'laptop-7')
      await told(server, { by: laptop, programs: ['/bin/a'], reason: '=1+1' })
    })
    after(async () => {
      await server.close()
      await sink.close()
      rmSync(root, { recursive: true, force: true })
    })

    const deliver = (on: Server = server.server) => on.slices.reporting.deliver()
    const schedules = async () =>
      (await admin.call<{ items: Schedule[] }>('GET', '/reports/schedules')).body.items
    const deliveries = async (id: string) =>
      (await admin.call<{ items: Delivery[] }>('GET', `/reports/schedules/${id}/deliveries`)).body.items
    async function made(given: Partial<ScheduleBody>): Promise<Schedule> {
      const answer = await admin.call<Schedule>('POST', '/reports/schedules', body(given))
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
      return answer.body
    }
    const remove = (id: string) => admin.call('DELETE', `/reports/schedules/${id}`)
    /** To 7:00 in Berlin of the next day, and a little more. */
    const nextMorning = () => {
      const now = server.clock.now()
      const six = new Date(now).setUTCHours(6, 0, 0, 0)
      server.clock.pass((six > now ? six : six + dayMs) - now + 1000)
    }

    test('A6: a report is sent at its time, once, with its rows attached and its subject filled', async () => {
      const schedule = await made({})
      assert.equal(schedule.nextDueAt, '2026-11-23T06:00:00.000Z')
      await deliver()
      assert.equal(sink.mails.length, 0)
      nextMorning()
      await deliver()
      await deliver()
      assert.equal(sink.mails.length, 1)
      const mail = sink.mails[0] ?? ''
      assert.match(mail, /^Subject: Temporary Session Elevation Usage: 2026-11-22 to 2026-11-22\r?$/m)
      assert.match(mail, /^To: audit@example\.org\r?$/m)
      assert.match(mail, /filename=stint-usage-2026-11-22-to-2026-11-22\.csv/)
      assert.match(mail, /Sessions: 1/)
      const rows = attachmentOf(mail)
      assert.equal(rows.split('\r\n').length, 3)
      assert.match(rows, /,'=1\+1,/)
      const [delivery] = await deliveries(schedule.id)
      assert.deepEqual(
        [delivery?.state, delivery?.attempts, delivery?.from, delivery?.to],
        ['sent', 1, '2026-11-21T23:00:00.000Z', '2026-11-22T23:00:00.000Z'],
      )
      assert.equal((await schedules())[0]?.nextDueAt, '2026-11-24T06:00:00.000Z')
      await remove(schedule.id)
    })

    test('two servers on one database send a period once', async () => {
      const schedule = await made({})
      const other = await server.restart()
      sink.mails.length = 0
      nextMorning()
      await Promise.all([deliver(), deliver(other), deliver(), deliver(other)])
      assert.equal(sink.mails.length, 1)
      assert.deepEqual(
        (await deliveries(schedule.id)).map(({ state }) => state),
        ['sent'],
      )
      await remove(schedule.id)
    })

    test('mornings that the server was off are caught up, one mail for each day', async () => {
      const schedule = await made({})
      sink.mails.length = 0
      server.clock.pass(3 * dayMs)
      await deliver(await server.restart())
      assert.equal(sink.mails.length, 3)
      const days = (await deliveries(schedule.id)).map(({ from }) => from)
      assert.equal(new Set(days).size, 3)
      await remove(schedule.id)
    })

    test('a mail that is refused is tried again, later each time, and shown; then given up', async () => {
      const schedule = await made({})
      sink.mode = 'refuse'
      nextMorning()
      await deliver()
      const [first] = await deliveries(schedule.id)
      assert.deepEqual([first?.state, first?.attempts], ['waiting', 1])
      assert.match(first?.lastError ?? '', /451|try again later/)
      assert.equal(Date.parse(first?.nextTryAt ?? '') - server.clock.now(), minuteMs)
      await deliver()
      assert.equal((await deliveries(schedule.id))[0]?.attempts, 1)
      server.clock.pass(minuteMs)
      await deliver(await server.restart())
      assert.equal((await deliveries(schedule.id))[0]?.attempts, 2)
      await admin.call('PUT', `/reports/schedules/${schedule.id}`, body({ enabled: false }))
      for (let tries = 2; tries < 9; tries++) {
        server.clock.pass(dayMs)
        await deliver()
      }
      const [last] = (await deliveries(schedule.id)).slice(-1)
      assert.deepEqual([last?.state, last?.attempts, last?.nextTryAt], ['failed', 9, null])
      sink.mode = 'take'
      const again = await admin.call<Delivery>('POST', `/reports/deliveries/${last?.id}/send`)
      assert.equal(again.body.state, 'waiting')
      await deliver()
      assert.equal((await deliveries(schedule.id)).slice(-1)[0]?.state, 'sent')
      const twice = await admin.call('POST', `/reports/deliveries/${last?.id}/send`)
      assert.deepEqual([twice.status, twice.body.code], [409, 'conflict'])
      await remove(schedule.id)
    })

    test('a mail server that hangs up with a whole mail in hand: uncertain, and not sent again by itself', async () => {
      const schedule = await made({})
      sink.mails.length = 0
      sink.mode = 'hang-up'
      nextMorning()
      await deliver()
      sink.mode = 'take'
      server.clock.pass(60 * minuteMs)
      await deliver()
      assert.equal(sink.mails.length, 1)
      const [delivery] = await deliveries(schedule.id)
      assert.deepEqual([delivery?.state, delivery?.nextTryAt], ['uncertain', null])
      await remove(schedule.id)
    })

    test('a server that stopped in the middle: a mail is uncertain, a file is written again', async () => {
      const mail = await made({})
      const file = await made({ name: 'Into a folder', target: { kind: 'folder', path: 'audit/daily' } })
      nextMorning()
      for (const { id } of [mail, file]) await admin.call('POST', `/reports/schedules/${id}/send`)
      await server.db.write(async (tx) => {
        const taken = {
          state: 'sending',
          next_try_at: null,
          taken_at: server.clock.now(),
          attempts: 1,
        } as const
        await tx.q
          .updateTable('report_delivery')
          .set(taken)
          .where('test', '=', 1)
          .where('state', '=', 'waiting')
          .execute()
        await tx.q.updateTable('report_schedule').set({ next_due_at: null }).execute()
      })
      sink.mails.length = 0
      await deliver()
      assert.equal((await deliveries(mail.id))[0]?.state, 'sending')
      server.clock.pass(16 * minuteMs)
      await deliver()
      assert.equal((await deliveries(mail.id))[0]?.state, 'uncertain')
      assert.equal((await deliveries(file.id))[0]?.state, 'sent')
      assert.equal(sink.mails.length, 0)
      const [name = ''] = readdirSync(join(root, 'audit/daily'))
      assert.match(readFileSync(join(root, 'audit/daily', name), 'utf8'), /^\uFEFFSession,State,/)
      for (const { id } of [mail, file]) await remove(id)
    })

    test('one address that is not taken does not keep the mail from the others, and is shown', async () => {
      const schedule = await made({ target: { kind: 'email', to: ['a@example.org', 'gone@example.org'] } })
      sink.unknown.add('gone@example.org')
      const asked = await admin.call<Delivery>('POST', `/reports/schedules/${schedule.id}/send`)
      assert.deepEqual([asked.body.state, asked.body.test], ['waiting', true])
      await deliver()
      const [delivery] = await deliveries(schedule.id)
      assert.deepEqual(
        [delivery?.state, delivery?.lastError],
        ['sent', 'Not taken by the mail server: gone@example.org'],
      )
      await remove(schedule.id)
    })

    test('a folder that leads out by a link is refused, and nothing is written there', async () => {
      const outside = mkdtempSync(join(tmpdir(), 'stint-outside-'))
      mkdirSync(join(root, 'links'), { recursive: true })
      symlinkSync(outside, join(root, 'links/out'))
      const schedule = await made({ target: { kind: 'folder', path: 'links/out' } })
      await admin.call('POST', `/reports/schedules/${schedule.id}/send`)
      await deliver()
      const [delivery] = await deliveries(schedule.id)
      assert.deepEqual(
        [delivery?.state, delivery?.lastError],
        ['waiting', 'The path leads out of the folder for reports.'],
      )
      assert.deepEqual(readdirSync(outside), [])
      rmSync(outside, { recursive: true })
      await remove(schedule.id)
    })

    test('what a schedule cannot be is refused with the reason', async () => {
      const zone = { every: 'daily', time: '07:00', zone: 'Europe/Entenhausen' } as const
      const private_ = (await admin.call<SavedFilter>('POST', '/reports/filters', filterBody('own', false)))
        .body
      const cases: readonly (readonly [given: object, status: number, code: string])[] = [
        [{ when: zone }, 400, 'invalid'],
        [{ when: { every: 'weekly', time: '07:00', zone: 'UTC' } }, 400, 'invalid'],
        [{ target: { kind: 'folder', path: '../etc' } }, 400, 'invalid'],
        [{ target: { kind: 'folder', path: '/etc' } }, 400, 'invalid'],
        [{ target: { kind: 'email', to: ['a@b\r\nBcc: c@d'] } }, 400, 'invalid'],
        [{ subject: 'a\r\nBcc: c@d' }, 400, 'invalid'],
        [{ filterId: private_.id }, 404, 'not-found'],
      ]
      for (const [given, status, code] of cases) {
        const answer = await admin.call('POST', '/reports/schedules', { ...body(), ...given })
        assert.deepEqual([given, answer.status, answer.body.code], [given, status, code])
      }
      const first = await made({})
      const second = await admin.call('POST', '/reports/schedules', body())
      assert.deepEqual([second.status, second.body.code], [409, 'conflict'])
      await remove(first.id)
    })

    test('without mail and folder nothing is offered: not-offered', async () => {
      const plain = await startTestServer({ db: await open() })
      const caller = await programOf(plain)
      const offered = await caller.call('GET', '/reports/delivery')
      assert.deepEqual(offered.body, { email: null, folder: false })
      const answer = await caller.call('POST', '/reports/schedules', body())
      assert.deepEqual([answer.status, answer.body.code], [409, 'not-offered'])
      await plain.close()
    })

    test('every change of a schedule and every delivery stands in the ledger', async () => {
      const { id } = await made({ name: 'For the ledger' })
      await admin.call('PUT', `/reports/schedules/${id}`, body({ name: 'Renamed', enabled: false }))
      await remove(id)
      const { items } = (await admin.call<{ items: LedgerEntry[] }>('GET', '/ledger?limit=200')).body
      const about = items.filter(({ subject }) => subject === `report-schedule:${id}`).map(({ type }) => type)
      assert.deepEqual(about.reverse(), [
        'report-schedule.created',
        'report-schedule.changed',
        'report-schedule.deleted',
      ])
      assert.ok(items.some(({ type }) => type === 'report.delivered'))
      assert.doesNotMatch(JSON.stringify(items), /a secret/)
    })
  })
})

const filterBody = (name: string, shared: boolean) => ({
  name,
  report: 'usage',
  filter: { text: 'x' },
  shared,
})

/** Somebody whose sign-in does not run out while the clock is moved. */
async function programOf({ owner, server }: TestServer): Promise<Caller> {
  const rights = ['see', 'read-ledger', 'read-reports', 'schedule-reports']
  const { body: made } = await owner.call<{ secret: string }>('POST', '/tokens', { name: 'admin', rights })
  return new Caller(server, { authorization: `Bearer ${made.secret}` })
}

/** The text of the file in a mail. */
function attachmentOf(mail: string): string {
  const [, encoded = ''] =
    /Content-Disposition: attachment[\s\S]*?\r?\n\r?\n([A-Za-z0-9+/=\r\n]+)/.exec(mail) ?? []
  return Buffer.from(encoded, 'base64').toString('utf8')
}
