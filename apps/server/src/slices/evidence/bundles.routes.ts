import { Readable } from 'node:stream'
import type { Outcome } from '@stint/elevation'
import { Hex, Id, Strict, Type } from '@stint/wire'
import type { FastifyReply } from 'fastify'
import { granted } from '../../http/problem.ts'
import { type App, answers } from '../../http/server.ts'
import type { Bundles } from '../../views/bundle/bundles.ts'

export function bundleRoutes(app: App, bundles: Bundles): void {
  const response = answers({ 200: Type.String() })
  app.get(
    '/sessions/:id/bundle',
    { config: { access: 'read-ledger' }, schema: { params: Strict({ id: Id }), response } },
    async ({ params: { id } }, reply) => send(reply, `session-${id}`, await bundles.ofSession(id)),
  )
  app.get(
    '/devices/:id/bundle',
    { config: { access: 'read-ledger' }, schema: { params: Strict({ id: Hex(16) }), response } },
    async ({ params: { id } }, reply) => send(reply, `device-${id}`, await bundles.ofDevice(id)),
  )
}

function send(reply: FastifyReply, name: string, made: Outcome<AsyncIterable<Uint8Array>>) {
  return reply
    .type('application/zip')
    .header('content-disposition', `attachment; filename="stint-${name}.zip"`)
    .send(Readable.from(granted(made), { objectMode: false }) as never)
}
