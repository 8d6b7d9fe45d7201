import { randomBytes } from 'node:crypto'
import type { Role } from '@stint/elevation'
import type { InvitationMade, Me, Problem } from '@stint/wire/console'
import { pino } from 'pino'
import { type Database, openDatabase } from '../src/db/database.ts'
import { createServer, type Server } from '../src/index.ts'
import type { Witness } from '../src/slices/ledger/witnesses.ts'
import type { Means } from '../src/slices/reports/means.ts'
import type { SinkMeans } from '../src/slices/sinks/sinks.ts'
import { FakeIssuer } from './fake-issuer.ts'
import { SetClock } from './set-clock.ts'

export const password = 'correct horse battery'

/** An answer of the server. `body` is its JSON; a problem has `code`. */
export interface Answer<T = unknown> {
  readonly status: number
  readonly body: T & Partial<Problem>
  readonly headers: Readonly<Record<string, unknown>>
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** Somebody who calls: signed in by cookie, or a program by its token. */
export class Caller {
  readonly #server: Server
  readonly headers: Record<string, string>

  constructor(server: Server, headers: Record<string, string>) {
    this.#server = server
    this.headers = headers
  }

  async call<T = unknown>(method: Method, path: string, body?: unknown): Promise<Answer<T>> {
    return callServer<T>(this.#server, method, path, body, this.headers)
  }
}

export async function callServer<T = unknown>(
  server: Server,
  method: Method,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer<T>> {
  const response = await server.app.inject({
    method,
    url: path.startsWith('/healthz') || path.startsWith('/raw') ? path : `/api/v1${path}`,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  })
  const isJson = String(response.headers['content-type'] ?? '').includes('json')
  const answered = (isJson ? response.json() : {}) as Answer<T>['body']
  return { status: response.statusCode, body: answered, headers: response.headers }
}

/** A whole server in this process: real database, set clock, issuer in memory. */
export interface TestServer {
  readonly server: Server
  readonly db: Database
  readonly clock: SetClock
  readonly issuer: FakeIssuer
  readonly owner: Caller
  /** Invites somebody, lets him join and sign in. */
  person(role: Role, email?: string): Promise<Caller>
  /** The same database and issuer under a new server, as after a restart. */
  restart(): Promise<Server>
  close(): Promise<void>
}

export async function startTestServer(
  given: {
    readonly db?: Database
    readonly publicUrl?: string
    readonly witnesses?: readonly Witness[]
    readonly means?: Means
    readonly sinkMeans?: SinkMeans
  } = {},
): Promise<TestServer> {
  const db = given.db ?? (await openDatabase(':memory:'))
  const clock = new SetClock()
  const issuer = new FakeIssuer()
  const make = () =>
    createServer({
      db,
      issuer,
      witnesses: given.witnesses ?? [],
      clock,
      timers: clock,
      random: (bytes) => randomBytes(bytes),
      ...(given.means === undefined ? {} : { means: given.means }),
      ...(given.sinkMeans === undefined ? {} : { sinkMeans: given.sinkMeans }),
      log: pino({ level: 'silent' }),
      config: {
        publicUrl: given.publicUrl ?? 'http://127.0.0.1:8003',
        consoleFolder: '/nonexistent',
        callsPerMinute: 100_000,
        passwordMemoryKiB: 1024,
      },
    })
  const server = await make()
  const link = await server.ownerLink('owner@example.org')
  const owner = await join(server, link ?? '', 'Olive Owner')
  let made = 0
  return {
    server,
    db,
    clock,
    issuer,
    owner,
    async person(role, email = `${role}${++made}@example.org`) {
      const invited = await owner.call<InvitationMade>('POST', '/people', { email, role })
      return join(server, invited.body.link ?? '', `${role} ${made}`)
    },
    restart: make,
    async close() {
      await server.close()
      if (given.db === undefined) await db.close()
    },
  }
}

/** Uses a one-time link; gives the caller that its cookie makes. */
export async function join(server: Server, link: string, name: string): Promise<Caller> {
  const token = link.split('/join/')[1]
  const joined = await callServer<Me>(server, 'POST', `/join/${token}`, { name, password })
  if (joined.status !== 200) throw new Error(`joining failed: ${JSON.stringify(joined.body)}`)
  return signedIn(server, joined)
}

export function signedIn(server: Server, entered: Answer<Me>): Caller {
  const cookie = String(entered.headers['set-cookie']).split(';')[0] ?? ''
  return new Caller(server, { cookie, 'x-stint-csrf': entered.body.csrf })
}
