import { credentials, endReasons, type ReportName } from '@stint/elevation'
import type { Device } from '@stint/wire/console'
import type {
  ComputerRow,
  DeniedRow,
  EffectivePolicyRow,
  ProcessRow,
  ProgramReportRow,
  RequestReportRow,
  UsageRow,
} from '@stint/wire/reports'
import { changedSessionId } from './sessions.ts'
import { ago } from './world.ts'

/** Every row of every report, newest first where it has a time. */
export interface ReportRows extends Record<ReportName, readonly object[]> {
  usage: UsageRow[]
  processes: ProcessRow[]
  requests: RequestReportRow[]
  programs: ProgramReportRow[]
  denied: DeniedRow[]
  'effective-policy': EffectivePolicyRow[]
  computers: ComputerRow[]
}

const reasons = [
  'Update the scanner software',
  'Repair the accounting database',
  'Certificate for the VPN has to go into the system store',
  'Replace the label printer firmware',
  'New docking station needs its driver',
  'Disk is full, old kernels must go',
]
const approvers = [
  { id: 'person:0192f000-0000-7000-8000-00000000aa01', name: 'Tomasz Nowak' },
  { id: 'person:0192f000-0000-7000-8000-00000000aa02', name: 'Aisha Rahman' },
  { id: 'token:0192f000-0000-7000-8000-00000000ee01', name: 'Ticket system' },
] as const
const paths = [
  '/usr/bin/apt-get',
  '/usr/bin/dpkg',
  '/usr/bin/bash',
  '/usr/bin/systemctl',
  '/usr/sbin/lpadmin',
]
const SESSIONS = 72

const pick = <T>(list: readonly T[], at: number): T => list[at % list.length] as T
const hash = (n: number) => n.toString(16).padStart(2, '0').repeat(32).slice(0, 64)
const id = (kind: string, n: number) => `0192f000-0000-7000-8000-${kind}${n.toString().padStart(10, '0')}`

export function makeReportRows(now: number, devices: readonly Device[]): ReportRows {
  const usage = makeUsage(now, devices)
  return {
    usage,
    processes: usage.slice(0, 12).flatMap((row, at) => processesOf(row, at)),
    requests: makeRequests(now, usage),
    programs: paths.map((program, at) => programRow(now, program, at)),
    denied: usage.slice(0, 9).map((row, at) => deniedRow(row, at)),
    'effective-policy': devices.map((device) => policyRow(now, device)),
    computers: devices.map((device) => computerRow(device, usage)),
  }
}

const computerOf = (device: Device) => ({
  id: device.id,
  name: device.name,
  class: device.class.toLowerCase(),
  os: device.os,
})

function makeUsage(now: number, devices: readonly Device[]): UsageRow[] {
  const used = devices.filter(({ users }) => users.length > 0)
  return Array.from({ length: SESSIONS }, (_, n): UsageRow => {
    const device = pick(used, n * n + n)
    const person = pick(device.users, n)
    const elevationSeconds = 90 + ((n * 397) % 3400)
    const minutes = 12 + n * n * 8
    return {
      sessionId: n === 2 ? changedSessionId : id('c5', n),
      ...endOf(now, n, minutes - elevationSeconds / 60),
      credential: pick(credentials, n % 5 < 3 ? 1 : 0),
      passcode: null,
      requestId: id('d5', n),
      user: {
        id: person.userId,
        name: person.name,
        ...(n % 4 === 0 ? { domain: 'corp.example', ou: 'Sales' } : { domain: null, ou: null }),
      },
      approvedBy: pick(approvers, n),
      computer: computerOf(device),
      mode: 'session',
      reason: n % 9 === 7 ? null : pick(reasons, n),
      ticket: n % 3 === 0 ? `HELP-${2200 + n}` : null,
      activatedAt: ago(now, minutes),
      endsAt: ago(now, minutes - 60),
      use: { n: 1, of: 1 },
      elevationSeconds,
      processes: (n * 7) % 40,
    }
  })
}

function endOf(now: number, n: number, minutes: number) {
  if (n === 0) {
    return { state: 'live', endedAt: null, endReason: null, completeness: 'not-yet-reported' } as const
  }
  return {
    state: 'ended',
    endedAt: ago(now, minutes),
    endReason: pick(endReasons.slice(0, 5), n),
    completeness: n % 11 === 4 ? 'incomplete' : 'complete',
  } as const
}

function processesOf(row: UsageRow, at: number): ProcessRow[] {
  return paths.map((program, n) => ({
    sessionId: row.sessionId,
    user: row.user,
    computer: row.computer,
    pid: 4000 + at * 20 + n,
    parentPid: 3999,
    program,
    args: [program, '--option', `value-${n}`],
    argsCut: false,
    directory: '/root',
    sha256: hash(n + 1),
    startedAt: row.activatedAt,
    endedAt: n === 4 ? null : row.activatedAt,
    exitCode: n === 4 ? null : n === 3 ? 1 : 0,
    signal: null,
  }))
}

function stateOf(n: number): RequestReportRow['state'] {
  if (n === 1) return 'pending'
  if (n % 8 === 5) return 'denied'
  return n % 13 === 6 ? 'expired' : 'approved'
}

function answerOf(row: UsageRow, state: RequestReportRow['state'], n: number) {
  if (state !== 'approved' && state !== 'denied') {
    return { answeredAt: null, answeredBy: null, carried: null, callerCheck: null, answerSeconds: null }
  }
  const byTelephone = row.credential === 'response-code'
  return {
    answeredAt: row.activatedAt,
    answeredBy: row.approvedBy,
    carried: byTelephone ? ('telephone' as const) : ('network' as const),
    callerCheck: byTelephone ? ('called-back' as const) : null,
    answerSeconds: 30 + ((n * 53) % 900),
  }
}

function makeRequests(now: number, usage: readonly UsageRow[]): RequestReportRow[] {
  return usage.map((row, n): RequestReportRow => {
    const state = stateOf(n)
    const answer = answerOf(row, state, n)
    return {
      requestId: n === 1 ? '0192f000-0000-7000-8000-00000000dd02' : (row.requestId ?? ''),
      state,
      source: row.credential === 'response-code' ? 'code' : 'network',
      user: row.user,
      computer: row.computer,
      mode: row.mode,
      reason: row.reason,
      ticket: row.ticket,
      minutesAsked: 60,
      minutesGranted: state === 'approved' ? 30 : null,
      createdAt: ago(now, 20 + n * n * 8),
      note: null,
      ...answer,
      sessionId: state === 'approved' ? row.sessionId : null,
    }
  })
}

function programRow(now: number, program: string, at: number): ProgramReportRow {
  const [firstSeenAt, lastSeenAt] = [ago(now, 60 * 24 * (200 - at * 45)), ago(now, 12 + at * 300)]
  const variant = (n: number) => ({ sha256: hash(n + 16), firstSeenAt, lastSeenAt })
  return {
    program,
    starts: 400 - at * 77,
    firstSeenAt,
    lastSeenAt,
    people: 7 - at,
    computers: 6 - at,
    variants: at === 0 ? [variant(1), variant(2)] : [variant(at + 3)],
  }
}

function deniedRow(row: UsageRow, at: number): DeniedRow {
  const program = pick(['/usr/bin/nmap', '/usr/bin/mysql'], at)
  return {
    at: row.activatedAt,
    sessionId: row.sessionId,
    user: row.user,
    computer: row.computer,
    program,
    args: [program, '-sS', `10.0.0.${at}`],
    sha256: hash(at + 40),
    rule: at % 4 === 3 ? null : 'no-scanners',
    repeated: at % 3,
  }
}

function policyRow(now: number, device: Device): EffectivePolicyRow {
  const chosen = {
    from: 'settings',
    version: 4,
    changedAt: ago(now, 60 * 24 * 3),
    changedBy: 'Ingrid Berg',
  } as const
  const delivered = { from: 'default', version: null, changedAt: null, changedBy: null } as const
  return {
    computer: computerOf(device),
    serial: device.policySerial,
    wanted: device.policyWanted,
    settings:
      device.policySerial === null
        ? []
        : [
            { name: 'offlineCodes', value: true, ...chosen },
            { name: 'minutesCeiling', value: 240, ...delivered },
            {
              name: 'contacts',
              value: { email: 'helpdesk@example.org', link: '', telephone: '' },
              ...chosen,
            },
            { name: 'redact', value: [], ...delivered },
          ],
  }
}

function computerRow(device: Device, usage: readonly UsageRow[]): ComputerRow {
  return {
    computer: computerOf(device),
    state: device.state,
    agentVersion: device.agentVersion,
    enrolledAt: device.enrolledAt,
    lastSeenAt: device.lastSeenAt,
    online: device.online,
    weaknesses: device.weaknesses,
    policySerial: device.policySerial,
    policyWanted: device.policyWanted,
    sessions: usage.filter(({ computer }) => computer.id === device.id).length,
  }
}
