import { vkeyOf } from '@stint/chain'
import { sql } from 'kysely'
import type { Flow } from './flow.ts'
import type { Gate } from './http/access.ts'
import { consoleEventRoutes } from './http/console-events.routes.ts'
import type { ConsoleEvents } from './http/console-events.ts'
import { serveConsole } from './http/console-files.ts'
import { healthRoutes } from './http/health.routes.ts'
import type { Metrics } from './http/metrics.ts'
import type { App } from './http/server.ts'
import type { ServerParts } from './index.ts'
import { approvalRoutes } from './slices/approvals/approvals.routes.ts'
import { deviceCallRoutes } from './slices/devices/device-calls.routes.ts'
import { deviceRoutes } from './slices/devices/devices.routes.ts'
import type { Devices } from './slices/devices/devices.ts'
import { bundleRoutes } from './slices/evidence/bundles.routes.ts'
import { evidenceRoutes } from './slices/evidence/evidence.routes.ts'
import type { FindingCare } from './slices/evidence/finding-care.ts'
import { findingRoutes } from './slices/evidence/findings.routes.ts'
import { peopleDataRoutes } from './slices/evidence/people-data.routes.ts'
import { recordExport } from './slices/evidence/people-data.ts'
import { ledgerRoutes } from './slices/ledger/ledger.routes.ts'
import type { Ledger } from './slices/ledger/ledger.ts'
import type { Proofs } from './slices/ledger/proofs.ts'
import type { Signing } from './slices/ledger/signing.ts'
import { peopleRoutes } from './slices/people/people.routes.ts'
import type { People } from './slices/people/people.ts'
import { policyRoutes } from './slices/policies/policies.routes.ts'
import type { Policies } from './slices/policies/policies.ts'
import { reportListRoutes } from './slices/reports/report-lists.routes.ts'
import { reportRoutes } from './slices/reports/reports.routes.ts'
import type { Reporting } from './slices/reports/reports.ts'
import { savedFilterRoutes } from './slices/reports/saved-filters.routes.ts'
import { scheduleRoutes } from './slices/reports/schedules.routes.ts'
import { requestCallRoutes, requestRoutes } from './slices/requests/requests.routes.ts'
import type { Requests } from './slices/requests/requests.ts'
import { sessionRoutes } from './slices/sessions/sessions.routes.ts'
import type { Sessions } from './slices/sessions/sessions.ts'
import { sinkRoutes } from './slices/sinks/sinks.routes.ts'
import type { Sinks } from './slices/sinks/sinks.ts'
import { createBundles } from './views/bundle/bundles.ts'
import { createDeviceViews } from './views/device-view.ts'
import { createFindingViews } from './views/finding-view.ts'
import { createLedgerViews } from './views/ledger-view.ts'
import type { OverviewViews } from './views/overview.ts'
import { createPeopleData } from './views/people-data.ts'
import { createScheduleViews } from './views/report-schedule-view.ts'
import type { Reports } from './views/reports/reports.ts'
import { createRequestViews } from './views/request-view.ts'
import { createSessionViews } from './views/session-view.ts'
import { createSinkViews } from './views/sink-view.ts'

export interface RouteParts extends ServerParts {
  readonly people: People
  readonly devices: Devices
  readonly policies: Policies
  readonly requests: Requests
  readonly sessions: Sessions
  readonly care: FindingCare
  readonly signing: Pick<Signing, 'sign'>
  readonly ledger: Pick<Ledger, 'append'>
  readonly proofs: Proofs
  readonly flow: Flow
  readonly events: ConsoleEvents
  readonly gate: Gate
  readonly metrics: Metrics
  readonly overview: OverviewViews
  readonly reports: Reports
  readonly reporting: Reporting
  readonly sinks: Sinks
}

/** Every route, each slice's own, under `/api/v1`; the computers' below `/api/v1/device`. */
export async function addRoutes(app: App, parts: RouteParts): Promise<void> {
  await app.register(async (api) => consoleRoutes(api as App, parts), { prefix: '/api/v1' })
  await app.register(async (api) => courierRoutes(api as App, parts), { prefix: '/api/v1/device' })
  healthRoutes(app, () => isReady(parts), parts.metrics)
  await serveConsole(app, parts.config.consoleFolder)
}

function consoleRoutes(api: App, parts: RouteParts): void {
  const { db, people, devices, policies, requests, sessions, flow, clock, timers } = parts
  const isOnline = (deviceId: string) => devices.isOnline(deviceId)
  const ceiling = async () => (await policies.settings()).settings.minutesCeiling
  const requestViews = createRequestViews(db.read, isOnline, ceiling)
  ledgerRoutes(api, createLedgerViews(db.read), parts.proofs)
  peopleRoutes(api, people, parts.config)
  deviceRoutes(api, devices, createDeviceViews(db.read, isOnline))
  policyRoutes(api, policies)
  requestRoutes(api, requests, requestViews, flow.see, clock)
  approvalRoutes(api, flow, requestViews)
  findingRoutes(api, parts.care, createFindingViews(db.read))
  const sessionViews = createSessionViews(db.read, requestViews, clock)
  sessionRoutes(api, sessions, sessionViews)
  const witnesses = (parts.witnesses ?? []).map(({ key }) => vkeyOf(key))
  peopleDataRoutes(api, createPeopleData(db.read, clock), (actor, userId) =>
    recordExport(parts, actor, userId),
  )
  bundleRoutes(api, createBundles({ ...parts, read: db.read, sessions: sessionViews, witnesses }))
  reportRoutes(api, parts.overview)
  reportListRoutes(api, parts.reports, clock)
  const scheduleViews = createScheduleViews(db.read)
  savedFilterRoutes(api, parts.reporting, scheduleViews)
  scheduleRoutes(api, parts.reporting, scheduleViews, parts.means ?? { email: null, folder: null })
  const hasFolder = (parts.sinkMeans?.folder ?? null) !== null
  sinkRoutes(api, parts.sinks, createSinkViews(db.read), hasFolder)
  consoleEventRoutes(api, parts.events, parts.gate, parts.config, timers)
  api.get('/openapi.json', { config: { access: 'public' }, schema: { hide: true } }, async () =>
    api.swagger(),
  )
}

function courierRoutes(api: App, { devices, flow, timers }: RouteParts): void {
  deviceCallRoutes(api, devices, flow.report, timers)
  requestCallRoutes(api, flow.receive)
  evidenceRoutes(api, flow.upload)
}

async function isReady({ db, issuer }: RouteParts): Promise<boolean> {
  try {
    await sql`select 1`.execute(db.read)
    return (await issuer.call({ call: 'trust' })).ok
  } catch {
    return false
  }
}
