import type { Metrics } from './metrics.ts'
import type { App } from './server.ts'

/** For whoever watches the process: alive, ready to work, and some numbers. Nothing here is about a person. */
export function healthRoutes(app: App, isReady: () => Promise<boolean>, metrics: Metrics): void {
  const open = { config: { access: 'public' }, schema: { hide: true } } as const
  app.get('/healthz', open, async (_request, reply) => reply.type('text/plain').send('ok\n'))
  app.get('/readyz', open, async (_request, reply) => {
    const ready = await isReady()
    return reply
      .code(ready ? 200 : 503)
      .type('text/plain')
      .send(ready ? 'ready\n' : 'not ready\n')
  })
  app.get('/metrics', open, async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metrics.text()),
  )
}
