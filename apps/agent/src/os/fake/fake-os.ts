import {
  type Account,
  type AccountLookup,
  type Clock,
  type DeviceFacts,
  type EndedProcesses,
  type EndOrder,
  type LogoffWatch,
  type LowerFinding,
  type Os,
  OsError,
  type OsErrorCode,
  type RaisedSession,
  type RaiseOrder,
  type RestoreOrder,
  type RunningProcess,
  type SessionProcesses,
  type SnapshotOrder,
  type SystemSnapshot,
} from '../os.ts'
import { FakeSystem } from './fake-system.ts'

/** Calls after whose effect the agent can be made to die. */
export type CrashPoint = 'prepare' | 'raise' | 'lower' | 'endProcesses' | 'restore'

/** Thrown by the knob `crashAfter`: the effect has happened, but nobody is left to hear of it. */
export class FakeCrash extends Error {
  override readonly name = 'FakeCrash'
}

/** One knob for every way in which the real thing can fail. All are off at the start. */
export interface FakeKnobs {
  /** No account can be looked up. */
  directoryUnreachable: boolean
  /** This computer cannot be prepared, for this reason. */
  failPrepare: Extract<
    OsErrorCode,
    'not-root' | 'sudo-unsupported' | 'sudo-not-included' | 'cgroup-unsupported'
  > | null
  /** The next so many raises fail, leaving nothing raised. */
  failRaise: number
  /** With `failRaise`: the rights are up although the call failed. */
  leaveRaised: boolean
  /** The next so many lowers fail and the rights stay up. */
  failLower: number
  /** These processes survive everything. */
  undying: Set<number>
  /** The next call of this kind takes effect and then throws `FakeCrash`. */
  crashAfter: CrashPoint | null
}

interface FakeProcess extends RunningProcess {
  readonly sessionId: string
  readonly uid: number
  /** Left its process group; only the login id still tells. */
  readonly escaped: boolean
}

const firstPid = 4_000

export const fakeFacts: DeviceFacts = {
  hostname: 'pc-17',
  osFamily: 'linux',
  osName: 'Debian GNU/Linux',
  osVersion: '12',
  kernel: '6.18.0',
  class: 'workstation',
  sudoVersion: '1.9.13p3',
  polkit: true,
  audit: true,
}

/** An operating system in memory. It outlives the agent: build a second agent on the same one to test a restart. */
export class FakeOs implements Os {
  readonly knobs: FakeKnobs = {
    directoryUnreachable: false,
    failPrepare: null,
    failRaise: 0,
    leaveRaised: false,
    failLower: 0,
    undying: new Set(),
    crashAfter: null,
  }
  /** Lines that reached people, oldest first. */
  readonly notices: { readonly uid: number; readonly text: string }[] = []
  /** Every call that changes something, oldest first, for tests of order. */
  readonly calls: string[] = []
  deviceFacts: DeviceFacts = fakeFacts
  readonly system: FakeSystem
  readonly #clock: Clock
  readonly #accounts = new Map<number, Account>()
  readonly #administrators = new Set<number>()
  /** Process without which the person may not act. */
  readonly #needed = new Map<number, number>()
  readonly #raised = new Map<string, RaiseOrder>()
  readonly #processes = new Map<number, FakeProcess>()
  readonly #logins = new Map<number, number>()
  readonly #watches = new Map<number, Set<() => void>>()
  #prepared = false
  #nextPid = firstPid

  constructor(clock: Clock) {
    this.#clock = clock
    this.system = new FakeSystem(clock)
  }

  // What happens in the world

  addAccount(uid: number, name: string, { administrator = false, logins = 1 } = {}): Account {
    const account = {
      uid,
      name,
      userId: `uid:${uid}:${name}`,
      gid: uid,
      home: `/home/${name}`,
      shell: '/bin/bash',
    }
    this.#accounts.set(uid, account)
    this.#logins.set(uid, logins)
    if (administrator) this.#administrators.add(uid)
    return account
  }

  removeAccount(uid: number): void {
    this.#accounts.delete(uid)
  }

  /** Somebody else makes the person an administrator, or no longer one. */
  setAdministrator(uid: number, administrator: boolean): void {
    if (administrator) this.#administrators.add(uid)
    else this.#administrators.delete(uid)
  }

  /** Another administrator takes the rights away behind our back. */
  takeAway(sessionId: string): void {
    this.#raised.delete(sessionId)
  }

  /** What only the system knows: would `sudo` work for this person now? The deadline needs no agent. */
  canAct(uid: number): boolean {
    const { wallMs, bootMs } = this.#clock.now()
    const needed = this.#needed.get(uid)
    if (needed !== undefined && needed !== process.pid && !this.#processes.has(needed)) return false
    return [...this.#raised.values()].some(
      (order) => order.uid === uid && wallMs < order.endsAtWallMs && bootMs < order.endsAtBootMs,
    )
  }

  /** The person starts a program with raised rights. */
  startElevated(uid: number, name = 'bash', { escaped = false } = {}): number {
    const order = [...this.#raised.values()].find((raised) => raised.uid === uid)
    if (order === undefined || !this.canAct(uid))
      throw new Error(`uid ${uid} may not start anything elevated`)
    const pid = this.#nextPid++
    const startedBootMs = this.#clock.now().bootMs
    const exe = `/usr/bin/${name}`
    this.#processes.set(pid, { pid, startedBootMs, name, exe, sessionId: order.sessionId, uid, escaped })
    return pid
  }

  isRunning(pid: number): boolean {
    return this.#processes.has(pid)
  }

  /** All login sessions of the person end. */
  logOff(uid: number): void {
    this.#logins.set(uid, 0)
    const waiting = [...(this.#watches.get(uid) ?? [])]
    this.#watches.delete(uid)
    for (const onLogoff of waiting) onLogoff()
  }

  /** The computer starts again: nothing raised, nothing running, nobody logged in. */
  reboot(): void {
    this.#raised.clear()
    this.#needed.clear()
    this.#processes.clear()
    this.#logins.clear()
    this.#watches.clear()
  }

  // The port

  async facts(): Promise<DeviceFacts> {
    return this.deviceFacts
  }

  async account(uid: number): Promise<AccountLookup> {
    if (this.knobs.directoryUnreachable) return 'unreachable'
    return this.#accounts.get(uid) ?? 'gone'
  }

  async accounts(): Promise<readonly Account[]> {
    return [...this.#accounts.values()].sort((a, b) => a.uid - b.uid)
  }

  async isAdministrator(uid: number): Promise<boolean> {
    if (uid === 0) return true
    await this.#requireAccount(uid)
    return this.#administrators.has(uid)
  }

  async prepare(): Promise<void> {
    if (this.knobs.failPrepare) throw failure(this.knobs.failPrepare)
    this.#prepared = true
    this.#did('prepare')
  }

  async unprepare(): Promise<void> {
    if (this.#raised.size > 0) throw failure('still-raised')
    this.#prepared = false
    this.calls.push('unprepare')
  }

  async raise(order: RaiseOrder): Promise<void> {
    this.#checkOrder(order)
    await this.#requireAccount(order.uid)
    if (!this.#prepared) throw failure('not-prepared')
    if (this.knobs.failRaise > 0) {
      this.knobs.failRaise--
      if (this.knobs.leaveRaised) this.#raised.set(order.sessionId, order)
      throw failure('raise-failed')
    }
    this.#raised.set(order.sessionId, order)
    this.#did('raise', order.sessionId)
  }

  async lower({ sessionId, uid }: RaisedSession): Promise<LowerFinding> {
    if (this.knobs.failLower > 0) {
      this.knobs.failLower--
      throw failure('still-raised')
    }
    const found = this.#raised.get(sessionId)?.uid === uid && this.#raised.delete(sessionId)
    if (!(await this.isRaised(uid))) this.#needed.delete(uid)
    this.#did('lower', sessionId)
    return found ? 'raised' : 'removed-elsewhere'
  }

  async raisedSessions(): Promise<readonly RaisedSession[]> {
    return [...this.#raised.values()].map(({ sessionId, uid }) => ({ sessionId, uid }))
  }

  async isRaised(uid: number): Promise<boolean> {
    return (await this.raisedSessions()).some((session) => session.uid === uid)
  }

  async elevatedProcesses(session: SessionProcesses): Promise<readonly RunningProcess[]> {
    const mine = [...this.#processes.values()].filter((process) =>
      process.escaped
        ? process.uid === session.uid && process.startedBootMs >= session.sinceBootMs
        : process.sessionId === session.sessionId,
    )
    return mine.map(({ pid, startedBootMs, name, exe }) => ({ pid, startedBootMs, name, exe }))
  }

  async endProcesses(order: EndOrder): Promise<EndedProcesses> {
    const found = await this.elevatedProcesses(order)
    const running = found.filter(({ pid }) => this.knobs.undying.has(pid))
    const ended = found.filter((process) => !running.includes(process))
    for (const { pid } of ended) this.#processes.delete(pid)
    this.#did('endProcesses', order.sessionId)
    return { ended, running }
  }

  async watchLogoff(uid: number, onLogoff: () => void): Promise<LogoffWatch> {
    if (!this.#logins.get(uid)) return { state: 'no-login-session', stop: () => undefined }
    const watches = this.#watches.get(uid) ?? new Set()
    const watch = (): void => onLogoff()
    this.#watches.set(uid, watches.add(watch))
    return { state: 'watching', stop: () => void watches.delete(watch) }
  }

  async onlyWhileRuns(uid: number, pid: number | null): Promise<void> {
    if (pid === null) this.#needed.delete(uid)
    else this.#needed.set(uid, pid)
  }

  async notify(uid: number, text: string): Promise<number> {
    const terminals = this.#logins.get(uid) ?? 0
    if (terminals > 0) this.notices.push({ uid, text })
    return terminals
  }

  async userSocketDir(uid: number): Promise<string> {
    return `/run/fake/u/${uid}`
  }

  async giveSocket(path: string, uid: number): Promise<void> {
    this.calls.push(`giveSocket ${path} ${uid}`)
  }

  snapshot(order: SnapshotOrder): Promise<SystemSnapshot> {
    return this.system.snapshot(order)
  }

  async restore(order: RestoreOrder): Promise<boolean> {
    const restored = await this.system.restore(order)
    this.#did('restore')
    return restored
  }

  #checkOrder(order: RaiseOrder): void {
    const now = this.#clock.now()
    const sound =
      /^[A-Za-z0-9_-]{1,64}$/.test(order.sessionId) && Number.isInteger(order.uid) && order.uid > 0
    if (!sound) throw failure('bad-order')
    if (!(order.endsAtWallMs > now.wallMs && order.endsAtBootMs > now.bootMs))
      throw failure('deadline-passed')
    const others = [...this.#raised.values()].filter(({ sessionId }) => sessionId !== order.sessionId)
    if (others.some(({ uid }) => uid === order.uid)) throw failure('already-raised')
  }

  async #requireAccount(uid: number): Promise<void> {
    const account = await this.account(uid)
    if (account === 'gone') throw failure('account-gone')
    if (account === 'unreachable') throw failure('directory-unreachable')
  }

  #did(step: CrashPoint, detail = ''): void {
    this.calls.push(detail ? `${step} ${detail}` : step)
    if (this.knobs.crashAfter !== step) return
    this.knobs.crashAfter = null
    throw new FakeCrash(`the agent died after ${step}`)
  }
}

function failure(code: OsErrorCode): OsError {
  return new OsError(code, `The fake system answers ${code}.`, 'Turn the knob back.')
}
