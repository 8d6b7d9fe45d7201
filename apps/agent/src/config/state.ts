import type { LimiterState } from '@stint/code'
import { emptyLimiter } from '@stint/code'
import type { Credential, EndReason, Mode, RequestState } from '@stint/elevation'
import { Fault } from '@stint/elevation'
import type { EnrolConfirm, EnrollmentTokenContent, HealConfirm } from '@stint/wire/device'
import type { Instant } from '../clock/clock.ts'
import type { Fact } from '../journal/fact.ts'

/**
 * Everything the agent remembers between two starts, in one file, so that what belongs together changes together.
 * Plain JSON; keys and ids are lower-case hex. For root only: it holds the private keys.
 */
export interface AgentState {
  readonly v: 1
  readonly identity: Identity
  /** Signed policy in force, compact JWS. */
  readonly policy: string | null
  readonly limiter: LimiterState
  /** The latest request of every user, open or decided. */
  readonly requests: readonly RequestRecord[]
  /** Sessions that are not proven over. */
  readonly sessions: readonly SessionRecord[]
  /** Sessions that are, newest first. */
  readonly ended: readonly EndedRecord[]
  /** Facts of this state that may not be in the journal yet. They were decided when the journal had `after` entries. */
  readonly owed: { readonly after: number; readonly facts: readonly Fact[] }
  /** The journal had at least so many entries when this was written. */
  readonly journalSize: number
  /** Entries with a receipt of the server. */
  readonly received: number
  /** The newest one that an entry of the journal names. */
  readonly receipt: KeptReceipt | null
  readonly clock: ClockMark | null
  /** The boot whose entry the journal has. */
  readonly bootNoted: string | null
  readonly heal: HealState
}

export type Identity =
  | { readonly state: 'unenrolled' }
  | Enrolling
  | (Enrolled & { readonly state: 'enrolled' })
  | (Enrolled & { readonly state: 'revoked' })

export interface Enrolling {
  readonly state: 'enrolling'
  readonly token: EnrollmentTokenContent
  /** Ed25519 seed, X25519 private keys; 32 bytes each. */
  readonly dik: string
  readonly dxk: string
  readonly eD: string
  readonly nD: string
  /** Public half of the first key of the journal. */
  readonly lsk: string
  /** What the verified welcome made of it; from now on only the confirmation is missing. */
  readonly agreed: Agreed | null
  /** Why the server said no. */
  readonly refused: { readonly code: string; readonly message: string } | null
}

export interface Agreed extends Pick<Enrolled, 'deviceId' | 'devNo' | 'crk' | 'trust'> {
  /** The first signed policy, compact JWS. */
  readonly policy: string
  readonly confirm: EnrolConfirm
}

export interface Enrolled {
  readonly tokenId: string
  readonly serverUrl: string
  readonly tenant: string
  readonly deviceId: string
  readonly devNo: number
  readonly dik: string
  readonly dxk: string
  /** Public half of the first key of the journal (LSK_0 of spec: evidence); the key itself is in a file of its own. */
  readonly lsk: string
  readonly epoch: number
  /** Code root key of `epoch`. */
  readonly crk: string
  /** Pinned trust bundle, canonical text. */
  readonly trust: string
}

/** A receipt of the server whose proof was verified. */
export interface KeptReceipt {
  /** H of its text, hex. */
  readonly hash: string
  /** Of the checkpoint that it is about. */
  readonly size: number
}

export interface HealState {
  /** A credential was used since the keys were last renewed. */
  readonly used: boolean
  /** The server asked for it. */
  readonly asked: boolean
  readonly lastWallMs: number
  /** The new keys are in force here, and the server has not said that it knows. */
  readonly unconfirmed: HealConfirm | null
}

export interface RequestRecord {
  readonly requestId: string
  readonly requestCode: string
  readonly counter: number
  readonly policySerial: number
  readonly epoch: number
  readonly uid: number
  readonly userId: string
  readonly userName: string
  readonly mode: Mode
  readonly reason: string
  readonly minutes: number
  readonly ticket: string | null
  readonly createdWallMs: number
  readonly state: RequestState
  /** The server has it. */
  readonly sent: boolean
  /** What an approver, or the agent, said at the decision. */
  readonly note: string
  readonly decidedWallMs: number | null
}

/** Where a session's time is counted from: the boot clock, which nobody turns, and the wall clock beside it. */
export interface Anchor extends Instant {
  readonly seconds: number
}

/**
 * `admitted`: the credential is used, and until this says `live` the session counts as over: a crash from here on is
 * repaired by lowering, never by raising. `ending`: rights go or are gone, not everything is proven and written yet.
 * `abandoned`: the rights could not be proven gone; the end is in the journal under that name.
 */
export type SessionPhase = 'admitted' | 'live' | 'ending' | 'abandoned'

export interface SessionRecord {
  readonly sessionId: string
  readonly requestId: string
  readonly uid: number
  readonly userId: string
  readonly userName: string
  readonly mode: Mode
  readonly credential: Credential
  readonly reason: string
  readonly endProcesses: boolean
  readonly graceSeconds: number
  readonly anchor: Anchor
  readonly phase: SessionPhase
  /** The journal has (or is owed) its start. */
  readonly started: boolean
  /** Journal entries before it: its facts come after. */
  readonly journalFrom: number
  readonly endReason: EndReason | null
  /** Whether the person was an administrator without Stint at the last look; absent until the first one. */
  readonly administrator?: boolean
}

type WhileLive = 'phase' | 'started' | 'journalFrom' | 'endReason' | 'administrator'

export interface EndedRecord extends Omit<SessionRecord, WhileLive> {
  readonly endReason: EndReason
  readonly endedWallMs: number
  readonly processes: number
}

/** Last reading of the clocks, and the highest wall clock ever believed. */
export interface ClockMark extends Instant {
  readonly highWallMs: number
}

export const freshState: AgentState = {
  v: 1,
  identity: { state: 'unenrolled' },
  policy: null,
  limiter: emptyLimiter(),
  requests: [],
  sessions: [],
  ended: [],
  owed: { after: 0, facts: [] },
  journalSize: 0,
  received: 0,
  receipt: null,
  clock: null,
  bootNoted: null,
  heal: { used: false, asked: false, lastWallMs: 0, unconfirmed: null },
}

/** @throws Fault `state-unreadable`: whoever starts over would forget guesses, sessions and keys */
export function readState(content: Uint8Array): AgentState {
  try {
    const value: unknown = JSON.parse(Buffer.from(content).toString('utf8'))
    const members = Object.keys(freshState)
    if (typeof value === 'object' && value !== null && 'v' in value && value.v === 1)
      if (members.every((name) => Object.hasOwn(value, name))) return value as AgentState
  } catch (cause) {
    throw unreadable(cause)
  }
  throw unreadable()
}

function unreadable(cause?: unknown): Fault {
  return new Fault(
    'state-unreadable',
    'What the agent remembers cannot be read',
    'Restore state.json, or move the state folder away and enrol this computer again.',
    { cause },
  )
}

export function isEnrolled(identity: Identity): identity is Extract<Identity, { state: 'enrolled' }> {
  return identity.state === 'enrolled'
}

/** A computer that is or was enrolled has a journal. */
export function hasJournal(identity: Identity): identity is Extract<Identity, Enrolled> {
  return identity.state === 'enrolled' || identity.state === 'revoked'
}
