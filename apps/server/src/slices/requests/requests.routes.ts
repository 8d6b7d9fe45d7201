import type { Outcome } from '@stint/elevation'
import { Id, Strict, Type } from '@stint/wire'
import {
  CodeIdentified,
  CodeIdentifyBody,
  CodeResolveBody,
  CodeResolved,
  Page,
  RequestQuery,
  RequestView,
} from '@stint/wire/console'
import { RequestMessage } from '@stint/wire/device'
import type { Actor } from '../../actor.ts'
import { type Clock, isoTimeOrNull } from '../../clock.ts'
import { actorOf, deviceOf } from '../../http/access.ts'
import { pageAsked } from '../../http/paging.ts'
import { found, granted } from '../../http/problem.ts'
import { type App, answers } from '../../http/server.ts'
import type { RequestViews } from '../../views/request-view.ts'
import type { ReadCode } from './code-reading.ts'
import type { RequestFact, Requests } from './requests.ts'

const IdParams = Strict({ id: Id })

/** Requests and codes as approvers see them. `see` is the flow's step: a typed code to a request. */
export function requestRoutes(
  app: App,
  requests: Requests,
  views: RequestViews,
  see: (actor: Actor, typed: string, userName: string | null) => Promise<Outcome<ReadCode>>,
  clock: Clock,
): void {
  app.get(
    '/requests',
    {
      config: { access: 'see' },
      schema: { querystring: RequestQuery, response: answers({ 200: Page(RequestView) }) },
    },
    async (request) =>
      views.requests(pageAsked(request.query, ['number', 'id']), request.query.state ?? null),
  )
  app.get(
    '/requests/:id',
    { config: { access: 'see' }, schema: { params: IdParams, response: answers({ 200: RequestView }) } },
    async (request) => found(await views.request(request.params.id)),
  )
  app.post(
    '/codes/identify',
    {
      config: { access: 'approve' },
      schema: { body: CodeIdentifyBody, response: answers({ 200: CodeIdentified }) },
    },
    async (request) => {
      const device = await requests.identify(request.body.text)
      if (device === null) return { device: null }
      const { id, name, state, last_seen_at } = device
      return { device: { id, name, state, lastSeenAt: isoTimeOrNull(last_seen_at) } }
    },
  )
  app.post(
    '/codes/resolve',
    {
      config: { access: 'approve' },
      schema: { body: CodeResolveBody, response: answers({ 200: CodeResolved }) },
    },
    async (request) => {
      const { text, userName } = request.body
      const {
        request: row,
        warnings,
        suggestions,
      } = granted(await see(actorOf(request), text, userName ?? null))
      return {
        request: row === null ? null : await views.request(row.id),
        requestCode: row?.request_code ?? null,
        warnings: [...warnings],
        sessionsThisWeek:
          row === null ? 0 : await views.sessionsThisWeek(row.device_id, row.user_id, clock.now()),
        suggestions: [...suggestions],
      }
    },
  )
}

/** A computer's own message of a request, so that nobody waits for its journal. */
export function requestCallRoutes(
  app: App,
  receive: (deviceId: string, fact: RequestFact) => Promise<Outcome<unknown>>,
): void {
  app.post(
    '/requests',
    {
      config: { access: 'device' },
      schema: { body: RequestMessage, response: answers({ 204: Type.Null() }) },
    },
    async (request, reply) => {
      granted(await receive(deviceOf(request), request.body))
      return reply.code(204).send(null)
    },
  )
}
