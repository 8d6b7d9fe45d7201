import type { EndReason } from '@stint/elevation'
import type { Clock } from '../clock/clock.ts'
import type { Ground } from '../config/ground.ts'
import { printable } from '../config/printable.ts'
import type { SessionRecord } from '../config/state.ts'
import type { Tell } from '../door/tell.ts'
import type { Fact } from '../journal/fact.ts'
import { replaced } from './active-session.ts'
import { endsAtWallMs } from './deadline.ts'
import type { SessionDenying } from './denying.ts'
import { EndedSession, type Ending } from './ended-session.ts'
import type { Recorded } from './recorded.ts'
import { noticeRightsElsewhere } from './rights-elsewhere.ts'

export type LowerGround = Pick<Ground, 'os' | 'clock' | 'keeper' | 'log'> & { readonly tell: Tell }

/** What watches over a session until its end is written. */
export interface Watching {
  readonly recorded: Recorded | undefined
  readonly denying: SessionDenying | undefined
  /** A change of its rights that is under way: done after they are taken, it would give them again. Never rejects. */
  readonly changing: Promise<unknown> | undefined
}

/** Tries to lower before it is given up: about seven minutes. */
export const lowerTries = 12
const longestPauseMs = 60_000
const rewriteAfterMs = 5_000

/** One end of one session. Starts at once; both promises always settle, neither rejects. */
export class Lowering {
  readonly reason: EndReason
  /** True when the first try proved the rights gone. */
  readonly lowered: Promise<boolean>
  /** When the end is in the journal. */
  readonly done: Promise<EndedSession>
  readonly #ground: LowerGround
  readonly #session: SessionRecord
  readonly #watching: Watching
  #endedWallMs: number
  #firstTry: (lowered: boolean) => void = () => undefined

  constructor(session: SessionRecord, reason: EndReason, watching: Watching, ground: LowerGround) {
    this.reason = reason
    this.#session = session
    this.#watching = watching
    this.#ground = ground
    this.#endedWallMs = ground.clock.now().wallMs
    this.lowered = new Promise((resolve) => {
      this.#firstTry = resolve
    })
    this.done = this.#run()
  }

  get record(): SessionRecord {
    return { ...this.#session, phase: 'ending', endReason: this.reason }
  }

  /** When the rights were gone; while they are not, when this began. */
  get endedWallMs(): number {
    return this.#endedWallMs
  }

  async #run(): Promise<EndedSession> {
    await this.#remember()
    await this.#watching.changing
    const ending = await this.#lowerUntilProven()
    this.#endedWallMs = ending.endedWallMs
    this.#firstTry(ending.proven)
    this.#tellThePerson()
    const processes = ending.proven ? await this.#endProcesses() : noProcesses
    const { recorded, denying } = this.#watching
    await this.#attempt('denying programs could not be stopped', async () => denying?.stop())
    await this.#attempt('the recording could not be stopped', async () => recorded?.stop())
    if (ending.proven && this.reason !== 'account-gone' && this.reason !== 'raise-failed')
      await this.#attempt('rights given by others could not be looked at', () =>
        noticeRightsElsewhere(this.#session, this.#ground),
      )
    const ended = await this.#write({ ...ending, ...processes })
    await this.#attempt('the end of a session could not be sealed yet', () => this.#ground.keeper.seal())
    return ended
  }

  /** Best effort: when the disk refuses, the rights must go down all the same, and the old record repairs as well. */
  async #remember(): Promise<void> {
    const { keeper } = this.#ground
    await this.#attempt('the end of a session could not be noted', () =>
      keeper.locked((write) => write({ sessions: replaced(keeper.state.sessions, this.record) })),
    )
  }

  async #lowerUntilProven(): Promise<Omit<Ending, 'processesEnded' | 'stillRunning'>> {
    const { os, clock, keeper, log } = this.#ground
    const { sessionId, uid } = this.#session
    for (let attempt = 1; ; attempt++) {
      try {
        await os.lower({ sessionId, uid })
        return { reason: this.reason, endedWallMs: this.#goneWallMs(attempt), proven: true }
      } catch (error) {
        log.error(`rights could not be proven gone, try ${attempt} of ${lowerTries}`, error)
        this.#firstTry(false)
        const what = error instanceof Error ? error.message : 'unknown'
        const fact: Fact = {
          type: 'session.still-raised',
          body: { sessionId, attempt, what: printable(what, 1000) },
        }
        await this.#attempt('a failed lowering could not be noted', () => keeper.write({}, [fact]))
      }
      if (attempt >= lowerTries) break
      await pause(clock, Math.min(1000 * 2 ** (attempt - 1), longestPauseMs))
    }
    return { reason: 'lowering-abandoned', endedWallMs: clock.now().wallMs, proven: false }
  }

  /**
   * At a deadline and at a reboot the operating system ended the rights, whenever we came to look. That is not
   * claimed once it showed them as still raised.
   */
  #goneWallMs(attempt: number): number {
    const now = this.#ground.clock.now().wallMs
    const bySystem = attempt === 1 && (this.reason === 'expired' || this.reason === 'reboot')
    return bySystem ? Math.min(now, endsAtWallMs(this.#session.anchor)) : now
  }

  #tellThePerson(): void {
    if (this.reason === 'raise-failed') return
    const { os, tell } = this.#ground
    const { uid, endProcesses, graceSeconds } = this.#session
    tell.notice(uid, 'ended')
    const programs = endProcesses
      ? ` Programs started with them must close within ${graceSeconds} seconds.`
      : ''
    void this.#attempt('a notice could not be shown', () =>
      os.notify(uid, `Stint: your administrator rights have ended.${programs}`),
    )
  }

  async #endProcesses(): Promise<Pick<Ending, 'processesEnded' | 'stillRunning'>> {
    const { os } = this.#ground
    const { sessionId, uid, anchor, endProcesses, graceSeconds } = this.#session
    const session = { sessionId, uid, sinceBootMs: anchor.bootMs }
    // In another boot nothing of the session can still run, and its times since boot mean nothing.
    if (this.#ground.clock.now().bootId !== anchor.bootId) return noProcesses
    if (endProcesses) {
      const result = await this.#attempt('elevated processes could not be ended', () =>
        os.endProcesses({ ...session, graceMs: graceSeconds * 1000 }),
      )
      if (result) return { processesEnded: result.ended.length, stillRunning: result.running }
    }
    const running = await this.#attempt('elevated processes could not be listed', () =>
      os.elevatedProcesses(session),
    )
    return { processesEnded: 0, stillRunning: running ?? [] }
  }

  async #write(ending: Ending): Promise<EndedSession> {
    for (;;) {
      const written = await this.#attempt('the end of a session could not be written', () =>
        EndedSession.write(this.#latest(), ending, this.#ground),
      )
      if (written) return written
      await pause(this.#ground.clock, rewriteAfterMs)
    }
  }

  #latest(): SessionRecord {
    const { sessions } = this.#ground.keeper.state
    return sessions.find(({ sessionId }) => sessionId === this.#session.sessionId) ?? this.#session
  }

  async #attempt<T>(trouble: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work()
    } catch (error) {
      this.#ground.log.error(trouble, error)
      return undefined
    }
  }
}

const noProcesses = { processesEnded: 0, stillRunning: [] }

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve)
  })
}
