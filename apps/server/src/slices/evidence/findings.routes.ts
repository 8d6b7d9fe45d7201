import { Id, Strict } from '@stint/wire'
import { Page } from '@stint/wire/console'
import { AcknowledgeBody, Finding, FindingQuery } from '@stint/wire/findings'
import { actorOf } from '../../http/access.ts'
import { pageAsked } from '../../http/paging.ts'
import { found, granted } from '../../http/problem.ts'
import { type App, answers } from '../../http/server.ts'
import type { FindingViews } from '../../views/finding-view.ts'
import type { FindingCare } from './finding-care.ts'

const IdParams = Strict({ id: Id })

export function findingRoutes(app: App, care: FindingCare, views: FindingViews): void {
  app.get(
    '/findings',
    {
      config: { access: 'see' },
      schema: { querystring: FindingQuery, response: answers({ 200: Page(Finding) }) },
    },
    async ({ query }) =>
      views.findings(pageAsked(query, ['number', 'id']), {
        state: query.state ?? null,
        deviceId: query.device ?? null,
        code: query.code ?? null,
      }),
  )
  app.post(
    '/findings/:id/acknowledge',
    {
      config: { access: 'acknowledge-findings' },
      schema: { params: IdParams, body: AcknowledgeBody, response: answers({ 200: Finding }) },
    },
    async (request) => {
      const { id } = request.params
      granted(await care.acknowledge(actorOf(request), id, request.body.note))
      return found(await views.finding(id))
    },
  )
}
