/** `@stint/server`: the server as a value, made of what it uses. `main.ts` makes it of the real things. */
import type { FastifyBaseLogger } from 'fastify'
import type { Clock, Timers } from './clock.ts'
import type { Database } from './db/database.ts'
import { createFlow } from './flow.ts'
import type { Gate } from './http/access.ts'
import { type ConsoleEvents, createConsoleEvents, type Topic } from './http/console-events.ts'
import { createDeviceKeys } from './http/device-keys.ts'
import { createMetrics } from './http/metrics.ts'
import { type App, createHttp, type HttpConfig } from './http/server.ts'
import { createNewId, type Random } from './identifier.ts'
import type { IssuerLink } from './issuer/issuer-link.ts'
import { jobsOf, startJobs } from './jobs/jobs.ts'
import { addRoutes } from './routes.ts'
import { createApprovalStore } from './slices/approvals/approvals.store.sql.ts'
import { type Approvals, createApprovals } from './slices/approvals/approvals.ts'
import { createDeviceStore } from './slices/devices/devices.store.sql.ts'
import { createDevices } from './slices/devices/devices.ts'
import { createEvidenceStore } from './slices/evidence/evidence.store.sql.ts'
import { createEvidence } from './slices/evidence/evidence.ts'
import { createLedgerStore } from './slices/ledger/ledger.store.sql.ts'
import { createLedger } from './slices/ledger/ledger.ts'
import { createPeopleStore } from './slices/people/people.store.sql.ts'
import { createPasswords, createPeople, linkPath } from './slices/people/people.ts'
import { createPolicyStore } from './slices/policies/policies.store.sql.ts'
import { createPolicies, type Policies } from './slices/policies/policies.ts'
import { createRequestStore } from './slices/requests/requests.store.sql.ts'
import { createRequests } from './slices/requests/requests.ts'
import { createSessionStore } from './slices/sessions/sessions.store.sql.ts'
import { createSessions } from './slices/sessions/sessions.ts'
import { createOverviewViews } from './views/overview.ts'

export { systemClock, systemTimers } from './clock.ts'
export { openDatabase } from './db/database.ts'
export type { IssuerLink } from './issuer/issuer-link.ts'

export interface ServerConfig extends HttpConfig {
  readonly consoleFolder: string
  /** Lowered by tests only: KiB of argon2id. */
  readonly passwordMemoryKiB?: number
}

export interface ServerParts {
  readonly db: Database
  readonly issuer: IssuerLink
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly log: FastifyBaseLogger
  readonly config: ServerConfig
}

export interface Server {
  /** Listen with it, or `inject` calls into it. */
  readonly app: App
  readonly slices: ReturnType<typeof createSlices>
  /** One-time link of the first owner, absolute; null once an owner joined. Each call makes the one before worthless. */
  ownerLink(email: string): Promise<string | null>
  /** Finishes what a stop left, then does its jobs. */
  start(): void
  /** Lets open calls end, then closes everything that it opened; the database stays open, it was given. */
  close(): Promise<void>
}

export async function createServer(parts: ServerParts): Promise<Server> {
  const events = createConsoleEvents(Buffer.from(parts.random(6)).toString('hex'))
  const slices = createSlices(parts, events)
  const { devices, people, policies } = slices
  const gate: Gate = {
    person: (secret, quietly) => people.personBySession(secret, quietly),
    program: (secret) => people.programByToken(secret),
    device: (call) => devices.authenticate(call),
  }
  const settings = async () => (await policies.settings()).settings
  const overview = createOverviewViews(parts.db.read, () => devices.onlineCount(), settings)
  const metrics = createMetrics([
    {
      name: 'stint_devices_online',
      help: 'Computers that listen now.',
      read: () => devices.onlineCount(),
    },
    {
      name: 'stint_requests_pending',
      help: 'Requests that nobody answered yet.',
      read: async () => (await overview.overview()).pendingRequests,
    },
    {
      name: 'stint_sessions_live',
      help: 'Sessions that run now.',
      read: async () => (await overview.overview()).liveSessions,
    },
    {
      name: 'process_resident_memory_bytes',
      help: 'Memory of this process.',
      read: () => process.memoryUsage.rss(),
    },
  ])
  const app = await createHttp({ log: parts.log, gate, metrics, config: parts.config })
  await addRoutes(app, { ...parts, ...slices, events, gate, metrics, overview })
  let jobs: { stop(): Promise<void> } | null = null
  return {
    app,
    slices,
    async ownerLink(email) {
      const made = await people.firstOwnerLink(email)
      return made === null ? null : new URL(linkPath(made.linkSecret), parts.config.publicUrl).href
    },
    start() {
      jobs ??= startJobs(jobsOf(jobSteps(slices)), parts.timers, parts.log)
    },
    async close() {
      await jobs?.stop()
      devices.closeAll()
      await app.close()
    },
  }
}

/** The slices in their order, each made of those to its left. */
function createSlices({ db, issuer, clock, random, config }: ServerParts, events: ConsoleEvents) {
  const newId = createNewId(clock, random)
  const tell = (topic: Topic) => (id: string) => events.publish({ topic, id })
  const passwords = createPasswords(random, config.passwordMemoryKiB)
  const given = { db, issuer, clock, random, newId }
  const ledger = createLedger({ store: createLedgerStore(db.read), clock })
  const people = createPeople({
    ...given,
    ledger,
    passwords,
    store: createPeopleStore(db.read),
    changed: tell('people'),
  })
  const keys = createDeviceKeys(clock)
  // Two steps need a word of a later one: a computer is welcomed with its first policy, and a request that arrives may
  // have been decided by its code. Both are called only when everything is made.
  const later: Later = {}
  const firstPolicy: Policies['firstPolicy'] = (...call) => made(later.policies).firstPolicy(...call)
  const joined: Approvals['joined'] = (...call) => made(later.approvals).joined(...call)
  const devices = createDevices({
    ...given,
    ledger,
    keys,
    firstPolicy,
    store: createDeviceStore(db.read),
    publicUrl: config.publicUrl,
    changed: tell('devices'),
  })
  const policies = createPolicies({
    ...given,
    ledger,
    devices,
    store: createPolicyStore(db.read),
    changed: () => tell('settings')(''),
  })
  later.policies = policies
  const requests = createRequests({
    ...given,
    ledger,
    devices,
    policies,
    joined,
    store: createRequestStore(db.read),
    changed: tell('requests'),
  })
  const approvals = createApprovals({
    ...given,
    ledger,
    devices,
    policies,
    requests,
    store: createApprovalStore(db.read),
  })
  later.approvals = approvals
  const sessions = createSessions({
    db,
    ledger,
    devices,
    store: createSessionStore(db.read),
    changed: tell('sessions'),
  })
  const evidence = createEvidence({
    ...given,
    ledger,
    devices,
    requests,
    sessions,
    store: createEvidenceStore(),
  })
  const flow = createFlow({ db, devices, policies, requests, approvals, evidence })
  return { ledger, people, keys, devices, policies, requests, approvals, sessions, evidence, flow }
}

interface Later {
  policies?: Policies
  approvals?: Approvals
}

function made<T>(step: T | undefined): T {
  if (step === undefined) throw new Error('a step was called before all of them were made')
  return step
}

function jobSteps({ flow, requests, policies, devices, people, keys }: ReturnType<typeof createSlices>) {
  return {
    finishApprovals: () => flow.finish(),
    expireRequests: () => requests.expire(),
    publishPolicies: () => policies.publishAll(),
    eraseKeys: () => devices.eraseKeys(),
    async cleanUp() {
      keys.sweep()
      await people.cleanUp()
      await devices.forgetUnconfirmed()
    },
  }
}
