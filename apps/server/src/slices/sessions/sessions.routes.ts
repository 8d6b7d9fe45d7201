import { Id, Strict, Type } from '@stint/wire'
import {
  Page,
  PageQuery,
  ProcessView,
  SessionDetail,
  SessionQuery,
  SessionSummary,
} from '@stint/wire/console'
import { actorOf } from '../../http/access.ts'
import { pageAsked } from '../../http/paging.ts'
import { found, granted } from '../../http/problem.ts'
import { type App, answers } from '../../http/server.ts'
import type { SessionViews } from '../../views/session-view.ts'
import type { Sessions } from './sessions.ts'

const IdParams = Strict({ id: Id })

export function sessionRoutes(app: App, sessions: Sessions, views: SessionViews): void {
  app.get(
    '/sessions',
    {
      config: { access: 'see' },
      schema: { querystring: SessionQuery, response: answers({ 200: Page(SessionSummary) }) },
    },
    async (request) => {
      const { state, device } = request.query
      return views.sessions(pageAsked(request.query, ['number', 'id']), {
        state: state ?? null,
        deviceId: device ?? null,
      })
    },
  )
  app.get(
    '/sessions/:id',
    { config: { access: 'see' }, schema: { params: IdParams, response: answers({ 200: SessionDetail }) } },
    async (request) => found(await views.session(request.params.id)),
  )
  app.get(
    '/sessions/:id/processes',
    {
      config: { access: 'see' },
      schema: { params: IdParams, querystring: PageQuery, response: answers({ 200: Page(ProcessView) }) },
    },
    async (request) => {
      const { id } = found(await sessions.session(request.params.id))
      return views.processes(id, pageAsked(request.query, ['number']))
    },
  )
  app.post(
    '/sessions/:id/end',
    {
      config: { access: 'end-session' },
      schema: { params: IdParams, response: answers({ 204: Type.Null() }) },
    },
    async (request, reply) => {
      granted(await sessions.askEnd(actorOf(request), request.params.id))
      return reply.code(204).send(null)
    },
  )
}
