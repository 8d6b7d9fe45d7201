import { defaultPolicy, type Right, rights } from '@stint/elevation'
import type { Static } from '@stint/wire'
import type {
  ApiToken,
  Device,
  EnrollmentToken,
  LedgerEntry,
  Me,
  Person,
  ProcessView,
  RequestView,
  SessionDetail,
  Settings,
} from '@stint/wire/console'
import type { Finding } from '@stint/wire/findings'
import type { SavedFilter, Schedule } from '@stint/wire/report-schedules'
import type { Sink } from '@stint/wire/sinks'
import type { Refusal } from './call.ts'
import { makeDevices } from './devices.ts'
import { makeFindings } from './evidence.ts'
import { makeReportRows, type ReportRows } from './report-rows.ts'
import { makeRequests } from './requests.ts'
import { makeFilters, makeSchedules } from './schedules.ts'
import { makeProcesses, makeSessions } from './sessions.ts'
import { makeSinks } from './sinks.ts'

export type Process = Static<typeof ProcessView>

/** Everything the fake server knows. Tests reach in and change it. */
export interface World {
  readonly now: () => number
  /** Null: nobody is signed in. */
  me: Me | null
  account: { readonly email: string; readonly password: string; readonly me: Me }
  devices: Device[]
  requests: RequestView[]
  sessions: SessionDetail[]
  processes: Record<string, Process[]>
  people: Person[]
  tokens: ApiToken[]
  enrollmentTokens: EnrollmentToken[]
  settings: Settings
  ledger: LedgerEntry[]
  reports: ReportRows
  filters: SavedFilter[]
  schedules: Schedule[]
  findings: Finding[]
  sinks: Sink[]
  todo: ('enrol-computer' | 'set-contacts' | 'enable-offline-codes' | 'invite-approver')[]
  joinTokens: Record<string, { email: string; role: Person['role'] }>
  /** Refuses the next call of that method and path with this problem. */
  failNext:
    | (Refusal & { readonly method: string; readonly path: string; readonly fields?: Record<string, string> })
    | null
  made: number
}

/** A fresh id of the right shape. */
export function makeId(world: Pick<World, 'made'>): string {
  world.made += 1
  return `0192f000-0000-7000-8000-${world.made.toString(16).padStart(12, '0')}`
}

export function ago(now: number, minutes: number): string {
  return new Date(now - minutes * 60_000).toISOString()
}

export const ownerId = '0192f000-0000-7000-8000-aaaaaaaaaaaa'

export function makeMe(role: Person['role'], granted: readonly Right[]): Me {
  return {
    id: ownerId,
    email: 'ingrid.berg@example.org',
    name: 'Ingrid Berg',
    role,
    rights: [...granted],
    csrf: 'fake-csrf',
  }
}

/** A week in the life of a small organisation, around `now`. */
export function makeWorld(now: () => number): World {
  const at = now()
  const me = makeMe('owner', rights)
  const devices = makeDevices(at)
  const requests = makeRequests(at, devices)
  const findings = makeFindings(at, devices)
  return {
    now,
    me: null,
    account: { email: 'ingrid.berg@example.org', password: 'four words make one', me },
    devices,
    requests,
    sessions: makeSessions(at, devices, requests, findings),
    processes: makeProcesses(at),
    people: makePeople(at),
    tokens: [
      {
        id: '0192f000-0000-7000-8000-00000000ee01',
        name: 'Ticket system',
        rights: ['see', 'approve'],
        createdBy: 'Ingrid Berg',
        createdAt: ago(at, 60 * 24 * 12),
        lastUsedAt: ago(at, 14),
        expiresAt: new Date(at + 78 * 24 * 3600_000).toISOString(),
      },
    ],
    enrollmentTokens: [
      {
        id: 'c0ffee00c0ffee00c0ffee00c0ffee00',
        createdBy: 'Ingrid Berg',
        createdAt: ago(at, 35),
        expiresAt: new Date(at + 25 * 60_000).toISOString(),
        uses: 5,
        used: 2,
        revokedAt: null,
      },
    ],
    settings: {
      version: 4,
      changedAt: ago(at, 60 * 24 * 3),
      changedBy: 'Ingrid Berg',
      ...withoutModes(),
      offlineCodes: true,
      contacts: { email: 'helpdesk@example.org', link: '', telephone: '+46 8 123 45 67' },
    },
    ledger: makeLedger(at),
    reports: makeReportRows(at, devices),
    filters: makeFilters(at),
    schedules: makeSchedules(at),
    findings,
    sinks: makeSinks(at),
    todo: ['invite-approver', 'set-contacts'],
    joinTokens: { welcome: { email: 'nils.holm@example.org', role: 'approver' } },
    failNext: null,
    made: 0,
  }
}

function withoutModes() {
  const { modes: _modes, ...settings } = defaultPolicy
  return settings
}

function makePeople(now: number): Person[] {
  const person = (n: number, more: Partial<Person>): Person => ({
    id: `0192f000-0000-7000-8000-00000000aa0${n}`,
    email: '',
    name: '',
    role: 'approver',
    state: 'active',
    lastSeenAt: ago(now, 50 * n),
    createdAt: ago(now, 60 * 24 * 30),
    ...more,
  })
  return [
    person(0, { id: ownerId, email: 'ingrid.berg@example.org', name: 'Ingrid Berg', role: 'owner' }),
    person(1, { email: 'tomasz.nowak@example.org', name: 'Tomasz Nowak', role: 'approver' }),
    person(2, { email: 'aisha.rahman@example.org', name: 'Aisha Rahman', role: 'administrator' }),
    person(3, { email: 'revision@example.org', name: 'Klara Vogel', role: 'auditor' }),
    person(4, { email: 'nils.holm@example.org', state: 'invited', lastSeenAt: null }),
    person(5, { email: 'per.olsson@example.org', name: 'Per Olsson', state: 'disabled' }),
  ]
}

function makeLedger(now: number): LedgerEntry[] {
  const facts: readonly (readonly [LedgerEntry['type'], string, string, number])[] = [
    ['request.received', 'nb-lindqvist-04', 'request 0192…dd01', 3],
    ['request.received', 'ws-accounting-2', 'request 0192…dd02', 11],
    ['session.started', 'lab-printer-01', 'session 0192…cc01', 12],
    ['code.issued', 'Tomasz Nowak', 'request 0192…dd09', 13],
    ['caller.checked', 'Tomasz Nowak', 'request 0192…dd09', 13],
    ['request.decided', 'Tomasz Nowak', 'request 0192…dd09', 13],
    ['request.resolved', 'Tomasz Nowak', 'request 0192…dd09', 14],
    ['person.signed-in', 'Tomasz Nowak', 'tomasz.nowak@example.org', 26],
    ['enrollment-token.created', 'Ingrid Berg', 'token c0ff…', 35],
    ['device.suspended', 'server', 'vdi-pool-17', 180],
    ['policy.changed', 'Ingrid Berg', 'settings 4', 60 * 24 * 3],
    ['person.sign-in-refused', 'server', 'per.olsson@example.org', 60 * 24 * 4],
  ]
  return facts.map(([type, actor, subject, minutes], i) => ({
    seq: 1042 - i,
    at: ago(now, minutes),
    type,
    actor,
    subject,
    body: { v: 1, type, subject, note: 'example' },
  }))
}
