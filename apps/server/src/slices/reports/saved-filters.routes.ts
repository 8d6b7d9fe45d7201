import { Id, Strict, Type } from '@stint/wire'
import { SavedFilter, SavedFilterBody, SavedFilterPatch } from '@stint/wire/report-schedules'
import { actorOf } from '../../http/access.ts'
import { found, granted } from '../../http/problem.ts'
import { type App, answers } from '../../http/server.ts'
import type { ScheduleViews } from '../../views/report-schedule-view.ts'
import type { SavedFilters } from './saved-filters.ts'

const IdParams = Strict({ id: Id })

/** A program's filters are those of the person behind it. */
export function savedFilterRoutes(app: App, filters: SavedFilters, views: ScheduleViews): void {
  const config = { access: 'read-reports' } as const
  app.get(
    '/reports/filters',
    { config, schema: { response: answers({ 200: Type.Object({ items: Type.Array(SavedFilter) }) }) } },
    async (request) => ({ items: await views.filters(actorOf(request).personId) }),
  )
  app.post(
    '/reports/filters',
    { config, schema: { body: SavedFilterBody, response: answers({ 200: SavedFilter }) } },
    async (request) => {
      const actor = actorOf(request)
      const { id } = granted(await filters.saveFilter(actor, request.body))
      return found(await views.filter(id, actor.personId))
    },
  )
  app.patch(
    '/reports/filters/:id',
    { config, schema: { params: IdParams, body: SavedFilterPatch, response: answers({ 200: SavedFilter }) } },
    async (request) => {
      const actor = actorOf(request)
      const { id } = granted(await filters.changeFilter(actor, request.params.id, request.body))
      return found(await views.filter(id, actor.personId))
    },
  )
  app.delete(
    '/reports/filters/:id',
    { config, schema: { params: IdParams, response: answers({ 204: Type.Null() }) } },
    async (request, reply) => {
      granted(await filters.deleteFilter(actorOf(request), request.params.id))
      return reply.code(204).send(null)
    },
  )
}
