import { type Outcome, type Right, refuse, rights } from '@stint/elevation'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Actor } from '../actor.ts'
import { granted, RefusedCall } from './problem.ts'

/**
 * Who may call a route. Every route names one; a route without one stops the server from starting.
 * `signed-in`: any person or program; a right: those who have it; `device`: a computer, by its signature.
 */
export type Access = 'public' | 'signed-in' | 'device' | Right

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
  }
  interface FastifyInstance {
    /** Every route with who may call it. */
    routesOf(): readonly GuardedRoute[]
  }
  interface FastifyRequest {
    /** Who calls; null on public and device routes. */
    actor: Actor | null
    /** Which computer calls, proven; null elsewhere. */
    deviceId: string | null
  }
}

export interface GuardedRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string
  readonly access: Access
}

/** A call of a computer, as it was signed. */
export interface SignedCall {
  readonly method: string
  readonly target: string
  readonly body: Uint8Array
  readonly headers: Readonly<Record<string, unknown>>
}

/** Who stands behind a credential. `http` asks; it knows no table. */
export interface Gate {
  /** By the cookie's secret; null when it is none of ours or over. `quietly`: does not count as use. */
  person(secret: string, quietly: boolean): Promise<{ readonly actor: Actor; readonly csrf: string } | null>
  /** By an API token's secret. */
  program(secret: string): Promise<Actor | null>
  /** By its signature. Refusals `device-unauthenticated`, `device-revoked`, `device-suspended`. */
  device(call: SignedCall): Promise<Outcome<{ readonly deviceId: string }>>
}

export interface AccessConfig {
  /** Where people reach the server; calls from pages of other origins are refused. */
  readonly publicUrl: string
}

/** `HEAD` comes with each `GET`, and passes the same gate. */
function isWalked(method: string): method is GuardedRoute['method'] {
  return ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].includes(method)
}

const safeMethods = ['GET', 'HEAD', 'OPTIONS']

/** Puts the gate before every route. */
export function guardRoutes(app: FastifyInstance, gate: Gate, config: AccessConfig): void {
  app.decorateRequest('actor', null)
  app.decorateRequest('deviceId', null)
  const routes: GuardedRoute[] = []
  app.decorate('routesOf', () => routes)
  app.addHook('onRoute', ({ method, url, config: { access } = {} }) => {
    if (access === undefined) throw new Error(`${String(method)} ${url} does not say who may call it`)
    for (const one of [method].flat()) if (isWalked(one)) routes.push({ method: one, url, access })
  })
  app.addHook('preValidation', async (request) => {
    const access = request.routeOptions.config.access ?? 'public'
    if (access === 'device') return authenticateDevice(request, gate)
    refuseForeignPage(request, config)
    if (access === 'public') return
    request.actor = await authenticate(request, gate, config)
    if (access !== 'signed-in') requireRight(request.actor, access)
  })
}

/** The name of the cookie; with `__Host-` a browser takes it only over https, for this host alone. */
export function cookieName(config: AccessConfig): string {
  return config.publicUrl.startsWith('https:') ? '__Host-stint' : 'stint'
}

export function setCookie(reply: FastifyReply, config: AccessConfig, secret: string): void {
  reply.setCookie(cookieName(config), secret, {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: config.publicUrl.startsWith('https:'),
  })
}

export function clearCookie(reply: FastifyReply, config: AccessConfig): void {
  reply.clearCookie(cookieName(config), { path: '/' })
}

/** The actor of a route that is not public. */
export function actorOf(request: FastifyRequest): Actor {
  if (request.actor === null) throw new RefusedCall(refuse('not-signed-in'))
  return request.actor
}

/** The computer of a `device` route. */
export function deviceOf(request: FastifyRequest): string {
  if (request.deviceId === null) throw new RefusedCall(refuse('device-unauthenticated'))
  return request.deviceId
}

/**
 * The secret of the cookie, whether or not it is worth anything. Of the one name only: a cookie without the prefix could
 * come from a neighbouring host, and would sign a person in as somebody else.
 */
export function cookieSecret(request: FastifyRequest, config: AccessConfig): string | null {
  return request.cookies[cookieName(config)] ?? null
}

async function authenticate(request: FastifyRequest, gate: Gate, config: AccessConfig): Promise<Actor> {
  const bearer = /^Bearer ([\x21-\x7e]+)$/.exec(request.headers.authorization ?? '')?.[1]
  if (bearer !== undefined) {
    const actor = await gate.program(bearer)
    if (actor !== null) return actor
    throw new RefusedCall(
      refuse('not-signed-in', { hint: 'This API token is unknown, revoked or has run out.' }),
    )
  }
  const secret = cookieSecret(request, config)
  const signedIn = secret === null ? null : await gate.person(secret, false)
  if (signedIn === null) throw new RefusedCall(refuse('not-signed-in'))
  const isSafe = safeMethods.includes(request.method)
  if (!isSafe && request.headers['x-stint-csrf'] !== signedIn.csrf) throw new RefusedCall(refuse('csrf'))
  return signedIn.actor
}

function requireRight(actor: Actor, right: Right): void {
  if (!rights.includes(right) || !actor.rights.includes(right))
    throw new RefusedCall(refuse('not-an-approver', { details: { right } }))
}

/** A browser says where a changing call comes from; programs say nothing. */
function refuseForeignPage(request: FastifyRequest, config: AccessConfig): void {
  if (safeMethods.includes(request.method)) return
  const { origin } = request.headers
  const site = request.headers['sec-fetch-site']
  const isForeign = origin !== undefined && !isOwnOrigin(origin, config.publicUrl)
  if (isForeign || site === 'cross-site') throw new RefusedCall(refuse('csrf'))
}

const loopback = ['127.0.0.1', 'localhost', '[::1]']

/** The public address itself; a server of this machine only is the same under each of its names. */
function isOwnOrigin(origin: string, publicUrl: string): boolean {
  if (!URL.canParse(origin)) return false
  const [own, other] = [new URL(publicUrl), new URL(origin)]
  if (own.origin === other.origin) return true
  const bothHere = loopback.includes(own.hostname) && loopback.includes(other.hostname)
  return bothHere && own.port === other.port && own.protocol === other.protocol
}

async function authenticateDevice(request: FastifyRequest, gate: Gate): Promise<void> {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const call = { method: request.method, target: request.raw.url ?? '', body, headers: request.headers }
  request.deviceId = granted(await gate.device(call)).deviceId
}
