import { refuse } from '@stint/elevation'
import type { FastifyInstance } from 'fastify'
import { RefusedCall } from './problem.ts'

/**
 * JSON bodies. Those of computers stay bytes until their signature was verified (`access.ts`), because the
 * signature is over bytes and because a stranger's JSON is not worth parsing.
 */
export function readJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const bytes = Buffer.from(body)
    if (request.routeOptions.config?.access === 'device') return done(null, bytes)
    readJson(app, request, bytes).then((value) => done(null, value), done)
  })
  app.addHook('preValidation', async (request) => {
    if (request.routeOptions.config.access === 'device' && Buffer.isBuffer(request.body))
      request.body = await readJson(app, request, request.body)
  })
}

type Request = Parameters<ReturnType<FastifyInstance['getDefaultJsonParser']>>[0]

function readJson(app: FastifyInstance, request: Request, bytes: Buffer): Promise<unknown> {
  if (bytes.length === 0) return Promise.resolve(undefined)
  const parse = app.getDefaultJsonParser('error', 'error')
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, value?: unknown) =>
      error === null ? resolve(value) : reject(notJson())
    parse(request, bytes.toString('utf8'), done)
  })
}

function notJson(): RefusedCall {
  return new RefusedCall(refuse('invalid', { hint: 'The body must be JSON, encoded as UTF-8.' }))
}
