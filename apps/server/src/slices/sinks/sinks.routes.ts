import { Id, Strict, Type } from '@stint/wire'
import { Sink, SinkBody, SinkChange, SinkList, SinkMade, SinkTest } from '@stint/wire/sinks'
import { actorOf } from '../../http/access.ts'
import { found, granted } from '../../http/problem.ts'
import { type App, answers } from '../../http/server.ts'
import type { SinkViews } from '../../views/sink-view.ts'
import type { SinkChanges } from './changes.ts'

const params = Strict({ id: Id })
const config = { access: 'administer-sinks' } as const
const one = { config, schema: { params, response: answers({ 200: Sink }) } }

export function sinkRoutes(app: App, sinks: SinkChanges, views: SinkViews, hasFolder: boolean): void {
  const seen = async (id: string) => found(await views.sink(id))
  app.get('/sinks', { config, schema: { response: answers({ 200: SinkList }) } }, async () => ({
    items: await views.sinks(),
    folder: hasFolder,
  }))
  app.get('/sinks/:id', one, async ({ params: { id } }) => seen(id))
  app.post(
    '/sinks',
    { config, schema: { body: SinkBody, response: answers({ 200: SinkMade }) } },
    async (request) => {
      const { from, ...wish } = request.body
      const { id, secret } = granted(await sinks.create(actorOf(request), wish, from))
      return { sink: await seen(id), secret }
    },
  )
  app.put(
    '/sinks/:id',
    { config, schema: { params, body: SinkChange, response: answers({ 200: Sink }) } },
    async (request) => {
      granted(await sinks.change(actorOf(request), request.params.id, request.body))
      return seen(request.params.id)
    },
  )
  app.delete(
    '/sinks/:id',
    { config, schema: { params, response: answers({ 204: Type.Null() }) } },
    async (request, reply) => {
      granted(await sinks.delete(actorOf(request), request.params.id))
      return reply.code(204).send(null)
    },
  )
  deedRoutes(app, sinks, seen)
}

function deedRoutes(app: App, sinks: SinkChanges, seen: (id: string) => Promise<Sink>): void {
  for (const [deed, paused] of [
    ['pause', true],
    ['resume', false],
  ] as const)
    app.post(`/sinks/:id/${deed}`, one, async (request) => {
      granted(await sinks.pause(actorOf(request), request.params.id, paused))
      return seen(request.params.id)
    })
  app.post(
    '/sinks/:id/secret',
    { config, schema: { params, response: answers({ 200: SinkMade }) } },
    async (request) => {
      const { id, secret } = granted(await sinks.renewSecret(actorOf(request), request.params.id))
      return { sink: await seen(id), secret }
    },
  )
  app.post(
    '/sinks/:id/test',
    { config, schema: { params, response: answers({ 200: SinkTest }) } },
    async (request) => {
      const error = granted(await sinks.test(actorOf(request), request.params.id))
      return { delivered: error === null, error }
    },
  )
}
