/**
 * The only door to the operating system: who exists, who is an administrator, raising and lowering,
 * and what runs with raised rights. Backends (`linux/`, `windows/`, `macos/`, `fake/`) import only this file.
 *
 * Raising and lowering are deliberately asymmetric:
 * - `raise` is optimistic. Once it resolves, the rights count as up even if a re-read lags.
 *   When it rejects, whatever it had already changed has been taken back as far as the system allowed;
 *   the caller still calls `lower`, because only that proves it.
 * - `lower` is pessimistic. It resolves only after a re-read shows that the rights are gone.
 *
 * Anything unexpected is thrown as an `OsError`; nothing here returns a guess.
 */
import type { Clock } from '../clock/clock.ts'

export type { Clock } from '../clock/clock.ts'

export const deviceClasses = ['server', 'workstation', 'laptop', 'vm', 'unknown'] as const
export type DeviceClass = (typeof deviceClasses)[number]

/** What this computer is, as far as it can be read without changing it. */
export interface DeviceFacts {
  readonly hostname: string
  readonly osFamily: 'linux' | 'windows' | 'macos'
  /** Example: `Debian GNU/Linux`. */
  readonly osName: string
  /** Example: `12`. Empty when the system names none (rolling releases). */
  readonly osVersion: string
  readonly kernel: string
  readonly class: DeviceClass
  /** Example: `1.9.13p3`; `null` when no sudo that can end rights by itself was found (see `prepare`). */
  readonly sudoVersion: string | null
  /** True when polkit reads JavaScript rules here, so that graphical tools can be raised too. */
  readonly polkit: boolean
  /** True when the kernel knows login ids (`CONFIG_AUDIT`). Whether recording works is the recorder's answer. */
  readonly audit: boolean
}

/** A person's account as the operating system knows it. */
export interface Account {
  readonly uid: number
  readonly name: string
  /** Stable id `uid:<n>:<name>`: a reused uid with another name is another person. */
  readonly userId: string
  readonly gid: number
  readonly home: string
  readonly shell: string
}

/**
 * Three different answers. `gone`: the system is certain that nobody has this uid.
 * `unreachable`: the directory did not answer, so nothing may be concluded from it.
 */
export type AccountLookup = Account | 'gone' | 'unreachable'

/** A session's rights as they are to be raised. */
export interface RaiseOrder {
  /** 1 to 64 characters of `A-Z a-z 0-9 _ -`. */
  readonly sessionId: string
  readonly uid: number
  /** Deadline on the wall clock, enforced by sudo and polkit themselves. Never exceeded; up to 1 s is cut off. */
  readonly endsAtWallMs: number
  /** The same deadline in time since boot, enforced by the second lock, which a turned clock cannot move. */
  readonly endsAtBootMs: number
  /** Absolute paths of programs that sudo refuses even while raised. Wildcards are taken literally. */
  readonly denied?: readonly string[]
}

export interface RaisedSession {
  readonly sessionId: string
  readonly uid: number
}

/** What `lower` found before it acted. */
export type LowerFinding = 'raised' | 'removed-elsewhere'

/** A session as seen by the process calls. */
export interface SessionProcesses extends RaisedSession {
  /** Time since boot when the rights went up. Elevated processes older than this belong to nobody's session. */
  readonly sinceBootMs: number
}

export interface EndOrder extends SessionProcesses {
  /** How long processes may take to leave by themselves after a polite signal. 0 ends them at once. */
  readonly graceMs: number
}

export interface RunningProcess {
  readonly pid: number
  readonly startedBootMs: number
  readonly name: string
  /** Path of the program; `null` when the kernel does not show it (kernel thread, already exiting). */
  readonly exe: string | null
}

export interface EndedProcesses {
  readonly ended: readonly RunningProcess[]
  /** Empty when nothing elevated is left, proved by a re-read. Otherwise what refused to end. */
  readonly running: readonly RunningProcess[]
}

export interface LogoffWatch {
  /** `no-login-session`: the person has none that could end (driven by `su`), so `onLogoff` will never be called. */
  readonly state: 'watching' | 'no-login-session'
  stop(): void
}

export const osErrorCodes = [
  'not-root',
  'not-prepared',
  'bad-order',
  'account-gone',
  'directory-unreachable',
  'already-raised',
  'deadline-passed',
  'sudo-unsupported',
  'sudo-not-included',
  'rule-refused',
  'cgroup-unsupported',
  'raise-failed',
  'still-raised',
  'command-failed',
] as const
export type OsErrorCode = (typeof osErrorCodes)[number]

/** A broken promise of the operating system: `message` is for the person, `hint` is the next step. */
export class OsError extends Error {
  override readonly name = 'OsError'
  readonly code: OsErrorCode
  readonly hint: string
  constructor(code: OsErrorCode, message: string, hint: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.hint = hint
  }
}

export interface Os {
  facts(): Promise<DeviceFacts>

  /** Resolves within seconds, also when a directory hangs (`unreachable`). */
  account(uid: number): Promise<AccountLookup>

  /** Accounts of people, by uid. Directory accounts appear only where the directory allows listing. */
  accounts(): Promise<readonly Account[]>

  /**
   * Whether the person is an administrator *without* Stint: root, member of an administrators' group,
   * or given everything by another rule. Raised rights of a session do not count.
   * @throws OsError `account-gone`, `directory-unreachable`
   */
  isAdministrator(uid: number): Promise<boolean>

  /**
   * Installs the parts that stay while the agent is installed. They grant nothing. Idempotent: a second call
   * changes no file. Every path that a part would need is checked first.
   * @throws OsError `not-root`, `sudo-unsupported`, `sudo-not-included`, `cgroup-unsupported`
   */
  prepare(): Promise<void>

  /**
   * Removes everything `prepare` installed and leaves what others have written.
   * @throws OsError `still-raised` while a session is raised
   */
  unprepare(): Promise<void>

  /**
   * Makes the person an administrator until the deadline, which the system enforces without us.
   * Calling it again for the same session replaces deadline and denials (extend, shorten).
   * @throws OsError `bad-order`, `deadline-passed`, `account-gone`, `directory-unreachable`, `not-prepared`,
   *   `already-raised` (another session of the same uid), `rule-refused`, `raise-failed`
   */
  raise(order: RaiseOrder): Promise<void>

  /**
   * Takes the rights away; running processes are `endProcesses`' matter. Works when the account is gone.
   * Idempotent: lowering what is not raised answers `removed-elsewhere`.
   * @throws OsError `still-raised` when the re-read still shows rights; call again
   */
  lower(session: RaisedSession): Promise<LowerFinding>

  /** What the system itself shows as raised by us, whatever our records say. For repair after a crash. */
  raisedSessions(): Promise<readonly RaisedSession[]>

  isRaised(uid: number): Promise<boolean>

  /** Elevated processes of the session that run now, including those that left its process group. */
  elevatedProcesses(session: SessionProcesses): Promise<readonly RunningProcess[]>

  /**
   * Ends every elevated process of the session and its children, then looks again. The person's own
   * processes and login are left alone. Call after `lower`: as long as rights are up, new ones can start.
   */
  endProcesses(order: EndOrder): Promise<EndedProcesses>

  /** Calls `onLogoff` once, when all login sessions that the person has now are over (within 5 s). */
  watchLogoff(uid: number, onLogoff: () => void): Promise<LogoffWatch>

  /** Writes one line to every terminal of the person. Best effort; answers how many took it. */
  notify(uid: number, text: string): Promise<number>

  /**
   * Makes the folder for the person's own socket: others cannot connect, the person cannot replace it.
   * The caller binds `<folder>/agent.sock` and hands it over with `giveSocket`.
   */
  userSocketDir(uid: number): Promise<string>

  /** Lets only this person (and root) connect to a bound socket. */
  giveSocket(path: string, uid: number): Promise<void>
}

/** How a backend is made: it takes its time from the same clock as everything else. */
export interface OsOptions {
  readonly clock: Clock
}
