import { LIMITS, type Limiter } from '@stint/code'
import type { Alarm } from '../clock/clock.ts'
import type { Ground } from '../config/ground.ts'
import { overtaken } from '../config/request-ends.ts'
import { hasJournal } from '../config/state.ts'
import { type ClockWatch, jumpFact } from './clock-watch.ts'
import type { Sessions } from './sessions.ts'

export interface HeartbeatGround extends Pick<Ground, 'clock' | 'keeper' | 'limiter' | 'log'> {
  readonly sessions: Sessions
  readonly clockWatch: ClockWatch
  /** What else is looked after at every beat. */
  readonly also: () => Promise<void>
}

const beatMs = 30_000

/** Looks at everything that nobody calls about: clocks, requests that get too old, sessions, time to save. */
export class Heartbeat {
  readonly #ground: HeartbeatGround
  #alarm: Alarm | null = null
  #savedBootMs: number

  constructor(ground: HeartbeatGround) {
    this.#ground = ground
    this.#savedBootMs = ground.clock.now().bootMs
  }

  start(): void {
    this.#alarm = this.#ground.clock.after(beatMs, () => {
      void this.beat().finally(() => {
        if (this.#alarm) this.start()
      })
    })
  }

  stop(): void {
    this.#alarm?.cancel()
    this.#alarm = null
  }

  /** Never rejects: what fails now is tried at the next beat. */
  async beat(): Promise<void> {
    for (const work of [
      this.#checkClock,
      this.#endOldRequests,
      this.#checkSessions,
      this.#save,
      this.#ground.also,
    ]) {
      try {
        await work()
      } catch (error) {
        this.#ground.log.error('something that is looked after regularly failed', error)
      }
    }
  }

  readonly #checkClock = async (): Promise<void> => {
    const { clock, clockWatch, keeper, sessions } = this.#ground
    const now = clock.now()
    const driftMs = clockWatch.check(now)
    if (driftMs === 0) return
    if (driftMs < 0) await sessions.endAll('clock-tampering')
    if (hasJournal(keeper.state.identity)) await keeper.write({}, [jumpFact(driftMs, now)])
  }

  readonly #endOldRequests = (): Promise<void> => {
    const { keeper, limiter, clock } = this.#ground
    return keeper.locked(async (write) => {
      const late = overtaken(keeper.state, limiter.current, clock.now().wallMs)
      if (late) await write(...late)
    })
  }

  readonly #checkSessions = (): Promise<void> => this.#ground.sessions.check()

  /** Time that was owed and has passed is credited after a power cut only as far as it was saved. */
  readonly #save = async (): Promise<void> => {
    const { keeper, limiter, clock } = this.#ground
    const now = clock.now().bootMs
    const moving = isMoving(limiter.current) || keeper.state.sessions.length > 0
    if (!moving || now - this.#savedBootMs < LIMITS.saveEveryMs) return
    await keeper.write({})
    this.#savedBootMs = now
  }
}

function isMoving({ state }: Limiter): boolean {
  return (
    state.created.count > 0 ||
    state.users.some(({ owedMs, request }) => owedMs > 0 || request?.status === 'open')
  )
}
