/** `@stint/server`: the server as a value, made of what it uses. `main.ts` makes it of the real things. */
import type { FastifyBaseLogger } from 'fastify'
import { type Clock, dayMs, type Timers } from './clock.ts'
import { createSlices, type Slices } from './composition.ts'
import type { Database } from './db/database.ts'
import type { Gate } from './http/access.ts'
import { createConsoleEvents } from './http/console-events.ts'
import { createMetrics, type Gauge } from './http/metrics.ts'
import { type App, createHttp, type HttpConfig } from './http/server.ts'
import type { Random } from './identifier.ts'
import type { IssuerLink } from './issuer/issuer-link.ts'
import { jobsOf, startJobs } from './jobs/jobs.ts'
import { addRoutes } from './routes.ts'
import type { Witness } from './slices/ledger/witnesses.ts'
import { linkPath } from './slices/people/people.ts'
import type { Means } from './slices/reports/means.ts'
import type { SinkMeans } from './slices/sinks/sinks.ts'
import { createOverviewViews } from './views/overview.ts'
import { silentComputers } from './views/silent-computers.ts'
import { createSinkViews, type SinkViews } from './views/sink-view.ts'

export { systemClock, systemTimers } from './clock.ts'
export { openDatabase } from './db/database.ts'
export type { IssuerLink } from './issuer/issuer-link.ts'
export { createReportFolder } from './slices/reports/report-folder.ts'
export { createSmtpPost } from './slices/reports/smtp-post.ts'

export interface ServerConfig extends HttpConfig {
  readonly consoleFolder: string
  /** How long a computer that comes here may owe entries of its journal before it is a finding; 24 hours unless told. */
  readonly silentAfterMs?: number
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
  /** How reports are sent; without, no schedule can be made. */
  readonly means?: Means
  /** Who is asked to cosign the ledger; nobody where it is left out. */
  readonly witnesses?: readonly Witness[]
  /** What sinks may use; without, only those that need neither a folder nor a secret can be made. */
  readonly sinkMeans?: SinkMeans
}

export interface Server {
  /** Listen with it, or `inject` calls into it. */
  readonly app: App
  readonly slices: Slices
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
  const overview = createOverviewViews(parts.db.read, () => devices.onlineCount(), settings, parts.clock)
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
    ...sinkGauges(createSinkViews(parts.db.read), parts.clock),
  ])
  const app = await createHttp({ log: parts.log, gate, metrics, keys: slices.keys, config: parts.config })
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
      jobs ??= startJobs(jobsOf(jobSteps(slices, parts)), parts.timers, parts.log)
    },
    async close() {
      await jobs?.stop()
      await slices.sinks.stop()
      devices.closeAll()
      await app.close()
    },
  }
}

/** By id and not by name: numbers are for whoever asks. */
function sinkGauges(views: SinkViews, clock: Clock): readonly Gauge[] {
  const lags = async (of: 'facts' | 'ageMs', unit: number) =>
    (await views.lags(clock.now())).map(({ id: sink, kind, ...lag }) => ({
      labels: { sink, kind },
      value: lag[of] / unit,
    }))
  return [
    {
      name: 'stint_sink_behind_facts',
      help: 'Facts of the ledger that a receiver has not confirmed.',
      read: () => lags('facts', 1),
    },
    {
      name: 'stint_sink_lag_seconds',
      help: 'Age of the oldest fact that a receiver has not confirmed.',
      read: () => lags('ageMs', 1000),
    },
  ]
}

function jobSteps(
  slices: Slices,
  { log, db: { read }, config: { silentAfterMs } }: Pick<ServerParts, 'log' | 'db' | 'config'>,
) {
  const { care, flow, requests, policies, devices, people, keys, reporting, sinks, signing } = slices
  return {
    deliverReports: () => reporting.deliver(),
    sendFacts: () => sinks.wake(),
    finishApprovals: () => flow.finish(),
    expireRequests: () => requests.expire(),
    publishPolicies: () => policies.publishAll(),
    eraseKeys: () => devices.eraseKeys(),
    findSilent: async () => care.reportSilent(await silentComputers(read, silentAfterMs ?? dayMs)),
    async signLedger() {
      // Without the issuer it is signed when that runs again.
      await signing.sign()
    },
    async askWitnesses() {
      for (const refusal of await slices.cosigning.ask()) log.warn(refusal, 'a witness has not cosigned')
    },
    async cleanUp() {
      keys.sweep()
      await people.cleanUp()
      await devices.forgetUnconfirmed()
    },
  }
}
