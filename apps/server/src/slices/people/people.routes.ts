import { refuse } from '@stint/elevation'
import { Id, Strict, Type } from '@stint/wire'
import {
  ApiToken,
  ApiTokenBody,
  ApiTokenMade,
  InvitationMade,
  InviteBody,
  JoinBody,
  JoinInfo,
  Me,
  Page,
  PageQuery,
  Person,
  PersonPatch,
  SignInBody,
} from '@stint/wire/console'
import type { FastifyReply } from 'fastify'
import type { Actor } from '../../actor.ts'
import { isoTime, isoTimeOrNull } from '../../clock.ts'
import type { ApiTokenRow, PersonRow } from '../../db/schema.ts'
import { type AccessConfig, actorOf, clearCookie, cookieSecret, setCookie } from '../../http/access.ts'
import { pageAsked, toPage } from '../../http/paging.ts'
import { found, granted, RefusedCall } from '../../http/problem.ts'
import { type App, answers } from '../../http/server.ts'
import { tokenRights } from './api-tokens.ts'
import { linkPath, type People, type SignedIn } from './people.ts'

const LinkParams = Strict({ token: Type.String({ maxLength: 100 }) })
const IdParams = Strict({ id: Id })
/** A password is hashed at each of these, so strangers get fewer of them. */
const slow = { rateLimit: { max: 30, timeWindow: 60_000 } }

export function peopleRoutes(app: App, people: People, config: AccessConfig): void {
  joinRoutes(app, people, config)
  signInRoutes(app, people, config)
  memberRoutes(app, people, config)
  tokenRoutes(app, people)
}

function enter(reply: FastifyReply, config: AccessConfig, signedIn: SignedIn): Me {
  setCookie(reply, config, signedIn.secret)
  return meView(signedIn.actor, signedIn.person, signedIn.csrf)
}

function joinRoutes(app: App, people: People, config: AccessConfig): void {
  app.get(
    '/join/:token',
    {
      config: { access: 'public', ...slow },
      schema: { params: LinkParams, response: answers({ 200: JoinInfo }) },
    },
    async (request) => {
      const { email, role, expiresAtMs } = granted(await people.linkInfo(request.params.token))
      return { email, role, expiresAt: isoTime(expiresAtMs) }
    },
  )
  app.post(
    '/join/:token',
    {
      config: { access: 'public', ...slow },
      schema: { params: LinkParams, body: JoinBody, response: answers({ 200: Me }) },
    },
    async (request, reply) => {
      const { name, password } = request.body
      return enter(reply, config, granted(await people.join(request.params.token, name, password)))
    },
  )
}

function signInRoutes(app: App, people: People, config: AccessConfig): void {
  app.post(
    '/sign-in',
    { config: { access: 'public', ...slow }, schema: { body: SignInBody, response: answers({ 200: Me }) } },
    async (request, reply) => {
      const { email, password } = request.body
      return enter(reply, config, granted(await people.signIn(email, password, request.ip)))
    },
  )
  app.post(
    '/sign-out',
    { config: { access: 'signed-in' }, schema: { response: answers({ 204: Type.Null() }) } },
    async (request, reply) => {
      const secret = cookieSecret(request, config)
      if (secret !== null) await people.signOut(secret)
      clearCookie(reply, config)
      return reply.code(204).send(null)
    },
  )
  app.get(
    '/me',
    { config: { access: 'signed-in' }, schema: { response: answers({ 200: Me }) } },
    async (request) => {
      const actor = actorOf(request)
      const person = found(await people.person(actor.personId))
      const secret = actor.kind === 'person' ? cookieSecret(request, config) : null
      const session = secret === null ? null : await people.personBySession(secret, true)
      return meView(actor, person, session?.csrf ?? '')
    },
  )
}

function meView(actor: Actor, person: PersonRow, csrf: string): Me {
  const { id, email, name, role } = person
  return { id, email, name, role, rights: [...actor.rights], csrf }
}

function memberRoutes(app: App, people: People, config: AccessConfig): void {
  const access = { config: { access: 'administer-people' } } as const
  const linkTo = (secret: string) => new URL(linkPath(secret), config.publicUrl).href
  app.get(
    '/people',
    { ...access, schema: { querystring: PageQuery, response: answers({ 200: Page(Person) }) } },
    async (request) => {
      const { limit, after } = pageAsked(request.query, ['id'])
      return toPage(await people.people(limit + 1, after), limit, ({ id }) => [id], personView)
    },
  )
  app.post(
    '/people',
    { ...access, schema: { body: InviteBody, response: answers({ 201: InvitationMade }) } },
    async (request, reply) => {
      const { email, role } = request.body
      const made = granted(await people.invite(actorOf(request), email, role))
      return reply.code(201).send({ person: personView(made.person), link: linkTo(made.linkSecret) })
    },
  )
  app.post(
    '/people/:id/link',
    { ...access, schema: { params: IdParams, response: answers({ 201: InvitationMade }) } },
    async (request, reply) => {
      const made = granted(await people.newLink(actorOf(request), request.params.id))
      return reply.code(201).send({ person: personView(made.person), link: linkTo(made.linkSecret) })
    },
  )
  app.patch(
    '/people/:id',
    { ...access, schema: { params: IdParams, body: PersonPatch, response: answers({ 200: Person }) } },
    async (request) =>
      personView(granted(await people.changePerson(actorOf(request), request.params.id, request.body))),
  )
}

function tokenRoutes(app: App, people: People): void {
  const access = { config: { access: 'administer-people' } } as const
  app.get(
    '/tokens',
    { ...access, schema: { querystring: PageQuery, response: answers({ 200: Page(ApiToken) }) } },
    async (request) => {
      const { limit, after } = pageAsked(request.query, ['id'])
      const rows = await people.tokens(limit + 1, after)
      return toPage(
        rows,
        limit,
        ({ id }) => [id],
        (row) => tokenView(row, row.maker),
      )
    },
  )
  app.post(
    '/tokens',
    { ...access, schema: { body: ApiTokenBody, response: answers({ 201: ApiTokenMade }) } },
    async (request, reply) => {
      const { name, rights, days } = request.body
      if (new Set(rights).size !== rights.length)
        throw new RefusedCall(refuse('invalid'), { fields: { rights: 'names a right twice' } })
      const actor = actorOf(request)
      const made = granted(await people.createToken(actor, name, rights, days ?? null))
      return reply.code(201).send({ token: tokenView(made.row, actor.email), secret: made.secret })
    },
  )
  app.delete(
    '/tokens/:id',
    { ...access, schema: { params: IdParams, response: answers({ 204: Type.Null() }) } },
    async (request, reply) => {
      granted(await people.revokeToken(actorOf(request), request.params.id))
      return reply.code(204).send(null)
    },
  )
}

function personView(row: PersonRow): Person {
  const { id, email, name, role, state } = row
  const [lastSeenAt, createdAt] = [isoTimeOrNull(row.last_seen_at), isoTime(row.created_at)]
  return { id, email, name, role, state, lastSeenAt, createdAt }
}

function tokenView(row: ApiTokenRow, maker: string): ApiToken {
  return {
    id: row.id,
    name: row.name,
    rights: [...tokenRights(row)],
    createdBy: maker,
    createdAt: isoTime(row.created_at),
    lastUsedAt: isoTimeOrNull(row.last_used_at),
    expiresAt: isoTimeOrNull(row.expires_at),
  }
}
