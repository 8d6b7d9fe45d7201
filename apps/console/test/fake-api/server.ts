import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { type Call, Refused, refuse } from './call.ts'
import { routes } from './routes.ts'
import type { World } from './world.ts'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}
/** As strict as the pages can take: no inline script, no inline style element. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
const open = [/^\/sign-in$/, /^\/join\//]

export interface FakeServer {
  readonly url: string
  /** Tells every open page that something changed. */
  readonly publish: (topic: string) => void
  close(): Promise<void>
}

/** The built console with a server that lives in memory. For the browser tests only. */
export async function startFakeServer(world: World, dist: string): Promise<FakeServer> {
  const listeners = new Set<ServerResponse>()
  const publish = (topic: string) => {
    for (const listener of listeners) {
      listener.write(`event: message\ndata: ${JSON.stringify({ topic, id: '' })}\n\n`)
    }
  }
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://fake')
    if (!url.pathname.startsWith('/api/v1')) return sendFile(dist, url.pathname, response)
    if (url.pathname === '/api/v1/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': hello\n\n')
      listeners.add(response)
      response.on('close', () => listeners.delete(response))
      return
    }
    void answer(world, url, request, response, publish)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    publish,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

async function answer(
  world: World,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
  publish: Call['publish'],
) {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  const path = url.pathname.slice('/api/v1'.length)
  const send = (status: number, value: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(value === undefined ? '' : JSON.stringify(value))
  }
  try {
    const body = text === '' ? {} : JSON.parse(text)
    const value = handle(request.method ?? 'GET', path, { world, query: url.searchParams, body, publish })
    send(value === undefined ? 204 : 200, value)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    const { status, ...problem } = error.refusal
    send(status, { type: 'about:blank', status, ...problem })
  }
}

function handle(method: string, path: string, call: Omit<Call, 'params'>): unknown {
  const { world } = call
  const planned = world.failNext
  if (planned && planned.method === method && planned.path === path) {
    world.failNext = null
    throw new Refused(planned)
  }
  if (world.me === null && !open.some((pattern) => pattern.test(path))) {
    refuse(401, 'not-signed-in', 'You are not signed in.', 'Sign in first.')
  }
  for (const [verb, pattern, run] of routes) {
    const match = verb === method ? pattern.exec(path) : null
    if (match) return run({ ...call, params: match.slice(1) })
  }
  return refuse(404, 'not-found', 'There is nothing at that address.', 'Go back.')
}

function sendFile(dist: string, path: string, response: ServerResponse) {
  const wanted = normalize(path)
  const name = extname(wanted) === '' ? 'index.html' : wanted
  try {
    const content = readFileSync(join(dist, name))
    response.writeHead(200, {
      'content-type': types[extname(name)] ?? 'application/octet-stream',
      'content-security-policy': policy,
    })
    response.end(content)
  } catch {
    response.writeHead(404).end()
  }
}
