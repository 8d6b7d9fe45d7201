import { done, type EndReason, type Outcome, refused } from '@stint/elevation'
import type { VerifiedGrant } from '../admit/verified-grant.ts'
import type { Alarm, Instant } from '../clock/clock.ts'
import type { Ground } from '../config/ground.ts'
import type { SessionRecord } from '../config/state.ts'
import { DenyError } from '../deny/deny.ts'
import { type LogoffWatch, OsError } from '../os/os.ts'
import type { RunningProgram } from '../record/record.ts'
import { ActiveSession } from './active-session.ts'
import type { Comparisons } from './comparisons.ts'
import { remainingMs } from './deadline.ts'
import { type DenyGround, SessionDenying } from './denying.ts'
import { countFacts } from './ended-session.ts'
import { type LowerGround, Lowering } from './lowering.ts'
import { underPolicy } from './policy-change.ts'
import { programsWithoutEnd } from './programs-without-end.ts'
import { Recorded, type RecordedGround } from './recorded.ts'
import { noticeRightsElsewhere } from './rights-elsewhere.ts'

export type SessionsGround = LowerGround &
  RecordedGround &
  DenyGround &
  Pick<Ground, 'policy'> & { readonly comparisons: Comparisons }

interface Live {
  active: ActiveSession
  alarm: Alarm | null
  logoff: LogoffWatch | null
  /** Warnings still to be given, longest first. */
  warnings: readonly Warning[]
  /** Elevated processes of earlier runs of the agent. */
  readonly processesBefore: number
}

const allWarnings = [
  { kind: 'five-minutes', atMs: 5 * 60_000, text: '5 minutes' },
  { kind: 'one-minute', atMs: 60_000, text: '1 minute' },
] as const
type Warning = (typeof allWarnings)[number]

/** Within this of the deadline the operating system may have ended the rights already. */
const cutOffMs = 2_000

/** The sessions of this computer: raising, watching over them, and every way down. One per person at a time. */
export class Sessions {
  readonly #ground: SessionsGround
  readonly #live = new Map<string, Live>()
  readonly #recorded = new Map<string, Recorded>()
  readonly #denying = new Map<string, SessionDenying>()
  readonly #lowerings = new Map<string, Lowering>()
  /** The last change of a live session's rights, by session; settled or under way. */
  readonly #changing = new Map<string, Promise<unknown>>()
  readonly #raising = new Set<string>()
  readonly #answering = new Set<{ readonly uid: number }>()

  constructor(ground: SessionsGround) {
    this.#ground = ground
  }

  /**
   * While `work` runs, a grant of this person that was never raised is left alone: `work` raises or lowers it.
   * Load-bearing: a grant is in the state before its raising begins. Ended in between, its record would be gone when
   * its rights go up.
   */
  async answering<T>(uid: number, work: () => Promise<T>): Promise<T> {
    const answer = { uid }
    this.#answering.add(answer)
    try {
      return await work()
    } finally {
      this.#answering.delete(answer)
    }
  }

  /**
   * Raises the rights of a grant, recorded, and with its denied programs denied, from before they are up. What led to
   * them is sealed before: who has rights may read every key that is on this computer then.
   * Refuses with `raise-failed`: then they are lowered, and the session is over under that name.
   * @throws Fault of the disk, after lowering
   */
  async raise(grant: VerifiedGrant): Promise<Outcome<ActiveSession>> {
    const { session } = grant
    this.#raising.add(session.sessionId)
    try {
      const sealing = Promise.allSettled([this.#ground.keeper.seal()])
      const [recorded] = await Promise.all([this.#record(session), this.#ground.comparisons.begin(session)])
      const denying = await this.#deny(session, recorded)
      const watched = { recording: recorded.text, denying: denying.text }
      const [seal] = await sealing
      if (seal.status === 'rejected') throw seal.reason
      const active = await ActiveSession.raise(grant, watched, this.#ground)
      await this.#watchOver(active, 0)
      return done(active)
    } catch (error) {
      this.#ground.log.error('rights could not be given', error)
      await this.#lower(this.#latest(session), 'raise-failed').lowered
      if (error instanceof DenyError) return refused('raise-failed', cannotDeny(error))
      if (error instanceof OsError) return refused('raise-failed', { details: { reason: error.code } })
      throw error
    } finally {
      this.#raising.delete(session.sessionId)
      if (this.#denying.get(session.sessionId)?.isLost) this.end(session.sessionId, 'denial-lost')
    }
  }

  /** Ends a session; asked again while it is ending, it is the same end. Undefined when there is no such session. */
  end(sessionId: string, reason: EndReason): Lowering | undefined {
    const session = this.#ground.keeper.state.sessions.find((record) => record.sessionId === sessionId)
    if (!session || session.phase === 'abandoned' || this.#isComingUp(session)) return undefined
    return this.#lower(session, reason)
  }

  /** Elevated processes of a session so far. */
  processes(sessionId: string): number {
    const before = this.#live.get(sessionId)?.processesBefore ?? 0
    return before + (this.#recorded.get(sessionId)?.facts.processes ?? 0)
  }

  /** A session that a crash left alive goes on: recorded again, with the gap told. `lastSeenMs`: wall clock. */
  async adopt(session: SessionRecord, lastSeenMs: number): Promise<void> {
    const { processes } = await countFacts(session, this.#ground.keeper)
    const recorded = await this.#record(session, await programsWithoutEnd(session, this.#ground.keeper))
    const toMs = this.#ground.clock.now().wallMs
    const gap = { fromMs: lastSeenMs, toMs, cause: 'recorder-stopped' }
    recorded.facts.gap({ ...gap, detail: 'the agent was not running' })
    const denies = await this.#deny(session, recorded).catch((error) => {
      this.#ground.log.error('programs can no longer be denied, so a session ends', error)
    })
    await this.#watchOver(ActiveSession.adopt(session), processes)
    if (!denies) await this.end(session.sessionId, 'denial-lost')?.lowered
  }

  /**
   * Looks after every session: what the clocks, the accounts and the operating system say about it now. Resolves when
   * every lowering that this began was tried once.
   */
  async check(): Promise<void> {
    const begun: Promise<unknown>[] = []
    for (const session of this.#ground.keeper.state.sessions) {
      if (this.#isComingUp(session) || this.#lowerings.has(session.sessionId)) continue
      try {
        const lowering = await this.#checkOne(session)
        if (lowering) begun.push(lowering.lowered)
      } catch (error) {
        this.#ground.log.error('a session could not be looked after', error)
      }
    }
    await Promise.all(begun)
    await this.#takeUnexplained()
    await this.#ground.comparisons.check()
  }

  /** Turning the clock back is the one thing that nobody honest does in a session. */
  endAll(reason: EndReason): Promise<unknown> {
    const live = this.#ground.keeper.state.sessions.filter(({ phase }) => phase === 'live')
    return Promise.all(live.map(({ sessionId }) => this.end(sessionId, reason)?.lowered))
  }

  /** The agent stops: rights stay until their deadline, which the operating system keeps. The next start adopts. */
  async stop(): Promise<void> {
    for (const id of this.#live.keys()) this.#letGo(id)
    for (const denying of this.#denying.values()) await denying.stop()
    for (const recorded of this.#recorded.values()) await recorded.stop()
  }

  /** Why a live session must end now, if it must. */
  async reasonToEnd(session: SessionRecord, now: Instant): Promise<EndReason | undefined> {
    const { os, keeper } = this.#ground
    const { anchor, uid, userId } = session
    if (now.bootId !== anchor.bootId) return 'reboot'
    if (remainingMs(anchor, now) === 0) return 'expired'
    if (keeper.state.identity.state === 'revoked') return 'ended-by-administrator'
    const account = await os.account(uid)
    if (account === 'gone' || (account !== 'unreachable' && account.userId !== userId)) return 'account-gone'
    if (await os.isRaised(uid)) return undefined
    return remainingMs(anchor, now) < cutOffMs ? 'expired' : 'removed-elsewhere'
  }

  #isComingUp({ sessionId, uid, phase }: SessionRecord): boolean {
    if (this.#raising.has(sessionId)) return true
    return phase === 'admitted' && [...this.#answering].some((answer) => answer.uid === uid)
  }

  async #checkOne(session: SessionRecord): Promise<Lowering | undefined> {
    if (session.phase === 'abandoned') {
      await this.#proveAtLast(session)
      return undefined
    }
    // Nobody is raising it, and it never came up: a crash or a full disk was in between.
    if (session.phase === 'admitted') return this.#lower(session, 'raise-failed')
    if (session.phase === 'ending') return this.#lower(session, session.endReason ?? 'expired')
    const reason = await this.reasonToEnd(session, this.#ground.clock.now())
    if (reason) return this.end(session.sessionId, reason)
    const obeying = await this.#obey(session)
    if (obeying === 'policy-change') return this.end(session.sessionId, obeying)
    const live = this.#live.get(session.sessionId)
    if (live && obeying !== session && !this.#lowerings.has(session.sessionId))
      live.active = ActiveSession.adopt(obeying)
    const denying = this.#denying.get(session.sessionId)
    if (denying && !(await denying.follow())) return this.end(session.sessionId, 'denial-lost')
    this.#ring(session.sessionId)
    await noticeRightsElsewhere(session, this.#ground)
    return undefined
  }

  /** One after the other, and never once the end has begun: an end waits for the change that is under way. */
  #obey(session: SessionRecord): Promise<SessionRecord | 'policy-change'> {
    const { sessionId } = session
    const before = this.#changing.get(sessionId) ?? Promise.resolve()
    const work = before.then(() =>
      this.#lowerings.has(sessionId) ? session : underPolicy(this.#latest(session), this.#ground),
    )
    this.#changing.set(
      sessionId,
      work.catch(() => undefined),
    )
    return work
  }

  async #record(session: SessionRecord, earlier: readonly RunningProgram[] = []): Promise<Recorded> {
    const onBatch = () => this.#ground.tell.changed()
    const recorded = await Recorded.start(session, this.#ground, { onBatch, earlier })
    this.#recorded.set(session.sessionId, recorded)
    return recorded
  }

  /** @throws DenyError: without its denials nobody is raised */
  async #deny(session: SessionRecord, { facts }: Recorded): Promise<SessionDenying> {
    const onLost = () => void this.end(session.sessionId, 'denial-lost')
    const denying = await SessionDenying.start(session, facts, { ...this.#ground, onLost })
    this.#denying.set(session.sessionId, denying)
    return denying
  }

  async #watchOver(active: ActiveSession, processesBefore: number): Promise<void> {
    const { sessionId, uid, anchor } = active.record
    const left = remainingMs(anchor, this.#ground.clock.now())
    const warnings = allWarnings.filter(({ atMs }) => atMs < left)
    const live: Live = { active, alarm: null, logoff: null, warnings, processesBefore }
    this.#live.set(sessionId, live)
    this.#ring(sessionId)
    try {
      live.logoff = await this.#ground.os.watchLogoff(uid, () => void this.end(sessionId, 'logoff'))
    } catch (error) {
      this.#ground.log.error('signing out will not end this session', error)
    }
  }

  /** An alarm only reminds: it looks at the clocks, gives the warnings that are due, ends what is over, sets the next. */
  #ring(sessionId: string): void {
    const live = this.#live.get(sessionId)
    if (!live || this.#lowerings.has(sessionId)) return
    live.alarm?.cancel()
    const { uid, anchor } = live.active.record
    const left = remainingMs(anchor, this.#ground.clock.now())
    if (left === 0) {
      this.end(sessionId, 'expired')
      return
    }
    const due = live.warnings.filter(({ atMs }) => left <= atMs).at(-1)
    live.warnings = live.warnings.filter(({ atMs }) => left > atMs)
    if (due) this.#warn(uid, due)
    const next = left - (live.warnings[0]?.atMs ?? 0)
    live.alarm = this.#ground.clock.after(next, () => this.#ring(sessionId))
  }

  #warn(uid: number, { kind, text }: Warning): void {
    const { tell, os, log } = this.#ground
    tell.notice(uid, kind)
    os.notify(uid, `Stint: your administrator rights end in ${text}.`).catch((error) =>
      log.error('a notice could not be shown', error),
    )
  }

  #lower(session: SessionRecord, reason: EndReason): Lowering {
    const { sessionId } = session
    const known = this.#lowerings.get(sessionId)
    if (known) return known
    this.#letGo(sessionId)
    const watching = {
      recorded: this.#recorded.get(sessionId),
      denying: this.#denying.get(sessionId),
      changing: this.#changing.get(sessionId),
    }
    const lowering = new Lowering(session, reason, watching, this.#ground)
    this.#lowerings.set(sessionId, lowering)
    void lowering.done.then(() => {
      this.#lowerings.delete(sessionId)
      this.#recorded.delete(sessionId)
      this.#denying.delete(sessionId)
      this.#live.delete(sessionId)
      this.#changing.delete(sessionId)
      if (reason === 'raise-failed') void this.#ground.comparisons.drop(sessionId)
      else this.#ground.comparisons.finish(sessionId)
      this.#ground.tell.changed()
      return this.#takeUnexplained()
    })
    return lowering
  }

  /** Rights that the system shows as ours and no record explains. Who has a session is looked at after it. */
  async #takeUnexplained(): Promise<void> {
    const { os, keeper, log } = this.#ground
    try {
      for (const raised of await os.raisedSessions()) {
        if (keeper.state.sessions.some(({ uid }) => uid === raised.uid)) continue
        log.error('rights without a record were found; they are taken away', new Error(raised.sessionId))
        await os.lower(raised)
      }
    } catch (error) {
      log.error('rights without a record could not be taken away', error)
    }
  }

  #letGo(sessionId: string): void {
    const live = this.#live.get(sessionId)
    live?.alarm?.cancel()
    live?.logoff?.stop()
  }

  #latest(session: SessionRecord): SessionRecord {
    const { sessions } = this.#ground.keeper.state
    return sessions.find(({ sessionId }) => sessionId === session.sessionId) ?? session
  }

  /** The end was written as abandoned; once it is proven after all, the person may be raised again. */
  async #proveAtLast({ sessionId, uid }: SessionRecord): Promise<void> {
    const { os, keeper, log } = this.#ground
    try {
      await os.lower({ sessionId, uid })
      await keeper.locked((write) =>
        write({ sessions: keeper.state.sessions.filter((record) => record.sessionId !== sessionId) }),
      )
      log.info('the rights of an abandoned session are proven gone', { sessionId })
    } catch (error) {
      log.error('the rights of an abandoned session are still not proven gone', error)
    }
  }
}

/** Deny wins over every grant, so what cannot be denied is not granted. */
function cannotDeny({ code, message, hint }: DenyError) {
  return {
    hint: `Programs that policy denies could not be kept from starting: ${message} ${hint}`,
    details: { reason: code },
  }
}
