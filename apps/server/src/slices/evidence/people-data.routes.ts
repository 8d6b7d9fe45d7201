import { Readable } from 'node:stream'
import { Type } from '@stint/wire'
import { PeopleDataQuery } from '@stint/wire/findings'
import type { Actor } from '../../actor.ts'
import { actorOf } from '../../http/access.ts'
import { type App, answers } from '../../http/server.ts'
import type { PeopleData } from '../../views/people-data.ts'

/** `record` is durable before the first byte leaves. */
export function peopleDataRoutes(
  app: App,
  data: PeopleData,
  record: (actor: Actor, userId: string) => Promise<void>,
): void {
  app.get(
    '/people-data',
    {
      exposeHeadRoute: false,
      config: { access: 'export-people-data' },
      schema: { querystring: PeopleDataQuery, response: answers({ 200: Type.String() }) },
    },
    async (request, reply) => {
      const { userId, device } = request.query
      await record(actorOf(request), userId)
      const pieces = data.of({ userId, deviceId: device ?? null })
      return reply
        .type('application/json')
        .header('content-disposition', 'attachment; filename="stint-person.json"')
        .send(Readable.from(pieces, { objectMode: false }) as never)
    },
  )
}
