/**
 * The conversation between a person's programs (`stint`, the user's page) and the agent, over a unix socket that
 * only that person can open. Frames: JSON, one per line, at most `userFrameMax` bytes.
 * The agent knows who is calling from the socket, never from a message.
 */
import { credentials, endReasons, modes, requestStates } from '@stint/elevation'
import { Dictionary, Id, OneOf, type Static, Strict, Text, Time, Type } from './parse.ts'

export const Contacts = Strict({ email: Text(254), link: Text(2000), telephone: Text(64) })

const Call = <N extends string, P extends Record<string, import('typebox').TSchema>>(
  call: N,
  properties: P,
) => Strict({ id: Type.Integer({ minimum: 1, maximum: 2 ** 31 }), call: Type.Literal(call), ...properties })

/** A calls an agent answers. `answer` takes anything a person can type; its length is judged by the code protocol. */
export const UserCall = Type.Union([
  Call('status', {}),
  Call('request', {
    reason: Text(1000),
    minutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 10080 })),
    mode: OneOf(modes),
    ticket: Type.Optional(Text(64)),
    /** The person knows there is no network: do not wait for the courier. */
    offline: Type.Optional(Type.Boolean()),
  }),
  Call('answer', { text: Type.String({ maxLength: 60_000 }) }),
  Call('withdraw', {}),
  Call('end', {}),
  Call('history', { limit: Type.Integer({ minimum: 1, maximum: 100 }) }),
  /** From now on a `UserEvent` frame follows every change, until the connection closes. */
  Call('watch', {}),
])
export type UserCall = Static<typeof UserCall>

export const OpenRequestView = Strict({
  requestId: Id,
  /** Three groups of five symbols. */
  requestCode: Type.String(),
  state: OneOf(requestStates),
  mode: OneOf(modes),
  reason: Type.String(),
  minutes: Type.Integer(),
  ticket: Type.Union([Type.String(), Type.Null()]),
  /** The server has it; an approver sees it without a telephone call. */
  sent: Type.Boolean(),
  createdAt: Time,
  /** How many wrong answers this request still takes. */
  triesLeft: Type.Integer(),
})
export type OpenRequestView = Static<typeof OpenRequestView>

export const SessionView = Strict({
  sessionId: Id,
  mode: OneOf(modes),
  credential: OneOf(credentials),
  reason: Type.String(),
  startedAt: Time,
  endsAt: Time,
  endProcesses: Type.Boolean(),
  endedAt: Type.Union([Time, Type.Null()]),
  endReason: Type.Union([OneOf(endReasons), Type.Null()]),
  /** Elevated processes so far. */
  processes: Type.Integer(),
})
export type SessionView = Static<typeof SessionView>

export const UserStatus = Strict({
  device: Strict({
    name: Type.String(),
    enrolled: Type.Boolean(),
    /** The courier has spoken with the server within the last minute. */
    online: Type.Boolean(),
    lastContactAt: Type.Union([Time, Type.Null()]),
  }),
  user: Strict({ name: Type.String() }),
  now: Time,
  request: Type.Union([OpenRequestView, Type.Null()]),
  session: Type.Union([SessionView, Type.Null()]),
  /** How the last request ended when it did not become a session; shown once to the person. */
  lastDecision: Type.Union([
    Strict({ requestId: Id, state: OneOf(requestStates), note: Type.String(), at: Time }),
    Type.Null(),
  ]),
  policy: Strict({
    offlineCodes: Type.Boolean(),
    minutesDefault: Type.Integer(),
    minutesCeiling: Type.Integer(),
    reasonMinLength: Type.Integer(),
    reasonMaxLength: Type.Integer(),
    ticketRequired: Type.Boolean(),
  }),
  contacts: Contacts,
  /** A pause or a lock after wrong codes. */
  pause: Type.Union([
    Strict({ kind: OneOf(['wait', 'locked', 'quarantine'] as const), remainingMs: Type.Integer() }),
    Type.Null(),
  ]),
})
export type UserStatus = Static<typeof UserStatus>

/** What comes back for each call, as a person's programs check it. */
export const userResultSchemas = {
  status: UserStatus,
  request: Strict({ ...OpenRequestView.properties, contacts: Contacts }),
  answer: SessionView,
  withdraw: Strict({ requestId: Id }),
  end: SessionView,
  history: Strict({ sessions: Type.Array(SessionView) }),
  watch: UserStatus,
} satisfies Record<UserCall['call'], import('typebox').TSchema>

export interface UserResults {
  status: UserStatus
  request: OpenRequestView & { readonly contacts: Static<typeof Contacts> }
  answer: SessionView
  withdraw: { readonly requestId: string }
  end: SessionView
  history: { readonly sessions: readonly SessionView[] }
  watch: UserStatus
}

/**
 * `notice`: 'five-minutes' and 'one-minute' before the end, 'ended' after it, 'denied' and 'approved' at once,
 * 'program-denied' when a rule kept a program from starting.
 */
export const noticeKinds = [
  'five-minutes',
  'one-minute',
  'ended',
  'approved',
  'denied',
  'expired',
  'program-denied',
] as const
export type NoticeKind = (typeof noticeKinds)[number]

/** What the agent sends after `watch`, unasked. */
export const UserEvent = Strict({
  event: OneOf(['status', 'notice'] as const),
  status: UserStatus,
  notice: Type.Optional(OneOf(noticeKinds)),
})
export type UserEvent = Static<typeof UserEvent>

const RefusalShape = Type.Object({
  code: Type.String(),
  message: Type.String(),
  hint: Type.String(),
  /** Numbers a face may show: `remainingMs`, `triesLeft` … */
  details: Type.Optional(Dictionary(Type.Union([Type.String(), Type.Number(), Type.Boolean()]))),
})

/** Every call gets exactly one of these, with its `id`. */
export const Reply = Type.Union([
  Strict({ id: Type.Integer(), ok: Type.Literal(true), result: Type.Unknown() }),
  Strict({ id: Type.Integer(), ok: Type.Literal(false), refused: RefusalShape }),
  Strict({ id: Type.Integer(), ok: Type.Literal(false), fault: RefusalShape }),
])
export type Reply = Static<typeof Reply>
