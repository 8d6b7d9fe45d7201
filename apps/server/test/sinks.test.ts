import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { LedgerEntry } from '@stint/wire/console'
import type { Sink, SinkBody, SinkList, SinkMade, SinkTest } from '@stint/wire/sinks'
import { secretsKey } from '../src/config-secrets.ts'
import { onEachEngine } from './engines.ts'
import { type HttpReceiver, numbersIn, startHttpReceiver } from './sink-world.ts'
import { testAuthority } from './test-certificates.ts'
import { Caller, startTestServer, type TestServer } from './test-server.ts'

const unknown = '/sinks/01890000-0000-7000-8000-000000000000'

onEachEngine((open) => {
  describe('receivers of facts', () => {
    const folder = mkdtempSync(join(tmpdir(), 'stint-sinks-'))
    let receiver: HttpReceiver
    let server: TestServer
    let admin: Caller

    before(async () => {
      receiver = await startHttpReceiver()
      server = await startTestServer({ db: await open(), sinkMeans: { folder, key: randomBytes(32) } })
      admin = await programOf(server)
    })
    beforeEach(() => {
      receiver.calls.length = 0
      receiver.manner = 200
    })
    after(async () => {
      await server.close()
      await receiver.close()
      rmSync(folder, { recursive: true })
    })

    let names = 0
    const body = (given: Partial<SinkBody> = {}): SinkBody => ({
      ...{ name: `SIEM ${++names}`, target: { kind: 'webhook', url: receiver.url, ca: null } },
      ...{ types: null, from: 'now', ...given },
    })
    async function made(given: Partial<SinkBody> = {}): Promise<SinkMade> {
      const answer = await admin.call<SinkMade>('POST', '/sinks', body(given))
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
      return answer.body
    }
    const read = async (id: string) => (await admin.call<Sink>('GET', `/sinks/${id}`)).body
    const send = () => server.server.slices.sinks.send()
    const remove = (id: string) => admin.call('DELETE', `/sinks/${id}`)

    test('made, seen, sent to, paused, resumed, deleted', async () => {
      const { sink, secret } = await made()
      assert.match(secret ?? '', /^whsec_/)
      assert.deepEqual([sink.state, sink.behind, sink.hasSecret, sink.lastSentAt], ['behind', 1, true, null])
      await send()
      const sent = await read(sink.id)
      assert.deepEqual([sent.state, sent.behind, sent.position], ['ok', 0, sink.position + 1])
      assert.equal(sent.lastSentAt, new Date(server.clock.now()).toISOString())
      const paused = await admin.call<Sink>('POST', `/sinks/${sink.id}/pause`)
      assert.equal(paused.body.state, 'paused')
      await send()
      assert.equal(receiver.calls.length, 1)
      const resumed = await admin.call<Sink>('POST', `/sinks/${sink.id}/resume`)
      assert.deepEqual([resumed.body.state, resumed.body.behind], ['behind', 2])
      const { body: list } = await admin.call<SinkList>('GET', '/sinks')
      assert.deepEqual([list.items.map(({ id }) => id), list.folder], [[sink.id], true])
      assert.equal((await remove(sink.id)).status, 204)
      assert.equal((await admin.call('GET', `/sinks/${sink.id}`)).body.code, 'not-found')
    })

    test('a failure is shown in words, with the next try', async () => {
      const { sink } = await made()
      receiver.manner = 500
      await send()
      const failing = await read(sink.id)
      assert.deepEqual(
        [failing.state, failing.lastError, failing.failedTries],
        ['failing', 'The receiver answers 500.', 1],
      )
      assert.ok(Date.parse(failing.nextTryAt ?? '') > server.clock.now())
      await remove(sink.id)
    })

    test('a test fact says whether it arrived, also while paused, and why not', async () => {
      const { sink } = await made()
      await admin.call('POST', `/sinks/${sink.id}/pause`)
      const arrived = await admin.call<SinkTest>('POST', `/sinks/${sink.id}/test`)
      assert.deepEqual(arrived.body, { delivered: true, error: null })
      assert.deepEqual(numbersIn(receiver.calls), [null])
      receiver.manner = 404
      const lost = await admin.call<SinkTest>('POST', `/sinks/${sink.id}/test`)
      assert.deepEqual(lost.body, { delivered: false, error: 'The receiver answers 404.' })
      assert.equal((await read(sink.id)).position, sink.position)
      await remove(sink.id)
    })

    test('what a receiver cannot be is refused with the reason', async () => {
      const { sink } = await made({ name: 'Taken' })
      const file = await made({ target: { kind: 'file', name: 'taken.jsonl' } })
      const http = (url: string) => ({ target: { kind: 'webhook', url, ca: null } })
      const cases: readonly (readonly [given: object, status: number, code: string])[] = [
        [{ name: 'Taken' }, 409, 'conflict'],
        [{ target: { kind: 'file', name: 'taken.jsonl' } }, 409, 'conflict'],
        [{ target: { kind: 'file', name: '../out.jsonl' } }, 400, 'invalid'],
        [{ target: { kind: 'file', name: '/etc/cron.d/x.jsonl' } }, 400, 'invalid'],
        [{ target: { kind: 'file', name: 'passwd' } }, 400, 'invalid'],
        [http('http://siem.example.org/'), 400, 'invalid'],
        [http('https://169.254.169.254/'), 400, 'invalid'],
        [http('gopher://siem.example.org/'), 400, 'invalid'],
        [{ types: ['no.such-type'] }, 400, 'invalid'],
        [{ types: [] }, 400, 'invalid'],
        [{ target: { kind: 'file', name: 'a.jsonl' }, authorization: 'Bearer x' }, 400, 'invalid'],
        [{ authorization: 'a\r\nb' }, 400, 'invalid'],
        [{ secret: 'mine' }, 400, 'invalid'],
      ]
      for (const [given, status, code] of cases) {
        const answer = await admin.call('POST', '/sinks', { ...body(), ...given })
        assert.deepEqual([given, answer.status, answer.body.code], [given, status, code])
      }
      const { from: _, ...change } = body({ target: { kind: 'file', name: 'other.jsonl' } })
      const otherKind = await admin.call('PUT', `/sinks/${sink.id}`, change)
      assert.deepEqual([otherKind.status, otherKind.body.code], [400, 'invalid'])
      const noSecret = await admin.call('POST', `/sinks/${file.sink.id}/secret`)
      assert.deepEqual([noSecret.status, noSecret.body.code], [409, 'conflict'])
      for (const deed of ['pause', 'resume', 'test', 'secret'])
        assert.equal((await admin.call('POST', `${unknown}/${deed}`)).body.code, 'not-found')
      for (const { id } of [sink, file.sink]) await remove(id)
    })

    test('without a folder and a key neither files nor secrets are offered: not-offered', async () => {
      const plain = await startTestServer({ db: await open() })
      const caller = await programOf(plain)
      assert.equal((await caller.call<SinkList>('GET', '/sinks')).body.folder, false)
      for (const given of [{}, { target: { kind: 'file', name: 'a.jsonl' } as const }]) {
        const answer = await caller.call('POST', '/sinks', body(given))
        assert.deepEqual([answer.status, answer.body.code], [409, 'not-offered'])
      }
      await plain.close()
    })

    test('an authorization stays with its address: another one needs it again', async () => {
      const target = { kind: 'otlp', url: receiver.url, ca: null } as const
      const { sink } = await made({ target, authorization: 'Bearer first' })
      const change = (to: object) =>
        admin.call<Sink>('PUT', `/sinks/${sink.id}`, { name: 'Collector', target, types: null, ...to })
      assert.equal((await change({ name: 'Renamed' })).body.hasSecret, true)
      await send()
      assert.equal(receiver.calls.at(-1)?.headers.authorization, 'Bearer first')
      const moved = { target: { ...target, url: `${receiver.url}/elsewhere` } }
      const refused = await change(moved)
      assert.deepEqual([refused.status, refused.body.code], [400, 'invalid'])
      assert.match(refused.body.hint ?? '', /give the authorization again/)
      assert.equal((await change({ ...moved, authorization: 'Bearer second' })).status, 200)
      await send()
      assert.equal(receiver.calls.at(-1)?.headers.authorization, 'Bearer second')
      await remove(sink.id)
    })

    test('a webhook may have an authorization too, and keeps it when its secret is renewed', async () => {
      const { sink } = await made({ authorization: 'Splunk abc' })
      await admin.call('POST', `/sinks/${sink.id}/secret`)
      await send()
      assert.equal(receiver.calls.at(-1)?.headers.authorization, 'Splunk abc')
      await remove(sink.id)
    })

    test('no secret is in the database, in an answer but the first, or in the ledger', async () => {
      const pems = mkdtempSync(join(tmpdir(), 'stint-sink-pems-'))
      const { cert, key } = testAuthority(pems).certificate('client', 'DNS:client')
      rmSync(pems, { recursive: true })
      const webhook = await made()
      const otlp = await made({
        target: { kind: 'otlp', url: receiver.url, ca: null },
        authorization: 'Bearer very-secret',
      })
      const tls = { ca: null, clientCertificate: cert }
      const syslog = await made({
        target: { kind: 'syslog', host: 'logs.example.org', port: 6514, tls },
        clientKey: key,
      })
      const seen = [
        JSON.stringify(await server.db.read.selectFrom('sink').selectAll().execute()),
        JSON.stringify((await admin.call('GET', '/sinks')).body),
        JSON.stringify((await admin.call('GET', '/ledger?limit=200')).body),
      ]
      const keyText = key.split('\n')[1] ?? ''
      assert.ok(keyText.length > 40)
      for (const secret of [webhook.secret?.slice(6) ?? '', 'very-secret', keyText])
        for (const text of seen) assert.equal(text.includes(secret), false)
      assert.ok(seen[0]?.includes('logs.example.org'))
      for (const { sink } of [webhook, otlp, syslog]) await remove(sink.id)
    })

    test('that one was made, changed and deleted are facts', async () => {
      const { sink } = await made({ name: 'For the ledger' })
      await admin.call('POST', `/sinks/${sink.id}/pause`)
      await admin.call('POST', `/sinks/${sink.id}/pause`)
      await admin.call('POST', `/sinks/${sink.id}/secret`)
      await remove(sink.id)
      const { items } = (await admin.call<{ items: LedgerEntry[] }>('GET', '/ledger?limit=200')).body
      const about = items.filter(({ subject }) => subject === `sink:${sink.id}`).reverse()
      assert.deepEqual(
        about.map(({ type }) => type),
        ['sink.created', 'sink.changed', 'sink.changed', 'sink.deleted'],
      )
      assert.deepEqual(about[0]?.body, {
        ...{ name: 'For the ledger', kind: 'webhook', place: receiver.url, paused: false },
        ...{ types: null, from: 'now' },
      })
    })

    test('numbers for whoever watches: how far behind, by id and not by name', async () => {
      const { sink } = await made({ name: 'Secret "project"' })
      server.clock.pass(90_000)
      const { body: text } = await server.server.app.inject({ method: 'GET', url: '/metrics' })
      assert.match(text, new RegExp(`^stint_sink_behind_facts\\{sink="${sink.id}",kind="webhook"\\} 1$`, 'm'))
      assert.match(text, new RegExp(`^stint_sink_lag_seconds\\{sink="${sink.id}",kind="webhook"\\} 90$`, 'm'))
      assert.doesNotMatch(text, /project/)
      await remove(sink.id)
    })

    test('the job sends by itself, and a close ends what hangs', async () => {
      const own = await startTestServer({ db: await open(), sinkMeans: { folder, key: randomBytes(32) } })
      const caller = await programOf(own)
      const answer = await caller.call<SinkMade>('POST', '/sinks', body())
      assert.equal(answer.status, 200)
      receiver.manner = 'silent'
      own.server.start()
      while (receiver.calls.length === 0) await new Promise((done) => setImmediate(done))
      await own.close()
      assert.equal(receiver.calls.length, 1)
    })
  })
})

describe('the key that seals secrets', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stint-secrets-key-'))
  const random = (bytes: number) => randomBytes(bytes)
  after(() => rmSync(folder, { recursive: true }))

  test('is made once, for its owner alone, and read from then on', () => {
    const file = join(folder, 'deep/secrets.key')
    const key = secretsKey(file, random)
    assert.equal(key.length, 32)
    assert.deepEqual(secretsKey(file, random), key)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.equal(readFileSync(file, 'utf8'), `${Buffer.from(key).toString('hex')}\n`)
  })

  test('a file that holds something else is refused with usage, and stays as it is', () => {
    const file = join(folder, 'broken.key')
    writeFileSync(file, 'half a key')
    assert.throws(() => secretsKey(file, random), { code: 'usage', message: /holds no key/ })
    assert.equal(readFileSync(file, 'utf8'), 'half a key')
  })
})

/** Somebody whose sign-in does not run out while the clock is moved. */
async function programOf({ owner, server }: TestServer): Promise<Caller> {
  const rights = ['see', 'read-ledger', 'administer-sinks']
  const { body: made } = await owner.call<{ secret: string }>('POST', '/tokens', { name: 'admin', rights })
  return new Caller(server, { authorization: `Bearer ${made.secret}` })
}
