import { POLICY_JWS_MAX } from '@stint/wire/policy'
import { startBoot } from './clock.ts'
import { createFlow } from './flow.ts'
import type { ConsoleEvents, Topic } from './http/console-events.ts'
import { createDeviceKeys } from './http/device-keys.ts'
import { createNewId } from './identifier.ts'
import type { ServerParts } from './index.ts'
import { createApprovalStore } from './slices/approvals/approvals.store.sql.ts'
import { type Approvals, createApprovals } from './slices/approvals/approvals.ts'
import { createDeviceStore } from './slices/devices/devices.store.sql.ts'
import { createDevices } from './slices/devices/devices.ts'
import { createEvidenceStore } from './slices/evidence/evidence.store.sql.ts'
import { createEvidence, type EvidenceParts } from './slices/evidence/evidence.ts'
import { createFindingCare } from './slices/evidence/finding-care.ts'
import { createFindings, type FindingParts } from './slices/evidence/findings.ts'
import { createLedgerStore } from './slices/ledger/ledger.store.sql.ts'
import { createLedger } from './slices/ledger/ledger.ts'
import { createProofs } from './slices/ledger/proofs.ts'
import { createSigning } from './slices/ledger/signing.ts'
import { postToWitness } from './slices/ledger/witness-post.ts'
import { createWitnesses } from './slices/ledger/witnesses.ts'
import { createPeopleStore } from './slices/people/people.store.sql.ts'
import { createPasswords, createPeople } from './slices/people/people.ts'
import { createPolicyStore } from './slices/policies/policies.store.sql.ts'
import { createPolicies, type Policies } from './slices/policies/policies.ts'
import { createReportStore } from './slices/reports/reports.store.sql.ts'
import { createReporting } from './slices/reports/reports.ts'
import { createRequestStore } from './slices/requests/requests.store.sql.ts'
import { createRequests } from './slices/requests/requests.ts'
import { createSessionStore } from './slices/sessions/sessions.store.sql.ts'
import { createSessions } from './slices/sessions/sessions.ts'
import { createSinkStore } from './slices/sinks/sinks.store.sql.ts'
import { createSinks, type SinkParts, type Sinks } from './slices/sinks/sinks.ts'
import { createReports } from './views/reports/reports.ts'

export type Slices = ReturnType<typeof createSlices>

/** The slices in their order, each made of those to its left, and the flow through them. */
export function createSlices(parts: ServerParts, events: ConsoleEvents) {
  const { db, issuer, clock, random, config } = parts
  const changed = (topic: Topic) => (id: string) => events.publish({ topic, id })
  const facts = createFacts(parts)
  const newId = createNewId(clock, random)
  const given = { db, issuer, clock, random, newId, ledger: facts.ledger }
  const people = createPeople({
    ...given,
    passwords: createPasswords(random, config.passwordMemoryKiB),
    store: createPeopleStore(db.read),
    changed: changed('people'),
  })
  const keys = createDeviceKeys(clock)
  const asking = createAsking({ ...given, keys, publicUrl: config.publicUrl }, changed)
  const { devices } = asking
  const sessions = createSessions({
    ...given,
    devices,
    store: createSessionStore(db.read),
    changed: changed('sessions'),
  })
  const written = createWritten({ ...given, ...facts, ...asking, sessions }, changed('findings'))
  const isOnline = (deviceId: string) => devices.isOnline(deviceId)
  const reports = createReports({ read: db.read, engine: db.engine, isOnline })
  const reporting = createReporting({
    ...given,
    reports,
    store: createReportStore(db.read),
    means: parts.means ?? { email: null, folder: null },
    publicUrl: config.publicUrl,
  })
  return {
    ...facts,
    people,
    keys,
    ...asking,
    sessions,
    ...written,
    reports,
    reporting,
    sinks: createWaysOut(parts, given),
    flow: createFlow({ db, ...asking, ...written }),
  }
}

/** What sends the ledger to other systems. */
function createWaysOut(
  { db, config, log, sinkMeans }: ServerParts,
  given: Omit<SinkParts, 'store' | 'facts' | 'means' | 'host' | 'failed'>,
): Sinks {
  return createSinks({
    ...given,
    store: createSinkStore(db.read),
    facts: createLedgerStore(db.read),
    means: sinkMeans ?? { folder: null, key: null },
    host: new URL(config.publicUrl).hostname,
    failed: (error) => log.error({ err: error }, 'facts could not be sent'),
  })
}

/** The ledger, what is signed of it and what is proven from it. */
function createFacts({ db, issuer, clock, random, witnesses = [] }: ServerParts) {
  const store = createLedgerStore(db.read)
  const proofs = createProofs(store)
  const boot = startBoot(createNewId(clock, random)())
  return {
    ledger: createLedger({ store, clock, boot, random }),
    signing: createSigning({ db, store, issuer, clock }),
    proofs,
    cosigning: createWitnesses({ db, store, proofs, clock, witnesses, post: postToWitness }),
  }
}

/** What the computers wrote, and what does not fit in it. */
function createWritten(
  given: Omit<EvidenceParts, 'store' | 'findings'> & Pick<FindingParts, 'newId'>,
  changed: (findingId: string) => void,
) {
  const store = createEvidenceStore(given.db.read)
  const findings = createFindings({ ...given, store, changed })
  const evidence = createEvidence({ ...given, store, findings })
  return { findings, evidence, ...createFindingCare({ ...given, store, findings, changed }) }
}

type Given = Pick<
  Parameters<typeof createDevices>[0],
  'db' | 'issuer' | 'clock' | 'random' | 'newId' | 'ledger' | 'keys' | 'publicUrl'
>

/**
 * From a computer to an approval. Two steps need a word of a later one: a computer is welcomed with its first policy,
 * and a request that arrives may have been decided by its code. Both are called only when everything is made.
 */
function createAsking(given: Given, changed: (topic: Topic) => (id: string) => void) {
  const { read } = given.db
  const later: { policies?: Policies; approvals?: Approvals } = {}
  const devices = createDevices({
    ...given,
    store: createDeviceStore(read),
    changed: changed('devices'),
    firstPolicy: (...call) => made(later.policies).firstPolicy(...call),
  })
  const policies = createPolicies({
    ...given,
    devices,
    store: createPolicyStore(read),
    policyLengthMax: POLICY_JWS_MAX,
    changed: () => changed('settings')(''),
  })
  later.policies = policies
  const requests = createRequests({
    ...given,
    devices,
    policies,
    store: createRequestStore(read),
    changed: changed('requests'),
    joined: (...call) => made(later.approvals).joined(...call),
  })
  const approvals = createApprovals({
    ...given,
    devices,
    policies,
    requests,
    store: createApprovalStore(read),
  })
  later.approvals = approvals
  return { devices, policies, requests, approvals }
}

function made<T>(step: T | undefined): T {
  if (step === undefined) throw new Error('a step was called before all of them were made')
  return step
}
