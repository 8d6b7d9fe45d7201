import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { Fault } from '@stint/elevation'
import fc from 'fast-check'
import { httpServer } from '../src/http-server.ts'
import { answerMax, type ServerEvent, type ServerRequest } from '../src/links.ts'

const json = { 'content-type': 'application/json' }
const events = { 'content-type': 'text/event-stream; charset=utf-8' }

/** A server on this computer that does what `work` does. */
async function served(work: RequestListener) {
  const server = createServer(work)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/api/v1/device/status`,
    [Symbol.dispose]: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

const post = (url: string, body = '{}'): ServerRequest => ({
  method: 'POST',
  url,
  headers: json,
  body: new TextEncoder().encode(body),
})
const get = (url: string): ServerRequest => ({ method: 'GET', url, headers: {}, body: new Uint8Array() })
const link = httpServer({ timeoutMs: 5000 })

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const part of request) text += String(part)
  return text
}

const saying = (work: (response: ServerResponse) => void): RequestListener => {
  return (_request, response) => work(response)
}

test('body, headers and method arrive exactly as they were signed; the JSON comes back with its status', async () => {
  using server = await served(async (request, response) => {
    const said = {
      method: request.method,
      type: request.headers['content-type'],
      body: await textOf(request),
    }
    response.writeHead(409, { 'content-type': 'application/problem+json' }).end(JSON.stringify(said))
  })
  assert.deepEqual(await link.send(post(server.url, '{"a":"ä"}')), {
    status: 409,
    json: { method: 'POST', type: 'application/json', body: '{"a":"ä"}' },
  })
})

test('an answer without a body is one; an error page of a proxy is only its status', async () => {
  using empty = await served(saying((response) => response.writeHead(204).end()))
  assert.deepEqual(await link.send(post(empty.url)), { status: 204, json: undefined })
  using page = await served(
    saying((response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>no</h1>')),
  )
  assert.deepEqual(await link.send(post(page.url)), { status: 502, json: undefined })
})

test('success that is not JSON is refused: server-misbehaves', async () => {
  for (const [type, body] of [
    ['text/html', '<p>sign in</p>'],
    ['text/plain', '{}'],
    ['application/json', '{'],
    ['application/jsonp', '{}'],
  ]) {
    using server = await served(
      saying((response) => response.writeHead(200, { 'content-type': type ?? '' }).end(body)),
    )
    await assert.rejects(link.send(post(server.url)), { code: 'server-misbehaves' }, type)
  }
})

test('a redirect is not followed, wherever it leads: server-misbehaves', async () => {
  let visited = 0
  using other = await served(
    saying((response) => {
      visited += 1
      response.writeHead(200, json).end('{}')
    }),
  )
  for (const status of [301, 302, 303, 307, 308]) {
    using server = await served(
      saying((response) => response.writeHead(status, { location: other.url }).end()),
    )
    await assert.rejects(link.send(post(server.url)), { code: 'server-misbehaves' })
    const hear = { alive: () => undefined, event: async () => undefined }
    await assert.rejects(link.stream(get(server.url), hear, AbortSignal.timeout(5000)), {
      code: 'server-misbehaves',
    })
  }
  assert.equal(visited, 0)
})

test('more than a mebibyte is refused, whether it is announced, dripped or packed: server-misbehaves', async () => {
  const { gzipSync } = await import('node:zlib')
  const long = JSON.stringify('x'.repeat(answerMax))
  const ways: ((response: ServerResponse) => void)[] = [
    (response) => response.writeHead(200, { ...json, 'content-length': long.length }).end(long),
    (response) => {
      response.writeHead(200, json)
      for (let at = 0; at < long.length; at += 65_536) response.write(long.slice(at, at + 65_536))
      response.end()
    },
    (response) => response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(gzipSync(long)),
    (response) => response.writeHead(500, { 'content-type': 'text/html' }).end(long),
  ]
  for (const way of ways) {
    using server = await served(saying(way))
    await assert.rejects(link.send(post(server.url)), { code: 'server-misbehaves' })
  }
})

test('nobody there, a broken line and silence are all: server-unreachable', async () => {
  const gone = await served(saying((response) => response.end()))
  gone[Symbol.dispose]()
  await assert.rejects(link.send(post(gone.url)), { code: 'server-unreachable', message: /ECONNREFUSED/ })
  using broken = await served((request) => request.socket.destroy())
  await assert.rejects(link.send(post(broken.url)), { code: 'server-unreachable' })
  using silent = await served(() => undefined)
  await assert.rejects(httpServer({ timeoutMs: 50 }).send(post(silent.url)), { code: 'server-unreachable' })
})

/** Streams these chunks, gives what was heard. */
async function heard(chunks: readonly Uint8Array[]) {
  using server = await served(async (_request, response) => {
    response.writeHead(200, events)
    for (const chunk of chunks) {
      response.write(chunk)
      await new Promise((resolve) => setImmediate(resolve))
    }
    response.end()
  })
  const got: ServerEvent[] = []
  let alive = 0
  const hear = {
    alive: () => {
      alive += 1
    },
    event: async (event: ServerEvent) => {
      got.push(event)
    },
  }
  const end = await link.stream(get(server.url), hear, AbortSignal.timeout(5000))
  assert.equal(end, null)
  return { got, alive }
}

test('events are the same wherever the bytes are cut', async () => {
  const text =
    ': welcome\n\nid: 1\nevent: message\ndata: {"note":"ä → 𝄞"}\n\r\n\nid: 2\r\ndata: a\r\ndata: b\r\n\r\n: still here\n\n'
  const bytes = new TextEncoder().encode(text)
  const whole = [
    { id: '1', data: '{"note":"ä → 𝄞"}' },
    { id: '2', data: 'a\nb' },
  ]
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.nat(bytes.length), { maxLength: 12 }), async (cuts) => {
      const ends = [...cuts.sort((a, b) => a - b), bytes.length]
      const chunks = ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end))
      const { got, alive } = await heard(chunks)
      assert.deepEqual(got, whole)
      assert.ok(alive >= 1)
    }),
    { numRuns: 40 },
  )
})

test('an event of more than a mebibyte, or a line that never ends, is refused: server-misbehaves', async () => {
  for (const beginning of ['data: ', ': ', 'id: ', '']) {
    const chunk = new TextEncoder().encode(beginning + 'x'.repeat(answerMax / 4))
    const drip = [chunk, ...Array.from({ length: 5 }, () => chunk.subarray(beginning.length))]
    await assert.rejects(heard(drip), { code: 'server-misbehaves' }, beginning)
  }
})

test('a stream that is refused, is not one of events, or is not UTF-8 says so', async () => {
  const hear = { alive: () => undefined, event: async () => undefined }
  const signal = AbortSignal.timeout(5000)
  using no = await served(
    saying((response) => response.writeHead(401, json).end('{"code":"device-unauthenticated"}')),
  )
  assert.deepEqual(await link.stream(get(no.url), hear, signal), {
    status: 401,
    json: { code: 'device-unauthenticated' },
  })
  using page = await served(saying((response) => response.writeHead(200, json).end('{}')))
  await assert.rejects(link.stream(get(page.url), hear, signal), { code: 'server-misbehaves' })
  await assert.rejects(heard([Uint8Array.of(0x64, 0xff, 0xfe, 10)]), { code: 'server-misbehaves' })
})

test('a fault of the hearer comes out as it is, and an abort ends the stream', async () => {
  using server = await served(
    saying((response) => response.writeHead(200, events).write('id: 1\ndata: a\n\n')),
  )
  const failing = {
    alive: () => undefined,
    event: () => Promise.reject(new Fault('agent-not-running', 'gone', 'wait')),
  }
  await assert.rejects(link.stream(get(server.url), failing, AbortSignal.timeout(5000)), {
    code: 'agent-not-running',
  })
  const abort = new AbortController()
  const aborting = { alive: () => undefined, event: async () => abort.abort() }
  await assert.rejects(link.stream(get(server.url), aborting, abort.signal), { code: 'server-unreachable' })
})
