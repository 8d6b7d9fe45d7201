import { Hex, Strict, Type } from '@stint/wire'
import {
  Device,
  EnrollmentToken,
  EnrollmentTokenBody,
  EnrollmentTokenMade,
  Page,
  PageQuery,
} from '@stint/wire/console'
import { isoTime, isoTimeOrNull } from '../../clock.ts'
import type { EnrollmentTokenRow } from '../../db/schema.ts'
import { actorOf } from '../../http/access.ts'
import { pageAsked, toPage } from '../../http/paging.ts'
import { found, granted } from '../../http/problem.ts'
import { type App, answers } from '../../http/server.ts'
import type { DeviceViews } from '../../views/device-view.ts'
import type { Devices } from './devices.ts'

const IdParams = Strict({ id: Hex(16) })

/** Computers as people work with them. What the computers themselves call is in `device-calls.routes.ts`. */
export function deviceRoutes(app: App, devices: Devices, views: DeviceViews): void {
  app.get(
    '/devices',
    {
      config: { access: 'see' },
      schema: { querystring: PageQuery, response: answers({ 200: Page(Device) }) },
    },
    async (request) => views.devices(pageAsked(request.query, ['number', 'id'])),
  )
  app.get(
    '/devices/:id',
    { config: { access: 'see' }, schema: { params: IdParams, response: answers({ 200: Device }) } },
    async (request) => found(await views.device(request.params.id)),
  )
  app.post(
    '/devices/:id/revoke',
    {
      config: { access: 'administer-devices' },
      schema: { params: IdParams, response: answers({ 200: Device }) },
    },
    async (request) => {
      const { id } = granted(await devices.revoke(actorOf(request), request.params.id))
      return found(await views.device(id))
    },
  )
  app.post(
    '/devices/:id/release',
    {
      config: { access: 'administer-devices' },
      schema: { params: IdParams, response: answers({ 200: Device }) },
    },
    async (request) => {
      const { id } = granted(await devices.release(actorOf(request), request.params.id))
      return found(await views.device(id))
    },
  )
  tokenRoutes(app, devices)
}

function tokenRoutes(app: App, devices: Devices): void {
  const access = { config: { access: 'administer-devices' } } as const
  app.get(
    '/enrollment-tokens',
    { ...access, schema: { querystring: PageQuery, response: answers({ 200: Page(EnrollmentToken) }) } },
    async (request) => {
      const { limit, after } = pageAsked(request.query, ['number', 'id'])
      const rows = await devices.enrollmentTokens(limit + 1, after)
      return toPage(rows, limit, (row) => [row.created_at, row.id], tokenView)
    },
  )
  app.post(
    '/enrollment-tokens',
    { ...access, schema: { body: EnrollmentTokenBody, response: answers({ 201: EnrollmentTokenMade }) } },
    async (request, reply) => {
      const { minutes, uses } = request.body
      const made = granted(await devices.createEnrollmentToken(actorOf(request), minutes, uses))
      const token = `stint-enroll.${Buffer.from(JSON.stringify(made.content)).toString('base64url')}`
      const command = `sudo stint agent --enroll ${token}`
      return reply.code(201).send({ item: tokenView(made.row), token, command })
    },
  )
  app.delete(
    '/enrollment-tokens/:id',
    { ...access, schema: { params: IdParams, response: answers({ 204: Type.Null() }) } },
    async (request, reply) => {
      granted(await devices.revokeEnrollmentToken(actorOf(request), request.params.id))
      return reply.code(204).send(null)
    },
  )
}

function tokenView(row: EnrollmentTokenRow): EnrollmentToken {
  return {
    id: row.id,
    createdBy: row.created_by,
    createdAt: isoTime(row.created_at),
    expiresAt: isoTime(row.expires_at),
    uses: row.uses,
    used: row.used,
    revokedAt: isoTimeOrNull(row.revoked_at),
  }
}
