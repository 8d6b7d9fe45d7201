import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { type Clock, systemClock } from '../src/clock.ts'
import { openDoor } from '../src/door.ts'
import { createPageGuard, type PageGuard } from '../src/page/page-guard.ts'
import { createPageServer } from '../src/page/page-server.ts'
import { type FakeDoor, openFakeDoor, openRequest, userStatus } from './fake-door/fake-door.ts'

const key = 'k'.repeat(43)
const token = 't'.repeat(43)
const withToken = { authorization: `Bearer ${token}` }

let door: FakeDoor
let server: FastifyInstance
let host = ''
let guard: PageGuard
let assets = ''
/** Waits end when the test says so, never by themselves. */
let waits: (() => void)[] = []
const clock: Clock = {
  ...systemClock,
  wait: (_ms, signal) =>
    new Promise((resolve) => {
      waits.push(resolve)
      signal?.addEventListener('abort', () => resolve())
    }),
}

before(async () => {
  assets = mkdtempSync(join(tmpdir(), 'stint-page-'))
  mkdirSync(join(assets, 'assets'))
  writeFileSync(join(assets, 'index.html'), '<!doctype html><title>Stint</title>')
  door = await openFakeDoor()
  const late: PageGuard = {
    refuse: (headers, call) => guard.refuse(headers, call),
    open: (given) => guard.open(given),
    holdsToken: (headers) => guard.holdsToken(headers),
  }
  server = await createPageServer({
    assets,
    guard: late,
    clock,
    openDoor: () => openDoor({ runDir: door.runDir, uid: process.getuid?.() ?? 0, clock: systemClock }),
    onWatching: () => {},
  })
  await server.listen({ host: '127.0.0.1', port: 0 })
  host = `127.0.0.1:${(server.server.address() as AddressInfo).port}`
})
after(async () => {
  await server.close()
  await door.close()
  rmSync(assets, { recursive: true, force: true })
})
beforeEach(() => {
  guard = createPageGuard(host, key, token)
  door.status = userStatus()
  door.calls.length = 0
  waits = []
})

interface Answer {
  readonly status: number
  readonly headers: Record<string, unknown>
  readonly text: string
}

function send(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: unknown,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `http://${host}${path}`,
      { method, headers: { host, ...headers } },
      (incoming) => {
        let text = ''
        incoming.on('data', (chunk) => {
          text += chunk
        })
        incoming.on('end', () =>
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text }),
        )
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  send('POST', path, { 'content-type': 'application/json', origin: `http://${host}`, ...headers }, body)
const call = (headers: Record<string, string>) => post('/api/call', { id: 1, call: 'status' }, headers)

function refusedAs(code: string, { status, text }: Answer): void {
  assert.equal(status, 403, text)
  assert.equal(JSON.parse(text).failure.code, code)
}

describe('the page’s server refuses', () => {
  test('WEB-15: a name that points here: wrong-host, also for the page itself', async () => {
    refusedAs('wrong-host', await send('GET', '/', { host: 'evil.example' }))
    refusedAs('wrong-host', await send('GET', '/', { host: host.replace('127.0.0.1', 'localhost') }))
    refusedAs('wrong-host', await call({ ...withToken, host: 'evil.example' }))
  })

  test('WEB-15, WEB-2: a call from another page, even with the token: wrong-origin', async () => {
    refusedAs('wrong-origin', await call({ ...withToken, origin: 'http://evil.example' }))
    refusedAs('wrong-origin', await call({ ...withToken, origin: 'null' }))
    refusedAs('wrong-origin', await call({ ...withToken, 'sec-fetch-site': 'cross-site' }))
    refusedAs('wrong-origin', await send('POST', '/api/call', withToken))
    refusedAs('wrong-origin', await send('GET', '/api/watch', withToken))
  })

  test('WEB-15: a call without the token, with the key or with a wrong token: wrong-token', async () => {
    refusedAs('wrong-token', await call({}))
    refusedAs('wrong-token', await call({ authorization: `Bearer ${key}` }))
    refusedAs('wrong-token', await call({ authorization: `Bearer ${'x'.repeat(43)}` }))
    refusedAs('wrong-token', await call({ cookie: `token=${token}` }))
    refusedAs('wrong-token', await post('/api/watch', {}))
    assert.deepEqual(door.calls, [])
  })

  test('WEB-15: the key a second time, and a wrong key without using the right one up: key-used', async () => {
    refusedAs('key-used', await post('/api/open', { key: 'x'.repeat(43) }))
    assert.deepEqual(JSON.parse((await post('/api/open', { key })).text), { token })
    refusedAs('key-used', await post('/api/open', { key }))
  })

  test('to let another page read anything: no CORS header, no frame', async () => {
    const preflight = await send('OPTIONS', '/api/call', {
      origin: 'http://evil.example',
      'access-control-request-method': 'POST',
    })
    refusedAs('wrong-origin', preflight)
    const page = await send('GET', '/')
    for (const { headers } of [preflight, page])
      assert.equal(
        Object.keys(headers).find((name) => name.startsWith('access-control-')),
        undefined,
      )
    assert.match(String(page.headers['content-security-policy']), /frame-ancestors 'none'/)
    assert.equal(page.headers['cross-origin-resource-policy'], 'same-origin')
  })

  test('WEB-2: a form of another page: JSON only', async () => {
    const headers = { ...withToken, origin: `http://${host}`, 'content-type': 'text/plain' }
    const { status } = await send('POST', '/api/call', headers, { id: 1, call: 'end' })
    assert.equal(status, 415)
    assert.deepEqual(door.calls, [])
  })

  test('a call that the agent does not know: 400, malformed', async () => {
    const { status, text } = await post('/api/call', { id: 1, call: 'raise' }, withToken)
    assert.deepEqual([status, JSON.parse(text).failure.code], [400, 'malformed'])
  })
})

describe('the page’s server', () => {
  test('hands a call on to the agent and its answer back', async () => {
    const fields = { call: 'request', reason: 'Install the printer driver', mode: 'session' }
    const { status, text } = await post('/api/call', { id: 7, ...fields }, withToken)
    assert.equal(status, 200)
    assert.equal(JSON.parse(text).result.requestCode, openRequest().requestCode)
    assert.deepEqual(door.calls, [{ id: 1, ...fields }])
  })

  test('hands a refusal on with its numbers', async () => {
    const { text } = await post('/api/call', { id: 1, call: 'end' }, withToken)
    const { ok, failure } = JSON.parse(text)
    assert.deepEqual([ok, failure.kind, failure.code], [false, 'refused', 'no-session'])
  })

  test('streams the status and every change, and says when the agent went away and came back', async () => {
    const events = await watch()
    assert.deepEqual((await events.next()).status.request, null)
    await door.watched(1)
    door.change({ request: openRequest() }, 'one-minute')
    const { notice, status } = await events.next()
    assert.deepEqual([notice, status.request.reason], ['one-minute', 'Install the printer driver'])
    door.babble('nonsense\n')
    assert.deepEqual(await events.next(), { agent: false })
    for (const end of waits.splice(0)) end()
    assert.equal((await events.next()).status.request.reason, 'Install the printer driver')
    events.close()
  })
})

interface Events {
  // biome-ignore lint/suspicious/noExplicitAny: whatever the stream says, for the assertions
  next(): Promise<any>
  close(): void
}

/** Reads the events of a page's stream one by one; beats are left out. */
function watch(): Promise<Events> {
  const headers = { host, origin: `http://${host}`, ...withToken, 'content-type': 'application/json' }
  return new Promise((resolve) => {
    const outgoing = request(`http://${host}/api/watch`, { method: 'POST', headers }, (incoming) => {
      const ready: unknown[] = []
      const wanted: ((event: unknown) => void)[] = []
      incoming.on('data', (chunk: Buffer) => {
        for (const block of chunk
          .toString()
          .split('\n\n')
          .filter((text) => text.startsWith('data: '))) {
          const event: unknown = JSON.parse(block.slice(6))
          const take = wanted.shift()
          if (take === undefined) ready.push(event)
          else take(event)
        }
      })
      incoming.on('error', () => {})
      resolve({
        next: () => new Promise((take) => (ready.length > 0 ? take(ready.shift()) : wanted.push(take))),
        close: () => outgoing.destroy(),
      })
    })
    outgoing.on('error', () => {})
    outgoing.end('{}')
  })
}
