/**
 * The recorder: which elevated processes ran in a session. It says what it saw, and it says when it may have
 * missed something; it never fills in. Backends live beside this file and import only it.
 */

/**
 * One program started with raised rights. A process that replaces itself (`exec`) is one of these per program, and
 * when it ends, each of them ends with it.
 */
export interface ElevatedProcess {
  readonly kind: 'process'
  /** Unique within one boot: `<wall seconds>.<ms>:<serial>` as the kernel numbers its events. */
  readonly id: string
  readonly pid: number
  readonly ppid: number
  /** Program file that runs; for a script, its interpreter. Written as `argv` is. */
  readonly exe: string
  /**
   * Arguments, byte-exact. An argument that is not UTF-8 is written with `\xNN` for its stray bytes and `\\` for
   * a backslash, and its index stands in `argvEscaped`; all others are plain text.
   */
  readonly argv: readonly string[]
  readonly argvEscaped: readonly number[]
  readonly cwd: string
  /** Effective user id it runs with. */
  readonly uid: number
  /** Who logged in (the kernel's login id): the person whose session it is. */
  readonly auid: number
  readonly startedAtMs: number
  /** Lower-case hex digest of `exe` as found right after the start; `null` when it could not be read. */
  readonly sha256: string | null
}

export interface ProcessEnded {
  readonly kind: 'ended'
  /** `id` of the `ElevatedProcess`. */
  readonly id: string
  readonly pid: number
  /** Login id of the person whose process it was. */
  readonly auid: number
  /** Exactly one of the two is not null. */
  readonly exitCode: number | null
  readonly signal: number | null
  readonly endedAtMs: number
}

/** A program that an earlier run of the agent recorded and that has not ended as far as anybody knows. */
export interface RunningProgram {
  /** What its `ProcessEnded` will have; unlike all that the kernel numbers. */
  readonly id: string
  readonly pid: number
  readonly startedAtMs: number
}

export const gapCauses = [
  /** The kernel said that its queue to us overflowed. */
  'overrun',
  /** Numbered events never arrived. */
  'events-missing',
  /** An event arrived without all of its parts. */
  'event-incomplete',
  /** Somebody removed our rules or turned the kernel's audit off. */
  'switched-off',
  /** The recorder itself stopped. */
  'recorder-stopped',
  /** Ends of processes may be missing; starts are not affected. */
  'ends-missing',
] as const
export type GapCause = (typeof gapCauses)[number]

/** Between these times records may be missing. A gap is a fact of its own and is never repaired silently. */
export interface RecordingGap {
  readonly kind: 'gap'
  readonly fromMs: number
  readonly toMs: number
  readonly cause: GapCause
  /** For the person who reads the session later. */
  readonly detail: string
}

export type RecordingFact = ElevatedProcess | ProcessEnded | RecordingGap

export const recordingObstacles = [
  'not-root',
  'no-kernel-audit',
  'audit-locked',
  'tasks-excluded',
  'no-native-calls',
  'refused',
] as const
export type RecordingObstacle = (typeof recordingObstacles)[number]

export type RecordingAvailability =
  | {
      readonly available: true
      /** `alone`: the kernel sends its records to us. `beside`: another audit daemon has them, we listen in. */
      readonly source: 'alone' | 'beside'
      /** False when the kernel does not report ends of processes; starts are still recorded. */
      readonly exits: boolean
      /** True when programs may be started by x32 calls, which the kernel cannot record. */
      readonly x32: boolean
    }
  | {
      readonly available: false
      readonly obstacle: RecordingObstacle
      readonly message: string
      readonly hint: string
    }

export interface Recording {
  /** Takes the rules away, waits until everything that happened before is in, and ends the worker. Idempotent. */
  stop(): Promise<void>
}

/** The recorder could not do what `available` promised. `message` is for the person, `hint` the next step. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError'
  readonly code: RecordingObstacle
  readonly hint: string
  constructor(code: RecordingObstacle, message: string, hint: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.hint = hint
  }
}

export interface Recorder {
  /** Asks the system; leaves nothing changed. */
  available(): Promise<RecordingAvailability>
  /**
   * Clears away what an agent that crashed left switched on. To be called at every start of the agent, before
   * `start`; does nothing while recording, and nothing where recording is not available.
   */
  recover(): Promise<void>
  /**
   * Resolves only when the system has shown that records reach us. From then on every elevated process of
   * `uid` is handed to `onFact` in the order of its start; ends and gaps come as they are known.
   * `onFact` must not throw. Runs nothing between sessions. Several persons may be recorded at once.
   * @param earlier whose ends are told too, if they are still running
   * @throws RecordingError
   */
  start(
    uid: number,
    onFact: (fact: RecordingFact) => void,
    earlier?: readonly RunningProgram[],
  ): Promise<Recording>
}
