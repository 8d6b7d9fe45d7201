import fastifyStatic from '@fastify/static'
import { parse } from '@stint/wire'
import { UserCall } from '@stint/wire/local-user'
import { type Failure, PageKey } from '@stint/wire/user-page'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Clock } from '../clock.ts'
import type { Door } from '../door.ts'
import { type Attempt, faultOf } from '../ending.ts'
import type { PageGuard } from './page-guard.ts'
import { streamStatus } from './status-stream.ts'

export interface PageServerOptions {
  /** Folder of the built page. */
  readonly assets: string
  readonly guard: PageGuard
  readonly clock: Clock
  /** A new connection to the agent as this user. */
  openDoor(): Promise<Attempt<Door>>
  /** How many pages watch now; called at every change. */
  onWatching(pages: number): void
}

/** More open pages than anybody has. */
const watchersMax = 16

const headers = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

/** The user's page and its calls, bridged to the agent's door. Listening is the caller's. */
export async function createPageServer(options: PageServerOptions): Promise<FastifyInstance> {
  const app = fastify({ bodyLimit: 128 * 1024, forceCloseConnections: true })
  app.removeContentTypeParser('text/plain')
  app.setErrorHandler((error, _request, reply) => {
    const { failure } = faultOf(error)
    const status = (error as { statusCode?: number }).statusCode
    void reply.code(status ?? (failure.code === 'malformed' ? 400 : 500)).send({ failure })
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(headers)
    const code = options.guard.refuse(request.headers, request.url.startsWith('/api/'))
    if (code !== null) return notServed(reply, code)
  })
  addCalls(app, options)
  await app.register(fastifyStatic, { root: options.assets, cacheControl: false })
  return app
}

function addCalls(app: FastifyInstance, { guard, openDoor, clock, onWatching }: PageServerOptions): void {
  const onlyWithToken = {
    preHandler: async (request: FastifyRequest, reply: FastifyReply) => {
      if (!guard.holdsToken(request.headers)) return notServed(reply, 'wrong-token')
    },
  }
  app.post('/api/open', async ({ body }, reply) => {
    const token = guard.open(parse(PageKey, body).key)
    return token === null ? notServed(reply, 'key-used') : { token }
  })
  app.post('/api/call', onlyWithToken, async ({ body }) => {
    const { id: _, call, ...fields } = parse(UserCall, body)
    const opened = await openDoor()
    if (!opened.ok) return { ok: false, failure: opened.failure }
    const answer = await opened.value.call(call, fields)
    opened.value.close()
    return answer.ok ? { ok: true, result: answer.value } : { ok: false, failure: answer.failure }
  })
  let watching = 0
  app.post('/api/watch', onlyWithToken, async (_request, reply) => {
    if (watching >= watchersMax) return notServed(reply, 'too-many-pages')
    onWatching(++watching)
    const stream = reply.hijack().raw
    stream.writeHead(200, { ...headers, 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    await streamStatus(stream, openDoor, clock)
    onWatching(--watching)
  })
}

const sentences: Record<string, string> = {
  'wrong-host': 'This address is not the one that the page was opened with.',
  'wrong-origin': 'Another page asked; only the page itself may.',
  'wrong-token': 'This page does not know the key that it was opened with.',
  'key-used': 'The key in this address was used already, or is not of this page.',
  'too-many-pages': 'This page is open too often.',
}

function notServed(reply: FastifyReply, code: string): FastifyReply {
  const failure: Failure = {
    kind: 'refused',
    code,
    message: sentences[code] ?? 'This is not served.',
    hint: 'Open the page again with `stint app`.',
  }
  return reply.code(403).send({ failure })
}
