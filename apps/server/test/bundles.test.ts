import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { minuteMs } from '../src/clock.ts'
import { onEachEngine } from './engines.ts'
import { type TestDevice as Computer, enrolledDevice, facts } from './test-device.ts'
import { TestJournal } from './test-journal.ts'
import { type Caller, startTestServer, type TestServer } from './test-server.ts'

const tools = join(import.meta.dirname, '../../../tools/verify')
/** The two checkers, which share no code with the server. */
const checkers: readonly (readonly [string, string])[] = [
  [process.execPath, join(tools, 'verify.ts')],
  ['python3', join(tools, 'verify.py')],
]

onEachEngine((open) => {
  describe('an evidence bundle', () => {
    const folder = mkdtempSync(join(tmpdir(), 'stint-bundle-'))
    let server: TestServer
    let computer: Computer
    let sessionId = ''
    before(async () => {
      server = await startTestServer({ db: await open() })
      computer = await enrolledDevice(server, { ...facts, hostname: '<b>laptop</b>' })
      await session()
      sessionId = await session()
      await new TestJournal(computer).add('boot', { facts }).seal().send()
    })
    after(async () => {
      await server.close()
      rmSync(folder, { recursive: true })
    })

    const at = (ms: number) => new Date(server.clock.now() + ms).toISOString()
    /** A whole one, by an answer token. */
    async function session(): Promise<string> {
      const journal = new TestJournal(computer)
      const request = computer.request({ reason: 'install <script>alert(1)</script>' })
      await journal.add('request.created', request).send()
      const terms = { minutes: 15, endProcesses: true, note: '' }
      await server.owner.call('POST', `/requests/${request.requestId}/approve`, terms)
      const fact = await server.db.read
        .selectFrom('issued_answer')
        .select('jti')
        .where('device_id', '=', computer.id)
        .where('counter', '=', request.counter)
        .executeTakeFirstOrThrow()
      const id = computer.newId()
      await journal
        .granted(request, id, { credential: 'answer-token', jti: fact.jti })
        .add('session.start', {
          ...{ sessionId: id, requestId: request.requestId, userId: 'uid:1000:mia', userName: 'mia' },
          ...{ mode: 'session', credential: 'answer-token', startedAt: at(0), endsAt: at(15 * minuteMs) },
          ...{ endProcesses: true, recording: 'kernel-audit', wasAdministrator: false, denying: 'no rules' },
        })
        .add(
          'request.created',
          computer.request({ userId: 'uid:1001:bob', slot: 14, reason: 'for bob only' }),
        )
        .add('process.elevated', {
          ...{ sessionId: id, pid: 7, startedAt: at(1), parentPid: 1, uid: 0, program: '/usr/bin/apt' },
          ...{ sha256: null, args: ['apt', '<img src=x>'], argsCut: false, redacted: 0, directory: '/' },
        })
        .add('session.end', {
          ...{ sessionId: id, reason: 'expired', endedAt: at(15 * minuteMs), proven: true },
          ...{ processesEnded: 0, stillRunning: [], processes: 1, gaps: 0 },
        })
        .seal()
        .send()
      return id
    }
    const fetched = async (path: string, who: Caller = server.owner) => {
      const url = `/api/v1${path}/bundle`
      return server.server.app.inject({ method: 'GET', url, headers: who.headers })
    }
    /** What both checkers say of it, and their exit codes. */
    const checked = async (path: string) => {
      const answer = await fetched(path)
      assert.equal(answer.statusCode, 200, answer.body.slice(0, 300))
      const file = join(folder, 'bundle.zip')
      writeFileSync(file, answer.rawPayload)
      const hash = Buffer.from(server.issuer.trustHash).toString('hex')
      return checkers.map(([program, script]) => {
        const ran = spawnSync(program, [script, file, '--trust-hash', hash], { encoding: 'utf8' })
        const findings = ran.stdout.split('\n').filter((line) => /^E\d /.test(line))
        return { status: ran.status, findings, text: ran.stdout + ran.stderr }
      })
    }
    const paths = () => [`/devices/${computer.id}`, `/sessions/${sessionId}`]

    test('of a computer and of a session passes both checkers without a finding', async () => {
      for (const path of paths())
        for (const { status, findings, text } of await checked(path)) {
          assert.deepEqual([status, findings], [0, []], text)
          assert.match(text, /complete/)
        }
    })

    test('of a session withholds what is about others, and its page is text that runs nothing', async () => {
      const { rawPayload } = await fetched(`/sessions/${sessionId}`)
      const all = rawPayload.toString('utf8')
      const page = all.slice(all.indexOf('<!doctype html>'), all.indexOf('</html>'))
      assert.ok(page.length > 0 && !/<(?:script|img|b)\b/.test(page))
      assert.match(page, /install &lt;script&gt;/)
      assert.match(page, /&lt;b&gt;laptop&lt;\/b&gt;/)
      assert.match(all, /"body":null/)
      assert.ok(!all.includes('for bob only'))
      assert.ok((await fetched(`/devices/${computer.id}`)).rawPayload.includes('for bob only'))
    })

    test('is given to those who may read the ledger, refused to others with not-an-approver', async () => {
      const auditor = await server.person('auditor')
      const approver = await server.person('approver')
      for (const path of paths()) {
        assert.equal((await fetched(path, auditor)).statusCode, 200)
        const refused = await fetched(path, approver)
        assert.deepEqual([refused.statusCode, refused.json().code], [403, 'not-an-approver'])
      }
      const unknown = await fetched(`/sessions/${computer.newId()}`)
      assert.deepEqual([unknown.statusCode, unknown.json().code], [404, 'not-found'])
    })

    test('of a session that is not sealed yet is refused with conflict', async () => {
      const other = await enrolledDevice(server)
      const id = other.newId()
      const request = other.request()
      const journal = new TestJournal(other).granted(request, id)
      await journal
        .add('session.start', {
          ...{ sessionId: id, requestId: request.requestId, userId: 'uid:1000:mia', userName: 'mia' },
          ...{ mode: 'session', credential: 'self-approval', startedAt: at(0), endsAt: at(minuteMs) },
          ...{ endProcesses: true, recording: 'kernel-audit', wasAdministrator: false, denying: 'no rules' },
        })
        .send()
      const refused = await fetched(`/sessions/${id}`)
      assert.deepEqual([refused.statusCode, refused.json().code], [409, 'conflict'])
    })

    test('of a database that was edited fails both checkers with entry-body', async () => {
      const engine = server.db.engine
      const off =
        engine === 'postgres'
          ? 'alter table journal_entry disable trigger user'
          : 'drop trigger journal_entry_append_only'
      await server.db.write(async ({ q }) => {
        await sql.raw(off).execute(q)
        const hit = engine === 'sqlite' ? "instr(body, 'apt') > 0" : "position('apt' in body) > 0"
        await sql.raw(`update journal_entry set body = replace(body, 'apt', 'cat') where ${hit}`).execute(q)
      })
      for (const path of paths())
        for (const { status, findings, text } of await checked(path)) {
          assert.equal(status, 1, text)
          assert.match(findings[0] ?? '', /^E1 entry-body/)
        }
    })
  })
})
