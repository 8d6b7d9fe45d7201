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
import type { ChangeKind } from '@stint/elevation'
import type { Clock } from '../clock/clock.ts'

export type { ChangeKind } from '@stint/elevation'
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

/**
 * `settings`: everything that lies in known places; well under a second. `programs`: set-uid programs and file
 * capabilities, by a walk over every local file system at the lowest priority, given up after a minute.
 */
export type SnapshotPart = 'settings' | 'programs'

export interface SnapshotOrder {
  readonly part: SnapshotPart
  /** Files of these kinds come with a copy, so that `restore` can put them back. */
  readonly copies: readonly ChangeKind[]
  /** Sessions whose own rule files are not looked at: they come and go with the rights. */
  readonly sessions: readonly string[]
  /** For `programs`: files that changed since are looked at even if nobody can execute them yet. Null: none. */
  readonly sinceWallMs: number | null
}

/** What puts a file back. For root only: it holds what the file holds. */
export interface FileCopy {
  /** Permission bits. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Base64; null for a symbolic link. */
  readonly content: string | null
  /** Where a symbolic link points; null for a file. */
  readonly link: string | null
}

/** One thing of the computer that is compared. Never holds the content of a file, a password's hash or a key. */
export interface SystemItem {
  readonly kind: ChangeKind
  /** The account, file or module; unique within the kind. */
  readonly what: string
  /** In plain words. */
  readonly state: string
  /** The same for every name of one file, and for no other file; where files can have several. */
  readonly thing?: string
  /** Differs whenever the thing does, also where `state` says the same. Means nothing by itself. */
  readonly mark: string
  /** Last change on the wall clock, as far as the file system tells. */
  readonly atMs: number | null
  readonly copy?: FileCopy
}

export interface UnreadPlace {
  readonly kind: ChangeKind
  /** In plain words: which place, and why. */
  readonly why: string
}

export interface SystemSnapshot {
  readonly items: readonly SystemItem[]
  readonly unread: readonly UnreadPlace[]
}

/** What is not as it was. At least one of the two is there. */
export interface SystemDifference {
  readonly before: SystemItem | null
  readonly after: SystemItem | null
}

export interface RestoreOrder {
  readonly difference: SystemDifference
  /** Folder (root only) that new files are moved into. */
  readonly quarantine: string
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
   * Calling it again for the same session replaces the deadline (extend, shorten).
   * @throws OsError `bad-order`, `deadline-passed`, `account-gone`, `directory-unreachable`, `not-prepared`,
   *   `already-raised` (another session of the same uid), `rule-refused`, `raise-failed`
   */
  raise(order: RaiseOrder): Promise<void>

  /**
   * Lets the person act only while this process runs, or, with null, whether or not: some of what policy wants of a
   * session only a live agent can do. Another process that gets the same number later does not count. Forgotten when
   * the person is lowered.
   */
  onlyWhileRuns(uid: number, pid: number | null): Promise<void>

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

  /** What can be made to outlast a session, as it is now. Never rejects: what cannot be read is named in `unread`. */
  snapshot(order: SnapshotOrder): Promise<SystemSnapshot>

  /**
   * Puts one thing back as it was `before`, if that can be done safely: a new file is moved away, a changed one is
   * written from its copy, a new right is taken. Answers whether a re-read shows that it is as before. What is no
   * longer as it was found after the session, deleted accounts, loaded modules, and files that somebody other than root could swap meanwhile, are left alone.
   */
  restore(order: RestoreOrder): Promise<boolean>
}

/** How a backend is made: it takes its time from the same clock as everything else. */
export interface OsOptions {
  readonly clock: Clock
}
