import fastifyCookie from '@fastify/cookie'
import fastifyHelmet from '@fastify/helmet'
import fastifyRateLimit from '@fastify/rate-limit'
import fastifySwagger from '@fastify/swagger'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { refuse } from '@stint/elevation'
import { Problem } from '@stint/wire/console'
import { readSignature } from '@stint/wire/device-signature'
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  fastify,
  LogController,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from 'fastify'
import type { TSchema } from 'typebox'
import { type AccessConfig, type Gate, guardRoutes } from './access.ts'
import type { DeviceKeys } from './device-keys.ts'
import { answerFailures } from './failures.ts'
import { readJsonBodies } from './json-body.ts'
import type { Metrics } from './metrics.ts'
import { RefusedCall } from './problem.ts'
import { compileValidator } from './validator.ts'

/** The server as routes see it: schemas give the types of their input and output. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

export interface HttpConfig extends AccessConfig {
  /** Calls per minute and address before `too-many-attempts`. */
  readonly callsPerMinute: number
  /** Address or network of the proxy in front; only its word about who calls is believed. */
  readonly trustProxy?: string
}

/** Everything around the routes: who may call, how input is read, how refusals and faults are answered. */
export async function createHttp(deps: {
  readonly log: FastifyBaseLogger
  readonly gate: Gate
  readonly metrics: Metrics
  readonly keys: Pick<DeviceKeys, 'deviceOf'>
  readonly config: HttpConfig
}): Promise<App> {
  const app = fastify({
    loggerInstance: deps.log,
    // Addresses and query strings are personal data; each route's own line in the ledger says who did what.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 64 * 1024,
    // A call that trickles in holds its connection no longer than this.
    requestTimeout: 30_000,
    trustProxy: deps.config.trustProxy ?? false,
    forceCloseConnections: true,
  }).withTypeProvider<TypeBoxTypeProvider>()
  app.setValidatorCompiler(compileValidator)
  answerFailures(app)
  app.addHook('onResponse', async (request, reply) => {
    deps.metrics.countResponse(reply.statusCode)
    const { method } = request
    const route = request.routeOptions.url ?? 'none'
    request.log.debug(
      { method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      'answered',
    )
  })
  await app.register(fastifyCookie)
  await secureHeaders(app, deps.config)
  await limitCalls(app, deps.keys, deps.config)
  await describe(app, deps.config)
  guardRoutes(app as unknown as FastifyInstance, deps.gate, deps.config)
  readJsonBodies(app as unknown as FastifyInstance)
  return app
}

async function secureHeaders(app: App, config: HttpConfig): Promise<void> {
  await app.register(fastifyHelmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        'style-src': ["'self'"],
        'img-src': ["'self'", 'data:'],
        'font-src': ["'self'"],
        'connect-src': ["'self'"],
        'base-uri': ["'none'"],
        'form-action': ["'self'"],
        'frame-ancestors': ["'none'"],
      },
    },
    strictTransportSecurity: config.publicUrl.startsWith('https:'),
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
  })
  app.addHook('onSend', async (request, reply) => {
    if (request.url.startsWith('/api/') && !reply.hasHeader('cache-control'))
      reply.header('cache-control', 'no-store')
  })
}

/**
 * Counted by address; computers that have proven themselves each for itself, because many may share one address. By
 * computer, not by session: it can open as many sessions as it likes.
 */
async function limitCalls(app: App, keys: Pick<DeviceKeys, 'deviceOf'>, config: HttpConfig): Promise<void> {
  await app.register(fastifyRateLimit, {
    max: config.callsPerMinute,
    timeWindow: 60_000,
    keyGenerator: ({ headers, ip }) => {
      const signed = headers['signature-input'] === undefined ? null : readSignature(headers)
      return (signed?.ok ? keys.deviceOf(signed.value.keyId) : null) ?? ip
    },
    errorResponseBuilder: (_request, { ttl }) =>
      new RefusedCall(refuse('too-many-attempts', { details: { remainingMs: ttl } })),
  })
}

async function describe(app: App, config: HttpConfig): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Stint',
        version: '1',
        description: 'Administrator rights for a stint. Refusals are problem details (RFC 9457) with a code.',
        license: { name: 'Apache-2.0' },
      },
      servers: [{ url: config.publicUrl }],
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer' },
          cookie: { type: 'apiKey', in: 'cookie', name: 'stint' },
        },
      },
      security: [{ token: [] }, { cookie: [] }],
    },
  })
}

/** Response schemas of a route: its own, and problem details for every refusal. */
export function answers<const T extends Readonly<Record<number, TSchema>>>(
  own: T,
): T & { default: typeof Problem } {
  return { ...own, default: Problem }
}
