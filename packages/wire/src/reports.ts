/**
 * Reports: what is read, never written. Below `/api/v1/reports`, right `read-reports`; JSON as in `console.ts`.
 *
 *     GET /reports/:name?filter…&sort&limit&cursor → { items, cursor }     the rows, paged
 *     GET /reports/:name/summary?filter…           → what the charts of that report need
 *     GET /reports/:name/export?filter…&sort&format&bom → all rows, streamed: CSV (RFC 4180) or a JSON array
 *
 * | :name              | row                 | summary                  |
 * |--------------------|---------------------|--------------------------|
 * | `usage`            | `UsageRow`          | `UsageSummary`           |
 * | `processes`        | `ProcessRow`        | `ProcessesSummary`       |
 * | `requests`         | `RequestReportRow`  | `RequestsSummary`        |
 * | `programs`         | `ProgramReportRow`  | `ProgramsSummary`        |
 * | `denied`           | `DeniedRow`         | `DeniedSummary`          |
 * | `effective-policy` | `EffectivePolicyRow`| `EffectivePolicySummary` |
 * | `computers`        | `ComputerRow`       | `ComputersSummary`       |
 *
 * Drill-down: a row of `usage` opens `GET /reports/processes?session=ID`, or the session itself.
 * A period takes sessions by their start, requests by when they were made, denied starts by when they were tried:
 * `from` is inside, `to` is not. Days of a summary are days in UTC. Saved filters and schedules: `report-schedules.ts`.
 */
import {
  callerChecks,
  completeness,
  credentials,
  deviceStates,
  endReasons,
  exportFormats,
  modes,
  type ReportName,
  requestSources,
  requestStates,
  sessionStates,
} from '@stint/elevation'
import { Interface } from 'typebox'
import { Count, Hex, Id, OneOf, type Static, Strict, Text, Time, Type } from './parse.ts'

const Nullable = <T extends import('typebox').TSchema>(schema: T) => Type.Union([schema, Type.Null()])

// What is asked ------------------------------------------------------------------------------------------------

/** Each report uses the members that it has a column for and passes over the others. */
export const ReportFilter = Strict({
  from: Type.Optional(Time),
  to: Type.Optional(Time),
  /** Id of the computer. */
  device: Type.Optional(Hex(16)),
  /** Exact user id, as in `UserRef`. */
  user: Type.Optional(Text(300, 1)),
  /** Exact approver, as in `ApproverRef.id`. */
  approver: Type.Optional(Text(100, 1)),
  credential: Type.Optional(OneOf(credentials)),
  mode: Type.Optional(OneOf(modes)),
  endReason: Type.Optional(OneOf(endReasons)),
  completeness: Type.Optional(OneOf(completeness)),
  /** State of a request. */
  state: Type.Optional(OneOf(requestStates)),
  /** Exact path of a program. */
  program: Type.Optional(Text(4096, 1)),
  session: Type.Optional(Id),
  /** In names, reason, ticket or path, whichever the report shows; capitals do not matter. */
  text: Type.Optional(Text(200, 1)),
})
export type ReportFilter = Static<typeof ReportFilter>

/** The columns that each report can be sorted by; the first is how it comes. Descending with `-` before it. */
export const reportSorts = {
  usage: ['-activated', 'activated', '-elevation', '-processes', 'user', '-user', 'computer', '-computer'],
  processes: ['-session', 'session'],
  requests: ['-created', 'created', '-answer', 'answer', 'user', '-user', 'computer', '-computer'],
  programs: ['-starts', 'starts', '-first', 'first', '-last', 'last', '-people', '-computers', 'program'],
  denied: ['-at', 'at'],
  'effective-policy': ['computer', '-computer'],
  computers: ['computer', '-computer', '-seen', 'seen', '-sessions'],
} as const satisfies Record<ReportName, readonly string[]>

/** A filter that is misspelt must not find everything. */
const closed = { additionalProperties: false } as const
const Paging = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
  cursor: Type.Optional(Type.String({ maxLength: 4000 })),
}
/** Query of the list of one report. */
export const ReportQuery = <N extends ReportName>(name: N) =>
  Interface([ReportFilter], { sort: Type.Optional(OneOf(reportSorts[name])), ...Paging }, closed)
/**
 * `bom`: begin the CSV with a byte order mark. Excel takes a CSV without one for the local code page and garbles
 * names; most other programs want none. Cells that a spreadsheet would take for a formula begin with `'`.
 */
export const ExportQuery = <N extends ReportName>(name: N) =>
  Interface(
    [ReportFilter],
    {
      sort: Type.Optional(OneOf(reportSorts[name])),
      format: Type.Optional(OneOf(exportFormats)),
      bom: Type.Optional(Type.Boolean()),
    },
    closed,
  )

// What rows are made of ------------------------------------------------------------------------------------------

/** `domain` and `ou` are part of the id where a directory gave one, and null for a local account. */
export const UserRef = Strict({
  id: Type.String(),
  name: Type.String(),
  domain: Nullable(Type.String()),
  ou: Nullable(Type.String()),
})
export type UserRef = Static<typeof UserRef>
/** `class` is server, workstation, laptop, vm or unknown. */
export const ComputerRef = Strict({
  id: Hex(16),
  name: Type.String(),
  class: Type.String(),
  os: Type.String(),
})
export type ComputerRef = Static<typeof ComputerRef>
/** `id` is `person:…` or `token:…`, and what the filter `approver` takes. */
export const ApproverRef = Strict({ id: Type.String(), name: Type.String() })
export type ApproverRef = Static<typeof ApproverRef>

/** Temporary Session Elevation Usage: one session. */
export const UsageRow = Strict({
  sessionId: Id,
  state: OneOf(sessionStates),
  /** How it was given. */
  credential: OneOf(credentials),
  /** Null until there are passcodes, and for every other credential. */
  passcode: Nullable(Strict({ id: Type.String(), title: Type.String() })),
  requestId: Nullable(Id),
  /** Who asked; the rights are this person's. */
  user: UserRef,
  approvedBy: Nullable(ApproverRef),
  computer: ComputerRef,
  mode: OneOf(modes),
  reason: Nullable(Type.String()),
  ticket: Nullable(Type.String()),
  activatedAt: Time,
  endsAt: Time,
  endedAt: Nullable(Time),
  endReason: Nullable(OneOf(endReasons)),
  /** Use n of m. Codes are used once; null where the credential is not counted by uses. */
  use: Nullable(Strict({ n: Count, of: Count })),
  /** Until the end, or until now while it is live. */
  elevationSeconds: Count,
  processes: Count,
  completeness: OneOf(completeness),
})
export type UsageRow = Static<typeof UsageRow>

/** One process launched in a session. */
export const ProcessRow = Strict({
  sessionId: Id,
  user: UserRef,
  computer: ComputerRef,
  pid: Type.Integer(),
  parentPid: Type.Integer(),
  program: Type.String(),
  args: Type.Array(Type.String()),
  argsCut: Type.Boolean(),
  directory: Nullable(Type.String()),
  sha256: Nullable(Type.String()),
  startedAt: Time,
  endedAt: Nullable(Time),
  exitCode: Nullable(Type.Integer()),
  signal: Nullable(Type.String()),
})
export type ProcessRow = Static<typeof ProcessRow>

export const RequestReportRow = Strict({
  requestId: Id,
  state: OneOf(requestStates),
  source: OneOf(requestSources),
  user: UserRef,
  computer: ComputerRef,
  mode: OneOf(modes),
  reason: Nullable(Type.String()),
  ticket: Nullable(Type.String()),
  minutesAsked: Nullable(Type.Integer()),
  minutesGranted: Nullable(Type.Integer()),
  createdAt: Time,
  answeredAt: Nullable(Time),
  answeredBy: Nullable(ApproverRef),
  carried: Nullable(OneOf(['network', 'telephone'] as const)),
  callerCheck: Nullable(OneOf(callerChecks)),
  note: Nullable(Type.String()),
  /** Time to answer. The computer's clock begins it and the server's ends it; never below 0. */
  answerSeconds: Nullable(Count),
  sessionId: Nullable(Id),
})
export type RequestReportRow = Static<typeof RequestReportRow>

/** An elevated application. Starts, people and computers are of the period; first and last seen are of all time. */
export const ProgramReportRow = Strict({
  program: Type.String(),
  starts: Count,
  /** Starts of the sessions in which it was first and last seen. */
  firstSeenAt: Time,
  lastSeenAt: Time,
  /** Distinct user ids; local accounts of the same number and name on two computers are one. */
  people: Count,
  computers: Count,
  /** Contents that it had, newest first, at most 20; null for one that could not be read. */
  variants: Type.Array(Strict({ sha256: Nullable(Type.String()), firstSeenAt: Time, lastSeenAt: Time })),
})
export type ProgramReportRow = Static<typeof ProgramReportRow>

/** A program that a rule kept from starting. */
export const DeniedRow = Strict({
  at: Time,
  sessionId: Id,
  user: UserRef,
  computer: ComputerRef,
  program: Type.String(),
  args: Type.Array(Type.String()),
  sha256: Nullable(Type.String()),
  /** Null: nothing is allowed that no rule allows. */
  rule: Nullable(Type.String()),
  /** Further starts of the same that were not written one by one. */
  repeated: Count,
})
export type DeniedRow = Static<typeof DeniedRow>

/** The policy that a computer said it applies. */
export const EffectivePolicyRow = Strict({
  computer: ComputerRef,
  /** Null before the computer has said so; then `settings` is empty. */
  serial: Nullable(Type.Integer()),
  /** Serial that it should have. */
  wanted: Type.Integer(),
  settings: Type.Array(
    Strict({
      name: Type.String(),
      value: Type.Unknown(),
      /** `default`: of the product; `settings`: chosen, in the version below. */
      from: OneOf(['default', 'settings'] as const),
      version: Nullable(Type.Integer()),
      changedAt: Nullable(Time),
      changedBy: Nullable(Type.String()),
    }),
  ),
})
export type EffectivePolicyRow = Static<typeof EffectivePolicyRow>

export const ComputerRow = Strict({
  computer: ComputerRef,
  state: OneOf(deviceStates),
  agentVersion: Type.String(),
  enrolledAt: Time,
  lastSeenAt: Nullable(Time),
  online: Type.Boolean(),
  /** What it cannot do, in plain words; empty when all is well. */
  weaknesses: Type.Array(Type.String()),
  policySerial: Nullable(Type.Integer()),
  policyWanted: Type.Integer(),
  /** Sessions that began in the period. */
  sessions: Count,
})
export type ComputerRow = Static<typeof ComputerRow>

// Summaries -----------------------------------------------------------------------------------------------------

const Day = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$' })
/** How many of each member; those with none are left out. Most first. */
const Shares = Type.Array(Strict({ name: Type.String(), count: Count }))
/** Most first, at most ten. `id` is what a filter takes. */
const Top = Type.Array(Strict({ id: Type.String(), name: Type.String(), count: Count }))

/** Days without a session are left out. */
export const UsageSummary = Strict({
  sessions: Count,
  processes: Count,
  elevationSeconds: Count,
  people: Count,
  computers: Count,
  perDay: Type.Array(Strict({ day: Day, sessions: Count, processes: Count, elevationSeconds: Count })),
  credentials: Shares,
  modes: Shares,
  endReasons: Shares,
  completeness: Shares,
  topUsers: Top,
  topComputers: Top,
  topApprovers: Top,
})
export type UsageSummary = Static<typeof UsageSummary>

/** Counted from the sessions that fit: `processes` is of these sessions, also where a program was asked for. */
export const ProcessesSummary = Strict({ sessions: Count, processes: Count })
export type ProcessesSummary = Static<typeof ProcessesSummary>

export const RequestsSummary = Strict({
  /** All that were made. */
  generated: Count,
  approved: Count,
  denied: Count,
  pending: Count,
  withdrawn: Count,
  expired: Count,
  void: Count,
  answered: Count,
  /** Of those that were answered; null when none was. Nearest rank. */
  medianAnswerSeconds: Nullable(Count),
  p95AnswerSeconds: Nullable(Count),
  perDay: Type.Array(Strict({ day: Day, generated: Count, approved: Count, denied: Count })),
  topUsers: Top,
  topComputers: Top,
  topApprovers: Top,
})
export type RequestsSummary = Static<typeof RequestsSummary>

export const ProgramsSummary = Strict({
  programs: Count,
  starts: Count,
  /** Most used, `id` is the path. */
  top: Top,
  perDay: Type.Array(Strict({ day: Day, starts: Count })),
  /** Programs first seen in the period, newest first, at most ten. */
  newest: Type.Array(Strict({ program: Type.String(), firstSeenAt: Time })),
})
export type ProgramsSummary = Static<typeof ProgramsSummary>

export const DeniedSummary = Strict({
  denied: Count,
  perDay: Type.Array(Strict({ day: Day, denied: Count })),
  topPrograms: Top,
  topRules: Top,
  topUsers: Top,
  topComputers: Top,
})
export type DeniedSummary = Static<typeof DeniedSummary>

export const EffectivePolicySummary = Strict({
  computers: Count,
  /** They apply what they should, an older one, or have not said so. */
  current: Count,
  behind: Count,
  unknown: Count,
})
export type EffectivePolicySummary = Static<typeof EffectivePolicySummary>

export const ComputersSummary = Strict({
  computers: Count,
  online: Count,
  withWeaknesses: Count,
  classes: Shares,
  systems: Shares,
  versions: Shares,
  states: Shares,
})
export type ComputersSummary = Static<typeof ComputersSummary>
