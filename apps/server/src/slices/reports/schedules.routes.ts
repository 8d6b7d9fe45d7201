import { Id, Strict, Type } from '@stint/wire'
import { Page, PageQuery } from '@stint/wire/console'
import { Delivery, DeliveryMeans, Schedule, ScheduleBody } from '@stint/wire/report-schedules'
import { actorOf } from '../../http/access.ts'
import { pageAsked } from '../../http/paging.ts'
import { found, granted } from '../../http/problem.ts'
import { type App, answers } from '../../http/server.ts'
import type { ScheduleViews } from '../../views/report-schedule-view.ts'
import type { Means } from './means.ts'
import type { Schedules } from './schedules.ts'

const IdParams = Strict({ id: Id })
const config = { access: 'schedule-reports' } as const

export function scheduleRoutes(app: App, schedules: Schedules, views: ScheduleViews, means: Means): void {
  const { email, folder } = means
  app.get(
    '/reports/delivery',
    { config, schema: { response: answers({ 200: DeliveryMeans }) } },
    async () => ({
      email: email === null ? null : { host: email.host, from: email.from },
      folder: folder !== null,
    }),
  )
  app.get(
    '/reports/schedules',
    { config, schema: { response: answers({ 200: Type.Object({ items: Type.Array(Schedule) }) }) } },
    async () => ({ items: await views.schedules() }),
  )
  app.post(
    '/reports/schedules',
    { config, schema: { body: ScheduleBody, response: answers({ 200: Schedule }) } },
    async (request) => {
      const { id } = granted(await schedules.createSchedule(actorOf(request), request.body))
      return found(await views.schedule(id))
    },
  )
  app.put(
    '/reports/schedules/:id',
    { config, schema: { params: IdParams, body: ScheduleBody, response: answers({ 200: Schedule }) } },
    async (request) => {
      const { id } = granted(
        await schedules.changeSchedule(actorOf(request), request.params.id, request.body),
      )
      return found(await views.schedule(id))
    },
  )
  app.delete(
    '/reports/schedules/:id',
    { config, schema: { params: IdParams, response: answers({ 204: Type.Null() }) } },
    async (request, reply) => {
      granted(await schedules.deleteSchedule(actorOf(request), request.params.id))
      return reply.code(204).send(null)
    },
  )
  deliveryRoutes(app, schedules, views)
}

function deliveryRoutes(app: App, schedules: Schedules, views: ScheduleViews): void {
  app.post(
    '/reports/schedules/:id/send',
    { config, schema: { params: IdParams, response: answers({ 200: Delivery }) } },
    async (request) => {
      const { deliveryId } = granted(await schedules.sendNow(request.params.id))
      return found(await views.delivery(deliveryId))
    },
  )
  app.get(
    '/reports/schedules/:id/deliveries',
    {
      config,
      schema: { params: IdParams, querystring: PageQuery, response: answers({ 200: Page(Delivery) }) },
    },
    async (request) => {
      const { id } = found(await views.schedule(request.params.id))
      return views.deliveries(id, pageAsked(request.query, ['id']))
    },
  )
  app.post(
    '/reports/deliveries/:id/send',
    { config, schema: { params: IdParams, response: answers({ 200: Delivery }) } },
    async (request) => {
      const { deliveryId } = granted(await schedules.sendAgain(request.params.id))
      return found(await views.delivery(deliveryId))
    },
  )
}
