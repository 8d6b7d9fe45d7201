/**
 * Facts of a computer: the bodies of journal entries, one schema per type of `journalTypes`.
 * Personal data stands only here, never in the header (spec: evidence 7.1).
 */
import { changeKinds, credentials, endReasons, type JournalType, modes } from '@stint/elevation'
import { Count, Count32, Hex, Id, OneOf, Seconds, type Static, Strict, Text, Time, Type } from './parse.ts'

const Nullable = <T extends import('typebox').TSchema>(schema: T) => Type.Union([schema, Type.Null()])
/** Of processes in one session. A computer that names more than this is not believed. */
const Many = Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 })

export const DeviceFacts = Strict({
  hostname: Text(253),
  osFamily: OneOf(['linux', 'windows', 'macos'] as const),
  osName: Text(100),
  osVersion: Text(100),
  kernel: Text(100),
  class: OneOf(['server', 'workstation', 'laptop', 'vm', 'unknown'] as const),
  agentVersion: Text(40),
  /** Human accounts, so that the server can number them for request codes. */
  users: Type.Array(Strict({ userId: Text(300), name: Text(256) }), { maxItems: 200 }),
  /** What this computer cannot do, in plain words; empty when all is well. */
  weaknesses: Type.Array(Text(300), { maxItems: 50 }),
})
export type DeviceFacts = Static<typeof DeviceFacts>

/** What the server is told about a request; the same in the journal and in the courier's early message. */
export const RequestFact = Strict({
  requestId: Id,
  requestCode: Type.String({ maxLength: 40 }),
  counter: Count,
  policySerial: Count32,
  epoch: Count32,
  userId: Text(300),
  userName: Text(256),
  mode: OneOf(modes),
  reason: Text(1000),
  minutes: Type.Integer({ minimum: 1, maximum: 10080 }),
  ticket: Nullable(Text(64)),
  createdAt: Time,
})
export type RequestFact = Static<typeof RequestFact>

/** A process is named by pid and start time: a pid alone is used again. */
const ProcessName = { pid: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }), startedAt: Time }

export const journalBodies = {
  boot: Strict({ facts: DeviceFacts }),
  'request.created': RequestFact,
  'request.void': Strict({
    requestId: Id,
    reason: OneOf(['withdrawn', 'expired', 'denied', 'too-many-wrong'] as const),
    note: Text(1000),
  }),
  'code.wrong': Strict({
    requestId: Id,
    userId: Text(300),
    triesLeft: Count,
    waitMs: Count,
    locked: Type.Boolean(),
  }),
  'grant.admitted': Strict({
    requestId: Id,
    sessionId: Id,
    credential: OneOf(credentials),
    counter: Count,
    userId: Text(300),
    mode: OneOf(modes),
    answeredSeconds: Seconds,
    grantedSeconds: Seconds,
    endProcesses: Type.Boolean(),
    profile: Type.Integer({ minimum: 0, maximum: 7 }),
    /** Identity of the answer token, null for a spoken code. */
    jti: Nullable(Text(64)),
  }),
  'session.start': Strict({
    sessionId: Id,
    requestId: Id,
    userId: Text(300),
    userName: Text(256),
    mode: OneOf(modes),
    credential: OneOf(credentials),
    startedAt: Time,
    endsAt: Time,
    endProcesses: Type.Boolean(),
    /** A recorder's name, perhaps with details: 'kernel-audit (alone)'; or a sentence why nothing is recorded. */
    recording: Text(300),
    wasAdministrator: Type.Boolean(),
    /** What keeps denied programs from starting; 'no rules'; or a sentence why nothing does. */
    denying: Text(300),
  }),
  'session.end': Strict({
    sessionId: Id,
    reason: OneOf(endReasons),
    endedAt: Time,
    /** A re-read of the operating system showed that the rights are gone. */
    proven: Type.Boolean(),
    processesEnded: Many,
    stillRunning: Type.Array(Strict({ ...ProcessName, program: Text(4096) }), { maxItems: 1000 }),
    processes: Many,
    gaps: Many,
  }),
  'session.still-raised': Strict({ sessionId: Id, attempt: Count, what: Text(1000) }),
  'process.elevated': Strict({
    sessionId: Id,
    ...ProcessName,
    parentPid: Count,
    uid: Count,
    program: Text(4096),
    /** Of the file's content, null where it could not be read. */
    sha256: Nullable(Hex(32)),
    /** Byte-exact where it is UTF-8; other bytes are `\xNN`. Capped at 256 KiB in all, then `argsCut` is true. */
    args: Type.Array(Type.String(), { maxItems: 100_000 }),
    argsCut: Type.Boolean(),
    /** Secrets that a pattern of the policy took out of `args`. */
    redacted: Count32,
    directory: Nullable(Text(4096)),
  }),
  'process.ended': Strict({
    sessionId: Id,
    ...ProcessName,
    endedAt: Time,
    exitCode: Nullable(Type.Integer({ minimum: 0, maximum: 255 })),
    signal: Nullable(Text(16)),
  }),
  /** A program that a rule kept from starting. The process is the one that tried. */
  'process.denied': Strict({
    sessionId: Id,
    pid: Count,
    uid: Count,
    program: Text(4096),
    sha256: Nullable(Hex(32)),
    args: Type.Array(Type.String(), { maxItems: 100_000 }),
    argsCut: Type.Boolean(),
    redacted: Count32,
    at: Time,
    /** `id` of the rule, or null: nothing is allowed that no rule allows. */
    rule: Nullable(Text(64)),
    /** Starts of the same program by the same process, or by others of its parent, that were not written one by one. */
    repeated: Count32,
  }),
  'recording.gap': Strict({ sessionId: Id, from: Time, to: Time, cause: Text(300) }),
  /** What is not as it was before the session; once for each session that was compared. */
  'system.changed': Strict({
    sessionId: Id,
    changes: Type.Array(
      Strict({
        kind: OneOf(changeKinds),
        /** The account, file, unit or module. */
        what: Text(4096),
        /** In plain words; null where there was none, or is none. */
        before: Nullable(Text(4096)),
        after: Nullable(Text(4096)),
        /** When, as far as the file system tells. */
        at: Nullable(Time),
        undone: OneOf(['not-asked', 'undone', 'failed'] as const),
      }),
      { maxItems: 1000 },
    ),
    /** More changed than are listed. */
    cut: Type.Boolean(),
    /** Places that could not be compared, in plain words. */
    unread: Type.Array(Text(300), { maxItems: 50 }),
  }),
  /** Somebody else made the person an administrator, or no longer one, while a session was live. */
  'rights.changed-elsewhere': Strict({
    sessionId: Id,
    userId: Text(300),
    /** Whether the person is an administrator without Stint now. */
    administrator: Type.Boolean(),
    at: Time,
  }),
  'policy.applied': Strict({ serial: Count32 }),
  'key.healed': Strict({ epoch: Count32 }),
  'clock.jump': Strict({ driftMs: Type.Integer(), wall: Time }),
  /** The key (vkey) that signs the checkpoint after the next one (spec: evidence, sealing). Never dropped. */
  'seal.rotate': Strict({ next: Text(300) }),
  /** `hash`: H of the receipt's text, hex; absent where the server gave none. Never dropped. */
  receipt: Strict({ upTo: Count, at: Time, hash: Type.Optional(Hex(32)) }),
} satisfies Record<JournalType, import('typebox').TSchema>

export type JournalBody<T extends JournalType> = Static<(typeof journalBodies)[T]>

/** A stored entry: the canonical header text, and body and salt kept beside it so that they can be dropped later. */
export const JournalEntry = Strict({
  /** RFC 8785 text of `{v,seq,boot,up,t,type,prev,bh}`. */
  header: Type.String({ maxLength: 1000 }),
  /** 16 bytes, base64url. */
  salt: Type.String({ maxLength: 32 }),
  body: Type.Unknown(),
})
export type JournalEntry = Static<typeof JournalEntry>
