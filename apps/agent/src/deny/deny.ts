/**
 * The denier: keeps programs from starting with raised rights, by the rules of policy, for as long as a session with
 * rules is live. Backends live beside this file and import only it.
 */
import type { ProgramPolicy } from '@stint/elevation'

/** Whose programs, and by which rules. */
export interface DenyOrder {
  readonly uid: number
  /** Also the name of the session's process group. */
  readonly sessionId: string
  readonly policy: ProgramPolicy
}

/** A program that did not start, or, `how: 'read'`, whose file was not handed out to be started in another way. */
export interface DeniedStart {
  readonly kind: 'denied'
  readonly how: 'start' | 'read'
  /** The person whose session it is. */
  readonly uid: number
  /** The process that tried, its parent, and its effective uid. */
  readonly pid: number
  readonly parentPid: number
  readonly effectiveUid: number
  /** The denied file, links resolved. */
  readonly program: string
  /** Lower-case hex; null where it was not needed for the decision. */
  readonly sha256: string | null
  /** Of the program that did not start; for `read`, of the one that tried. */
  readonly argv: readonly string[]
  readonly argvCut: boolean
  /** Null where nothing is allowed that no rule allows. */
  readonly rule: string | null
  /** The rule's words for the person. */
  readonly note: string
  readonly atMs: number
}

/** Programs were denied that nobody can be told of: there were too many at once. */
export interface UntoldDenials {
  readonly kind: 'untold'
  readonly count: number
  readonly atMs: number
}

export interface DenyListener {
  /** Must not throw. */
  onDenied(fact: DeniedStart | UntoldDenials): void
  /** Called at most once: nothing is denied any more, and not because `stop` was called. `why` is a sentence. */
  onLost(why: string): void
}

export const denyObstacles = [
  'not-root',
  'no-native-calls',
  'kernel-unsupported',
  'mistaken-rules',
  'owner-unknown',
  'packages-unknown',
  'refused',
] as const
export type DenyObstacle = (typeof denyObstacles)[number]

export type DenyAvailability =
  | { readonly available: true }
  | {
      readonly available: false
      readonly obstacle: DenyObstacle
      readonly message: string
      readonly hint: string
    }

/** Rules cannot be kept up. `message` is for the person, `hint` the next step. */
export class DenyError extends Error {
  override readonly name = 'DenyError'
  readonly code: DenyObstacle
  readonly hint: string
  constructor(code: DenyObstacle, message: string, hint: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.hint = hint
  }
}

export interface Denying {
  /** For the journal: what denies, how many rules, and where it does not reach. */
  readonly text: string
  /**
   * Other rules from now on; when it rejects, the ones before are still in force.
   * @throws DenyError
   */
  update(policy: ProgramPolicy): Promise<void>
  /** Denies nothing any more. Idempotent. */
  stop(): Promise<void>
}

export interface Denier {
  /** Asks the system; leaves nothing changed. */
  available(): Promise<DenyAvailability>
  /**
   * Resolves when the rules are in force for every program that starts from then on with raised rights of this
   * person. Several people may be denied programs at once. Nothing runs while nobody is.
   * @throws DenyError
   */
  arm(order: DenyOrder, listener: DenyListener): Promise<Denying>
}
