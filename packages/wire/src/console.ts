/**
 * What the console, scripts and other systems say to the server: the shapes of `/api/v1`. JSON bodies, times RFC 3339
 * UTC with milliseconds, refusals as problem details (RFC 9457). The server's routes are made from these schemas, so
 * its OpenAPI document cannot differ from them.
 *
 * Every list is a page: `{ items, cursor }`, asked with `?limit&cursor`, newest first unless it says otherwise.
 *
 *     GET  /join/:token → JoinInfo            POST /join/:token JoinBody → Me
 *     POST /sign-in SignInBody → Me           POST /sign-out → 204            GET /me → Me
 *     GET  /people → Person page              POST /people InviteBody → InvitationMade
 *     PATCH /people/:id PersonPatch → Person  POST /people/:id/link → InvitationMade
 *     GET  /tokens → ApiToken page            POST /tokens ApiTokenBody → ApiTokenMade    DELETE /tokens/:id → 204
 *     GET  /devices → Device page             GET  /devices/:id → Device
 *     POST /devices/:id/revoke → Device       POST /devices/:id/release → Device (a suspended one)
 *     GET  /enrollment-tokens → page          POST /enrollment-tokens EnrollmentTokenBody → EnrollmentTokenMade
 *     DELETE /enrollment-tokens/:id → 204
 *     GET  /settings → Settings               PUT  /settings SettingsBody → Settings
 *     GET  /requests?state → RequestView page GET  /requests/:id → RequestView
 *     POST /requests/:id/approve ApproveBody → RequestView   POST /requests/:id/deny DenyBody → RequestView
 *     POST /codes/identify → CodeIdentified   POST /codes/resolve → CodeResolved   POST /codes/issue → CodeIssued
 *     GET  /sessions?state&device → SessionSummary page      GET /sessions/:id → SessionDetail
 *     GET  /sessions/:id/processes → ProcessView page        POST /sessions/:id/end → 204
 *     GET  /ledger → LedgerEntry page         GET  /overview → Overview       GET /events → ConsoleEvent stream
 */
import {
  callerChecks,
  changeKinds,
  completeness,
  credentials,
  deviceStates,
  endReasons,
  ledgerTypes,
  modes,
  requestSources,
  requestStates,
  rights,
  roles,
  sessionStates,
} from '@stint/elevation'
import { Interface, Omit } from 'typebox'
import { Finding, sealings, VerdictCause } from './findings.ts'
import { Hex, Id, OneOf, type Static, Strict, Text, Time, Type } from './parse.ts'
import { settingShapes } from './policy.ts'

const Nullable = <T extends import('typebox').TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const Count = Type.Integer({ minimum: 0 })

/** A page of a list. `cursor` of the answer, given back, continues it; null at the end. */
export const PageQuery = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
  cursor: Type.Optional(Type.String({ maxLength: 200 })),
})
export const Page = <T extends import('typebox').TSchema>(item: T) =>
  Type.Object({ items: Type.Array(item), cursor: Nullable(Type.String()) })

export { Problem } from './problem.ts'

// People -------------------------------------------------------------------------------------------------------

const Email = Type.String({ minLength: 3, maxLength: 254, pattern: '^[^\\s@]+@[^\\s@]+$' })
const Password = Type.String({ minLength: 1, maxLength: 1024 })

/** GET /join/:token → who the one-time link is for. POST /join/:token {name, password} → Me, and the cookie. */
export const JoinInfo = Strict({ email: Type.String(), role: OneOf(roles), expiresAt: Time })
export type JoinInfo = Static<typeof JoinInfo>
export const JoinBody = Strict({ name: Text(100, 1), password: Password })
/** POST /sign-in → Me, and the cookie. POST /sign-out → 204. */
export const SignInBody = Strict({ email: Email, password: Password })
/** GET /me. `csrf` goes into the header `x-stint-csrf` of every call that changes something. */
export const Me = Strict({
  id: Id,
  email: Type.String(),
  name: Type.String(),
  role: OneOf(roles),
  rights: Type.Array(OneOf(rights)),
  csrf: Type.String(),
})
export type Me = Static<typeof Me>

export const Person = Strict({
  id: Id,
  email: Type.String(),
  name: Type.String(),
  role: OneOf(roles),
  state: OneOf(['invited', 'active', 'disabled'] as const),
  lastSeenAt: Nullable(Time),
  createdAt: Time,
})
export type Person = Static<typeof Person>
/** POST /people → { person, link }: the link is shown once. PATCH /people/:id */
export const InviteBody = Strict({ email: Email, role: OneOf(roles) })
export const PersonPatch = Strict({
  role: Type.Optional(OneOf(roles)),
  disabled: Type.Optional(Type.Boolean()),
})
/** `link` leads to the page where the person chooses a password; shown once. */
export const InvitationMade = Strict({ person: Person, link: Type.String() })
export type InvitationMade = Static<typeof InvitationMade>

/** POST /tokens → { token, secret }: the secret is shown once. GET /tokens, DELETE /tokens/:id */
export const ApiToken = Strict({
  id: Id,
  name: Type.String(),
  rights: Type.Array(OneOf(rights)),
  createdBy: Type.String(),
  createdAt: Time,
  lastUsedAt: Nullable(Time),
  expiresAt: Nullable(Time),
})
export type ApiToken = Static<typeof ApiToken>
export const ApiTokenBody = Strict({
  name: Text(100, 1),
  rights: Type.Array(OneOf(rights), { minItems: 1 }),
  days: Type.Optional(Type.Integer({ minimum: 1, maximum: 400 })),
})
/** `secret` goes into `authorization: Bearer …`; shown once. */
export const ApiTokenMade = Strict({ token: ApiToken, secret: Type.String() })
export type ApiTokenMade = Static<typeof ApiTokenMade>

// Computers ----------------------------------------------------------------------------------------------------

export const Device = Strict({
  id: Hex(16),
  devNo: Type.Integer(),
  /** First group of every session request code of this computer. */
  codePrefix: Type.String(),
  name: Type.String(),
  state: OneOf(deviceStates),
  os: Type.String(),
  class: Type.String(),
  agentVersion: Type.String(),
  online: Type.Boolean(),
  lastSeenAt: Nullable(Time),
  enrolledAt: Time,
  policySerial: Nullable(Type.Integer()),
  /** Serial that the computer should have. */
  policyWanted: Type.Integer(),
  users: Type.Array(Strict({ userId: Type.String(), name: Type.String() })),
  weaknesses: Type.Array(Type.String()),
  liveSessions: Count,
  openRequests: Count,
})
export type Device = Static<typeof Device>

export const EnrollmentToken = Strict({
  id: Hex(16),
  createdBy: Type.String(),
  createdAt: Time,
  expiresAt: Time,
  uses: Type.Integer(),
  used: Type.Integer(),
  revokedAt: Nullable(Time),
})
export type EnrollmentToken = Static<typeof EnrollmentToken>
export const EnrollmentTokenBody = Strict({
  minutes: Type.Integer({ minimum: 5, maximum: 30 * 24 * 60 }),
  uses: Type.Integer({ minimum: 1, maximum: 10_000 }),
})
/** POST /enrollment-tokens: `token` and `command` are shown once. */
export const EnrollmentTokenMade = Strict({
  item: EnrollmentToken,
  token: Type.String(),
  command: Type.String(),
})
export type EnrollmentTokenMade = Static<typeof EnrollmentTokenMade>

// Policy: one set of settings for every computer, until the policy tree ------------------------------------------

/** GET /settings, PUT /settings with the `version` that was read; a newer one in between refuses with `conflict`. */
export const Settings = Strict({
  version: Type.Integer(),
  changedAt: Nullable(Time),
  changedBy: Nullable(Type.String()),
  ...settingShapes,
})
export type Settings = Static<typeof Settings>
export const SettingsBody = Omit(Settings, ['changedAt', 'changedBy'])

// Requests -----------------------------------------------------------------------------------------------------

export const RequestView = Strict({
  id: Id,
  state: OneOf(requestStates),
  source: OneOf(requestSources),
  device: Strict({ id: Hex(16), name: Type.String(), online: Type.Boolean() }),
  userId: Type.String(),
  userName: Type.String(),
  mode: OneOf(modes),
  /** Null when only the code is known: the reason is still on the computer. */
  reason: Nullable(Type.String()),
  minutes: Nullable(Type.Integer()),
  ticket: Nullable(Type.String()),
  createdAt: Time,
  expiresAt: Time,
  decision: Nullable(
    Strict({
      by: Type.String(),
      at: Time,
      outcome: OneOf(['approved', 'denied'] as const),
      minutes: Nullable(Type.Integer()),
      endProcesses: Nullable(Type.Boolean()),
      note: Type.String(),
      callerCheck: Nullable(OneOf(callerChecks)),
      carried: OneOf(['network', 'telephone'] as const),
    }),
  ),
  sessionId: Nullable(Id),
  ceilingMinutes: Type.Integer(),
})
export type RequestView = Static<typeof RequestView>
export const RequestQuery = Interface([PageQuery], { state: Type.Optional(OneOf(requestStates)) })
/** POST /requests/:id/approve */
export const ApproveBody = Strict({
  minutes: Type.Integer({ minimum: 1, maximum: 10080 }),
  endProcesses: Type.Boolean(),
  note: Text(1000),
})
/** POST /requests/:id/deny */
export const DenyBody = Strict({ note: Text(1000, 1) })

// Codes by telephone -------------------------------------------------------------------------------------------

const CodeText = Type.String({ maxLength: 200 })
/** POST /codes/identify: five symbols are enough. → { device } or { device: null } */
export const CodeIdentifyBody = Strict({ text: CodeText })
export const CodeIdentified = Strict({
  device: Nullable(
    Strict({ id: Hex(16), name: Type.String(), state: OneOf(deviceStates), lastSeenAt: Nullable(Time) }),
  ),
})
export type CodeIdentified = Static<typeof CodeIdentified>
/** POST /codes/resolve: the whole code; `userName` when the computer's user is not known yet. */
export const CodeResolveBody = Strict({ text: CodeText, userName: Type.Optional(Text(256)) })
export const warnings = [
  'counter-went-back',
  'device-silent',
  'policy-old',
  'user-unknown',
  'not-sent',
] as const
export type Warning = (typeof warnings)[number]
export const CodeResolved = Strict({
  /** The request it is, made now if only the code is known. Null: no fit as typed. */
  request: Nullable(RequestView),
  requestCode: Nullable(Type.String()),
  warnings: Type.Array(OneOf(warnings)),
  /** Sessions of this user on this computer in the last seven days. */
  sessionsThisWeek: Count,
  /** "Did you mean": whole codes, one symbol or swap away. Likeliest first. */
  suggestions: Type.Array(
    Strict({ requestCode: Type.String(), deviceName: Type.String(), userName: Type.String() }),
  ),
})
export type CodeResolved = Static<typeof CodeResolved>
/** POST /codes/issue. The same again gives the same code, and is recorded again. */
export const CodeIssueBody = Strict({
  requestId: Id,
  minutes: Type.Integer({ minimum: 1, maximum: 10080 }),
  endProcesses: Type.Boolean(),
  callerCheck: OneOf(callerChecks),
  note: Text(1000),
})
export const CodeIssued = Strict({
  requestId: Id,
  /** Two groups of five symbols. */
  text: Type.String(),
  /** Three groups of five digits. */
  digits: Type.String(),
  words: Type.Array(Type.String()),
  minutes: Type.Integer(),
  endProcesses: Type.Boolean(),
  /** Take it off the screen after this long. */
  hideAfterSeconds: Type.Integer(),
})
export type CodeIssued = Static<typeof CodeIssued>

// Sessions -----------------------------------------------------------------------------------------------------

export const SessionSummary = Strict({
  id: Id,
  state: OneOf(sessionStates),
  device: Strict({ id: Hex(16), name: Type.String() }),
  userId: Type.String(),
  userName: Type.String(),
  mode: OneOf(modes),
  credential: OneOf(credentials),
  reason: Nullable(Type.String()),
  ticket: Nullable(Type.String()),
  approvedBy: Nullable(Type.String()),
  startedAt: Time,
  endsAt: Time,
  endedAt: Nullable(Time),
  endReason: Nullable(OneOf(endReasons)),
  processes: Count,
  completeness: OneOf(completeness),
  /** Over by its deadline, and the computer has not reported how it ended: `state` is still `live`. */
  overdue: Type.Boolean(),
  requestId: Nullable(Id),
})
export type SessionSummary = Static<typeof SessionSummary>
export const SessionQuery = Interface([PageQuery], {
  state: Type.Optional(OneOf(sessionStates)),
  device: Type.Optional(Hex(16)),
})

export const SessionDetail = Strict({
  summary: SessionSummary,
  request: Nullable(RequestView),
  endProcesses: Type.Boolean(),
  recording: Type.String(),
  /** What keeps denied programs from starting; 'no rules'; or a sentence why nothing does. */
  denying: Type.String(),
  wasAdministrator: Type.Boolean(),
  proven: Nullable(Type.Boolean()),
  stillRunning: Type.Array(Strict({ pid: Type.Integer(), startedAt: Time, program: Type.String() })),
  gaps: Type.Array(Strict({ from: Time, to: Time, cause: Type.String() })),
  /** Programs that were kept from starting, oldest first; the first 200 of `deniedCount`. */
  denied: Type.Array(
    Strict({
      at: Time,
      pid: Type.Integer(),
      uid: Count,
      program: Type.String(),
      args: Type.Array(Type.String()),
      argsCut: Type.Boolean(),
      redacted: Count,
      /** `id` of the rule, or null: nothing is allowed that no rule allows. */
      rule: Nullable(Type.String()),
      /** Further starts by the same process that were not written one by one. */
      repeated: Count,
    }),
  ),
  deniedCount: Count,
  /** Null until the computer compared; then what is not as it was before the session. */
  changes: Nullable(
    Strict({
      items: Type.Array(
        Strict({
          kind: OneOf(changeKinds),
          what: Type.String(),
          before: Nullable(Type.String()),
          after: Nullable(Type.String()),
          at: Nullable(Time),
          /** Programs of the recording that ran at that moment without another under them, at most 5. */
          during: Type.Array(Strict({ pid: Type.Integer(), startedAt: Time, program: Type.String() })),
          undone: OneOf(['not-asked', 'undone', 'failed'] as const),
        }),
      ),
      /** Places that could not be compared, in plain words. */
      unread: Type.Array(Type.String()),
      cut: Type.Boolean(),
    }),
  ),
  verdict: Strict({
    /** Empty unless `summary.completeness` is `incomplete`. */
    causes: Type.Array(VerdictCause),
    sealing: OneOf(sealings),
  }),
  /** Findings about this session, newest first. */
  findings: Type.Array(Finding),
  /** Whether its evidence can be taken away as a bundle now. */
  bundle: Type.Boolean(),
  /** What happened, in order, from both sides. */
  timeline: Type.Array(
    Strict({
      at: Time,
      where: OneOf(['computer', 'server'] as const),
      type: Type.String(),
      who: Type.String(),
      text: Type.String(),
    }),
  ),
})
export type SessionDetail = Static<typeof SessionDetail>

/** GET /sessions/:id/processes, oldest first. */
export const ProcessView = Strict({
  pid: Type.Integer(),
  parentPid: Type.Integer(),
  uid: Count,
  program: Type.String(),
  args: Type.Array(Type.String()),
  argsCut: Type.Boolean(),
  /** How many secrets were taken out of `args` before anything was written. */
  redacted: Count,
  directory: Nullable(Type.String()),
  sha256: Nullable(Type.String()),
  startedAt: Time,
  endedAt: Nullable(Time),
  exitCode: Nullable(Type.Integer()),
  signal: Nullable(Type.String()),
})
export type ProcessView = Static<typeof ProcessView>

// Ledger, overview, events ---------------------------------------------------------------------------------------

export const LedgerEntry = Strict({
  seq: Type.Integer(),
  at: Time,
  type: OneOf(ledgerTypes),
  /** Empty, as `subject` is, and `body` null, once what it says of people was dropped. */
  actor: Type.String(),
  subject: Type.String(),
  body: Type.Unknown(),
})
export type LedgerEntry = Static<typeof LedgerEntry>

/** GET /overview: what the first screen counts. */
export const Overview = Strict({
  pendingRequests: Count,
  liveSessions: Count,
  devices: Count,
  devicesOnline: Count,
  /** Findings that nobody has acknowledged. */
  openFindings: Count,
  /** What a new installation still has to do; empty when nothing. */
  todo: Type.Array(
    OneOf(['enrol-computer', 'set-contacts', 'enable-offline-codes', 'invite-approver'] as const),
  ),
})
export type Overview = Static<typeof Overview>

/** GET /events (server-sent): something of that kind changed; read it again. */
export const ConsoleEvent = Strict({
  topic: OneOf(['requests', 'sessions', 'devices', 'settings', 'people', 'findings'] as const),
  id: Type.String(),
})
export type ConsoleEvent = Static<typeof ConsoleEvent>
