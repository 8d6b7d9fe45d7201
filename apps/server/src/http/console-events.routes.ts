import type { Timers } from '../clock.ts'
import { type AccessConfig, cookieSecret, type Gate } from './access.ts'
import type { ConsoleEvents, NumberedChange } from './console-events.ts'
import { openEventStream } from './event-stream.ts'
import type { App } from './server.ts'

/** GET /events: what changed, so that a page reads it again. Ends when the person behind it may no longer see. */
export function consoleEventRoutes(
  app: App,
  events: ConsoleEvents,
  gate: Gate,
  config: AccessConfig,
  timers: Timers,
): void {
  app.get(
    '/events',
    { exposeHeadRoute: false, config: { access: 'see' }, schema: { hide: true } },
    async (request, reply) => {
      const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
      const secret = cookieSecret(request, config)
      const stillWelcome = async () => {
        const actor =
          bearer === undefined
            ? (secret === null ? null : await gate.person(secret, true))?.actor
            : await gate.program(bearer)
        return actor?.rights.includes('see') ?? false
      }
      const stream = openEventStream(request, reply, timers, stillWelcome)
      const send = ({ eventId, change }: NumberedChange) =>
        stream.send({ id: eventId, event: 'message', data: change })
      if (stream.lastEventId !== null) for (const missed of events.since(stream.lastEventId)) send(missed)
      stream.onClose(events.listen(send))
    },
  )
}
