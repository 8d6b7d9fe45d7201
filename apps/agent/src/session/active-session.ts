import type { VerifiedGrant } from '../admit/verified-grant.ts'
import type { Ground } from '../config/ground.ts'
import { rfc3339 } from '../config/ids.ts'
import type { SessionRecord } from '../config/state.ts'
import type { Fact } from '../journal/fact.ts'
import type { RaiseOrder } from '../os/os.ts'
import { endsAtBootMs, endsAtWallMs } from './deadline.ts'

export type RaiseGround = Pick<Ground, 'os' | 'clock' | 'keeper'>

/** For the journal: what watches over a session. */
export interface Watched {
  /** What records it, or why nothing does. */
  readonly recording: string
  /** What denies programs, or why nothing does. */
  readonly denying: string
}

/** A session whose rights are up and whose record says so. Made from a verified grant, or found alive at a start. */
export class ActiveSession {
  readonly #raised = true
  readonly record: SessionRecord

  private constructor(record: SessionRecord) {
    this.record = record
  }

  static is(value: unknown): value is ActiveSession {
    return typeof value === 'object' && value !== null && #raised in value && value.#raised
  }

  /**
   * Order, each step durable before the next: the record that says "over" (the grant has it), the start in the
   * journal, the rights, the record that says "live". Whatever this throws, the caller lowers.
   * @param watched what records the session and what denies programs in it, or why nothing does
   * @throws OsError when the rights could not be given; Fault of the disk
   */
  static async raise(grant: VerifiedGrant, watched: Watched, ground: RaiseGround): Promise<ActiveSession> {
    const { os, clock, keeper } = ground
    const { uid, anchor } = grant.session
    const wasAdministrator = await os.isAdministrator(uid)
    const now = clock.now()
    const began = { anchor: { ...now, seconds: anchor.seconds }, administrator: wasAdministrator }
    const started: SessionRecord = { ...grant.session, ...began, started: true }
    const start = startFact(started, { ...watched, wasAdministrator })
    await keeper.locked((write) => write({ sessions: replaced(keeper.state.sessions, started) }, [start]))
    await os.raise(raiseOrder(started))
    const live: SessionRecord = { ...started, phase: 'live' }
    await keeper.locked((write) => write({ sessions: replaced(keeper.state.sessions, live) }))
    return new ActiveSession(live)
  }

  /** A session that the last run of the agent left alive, and that the operating system still shows as raised. */
  static adopt(record: SessionRecord): ActiveSession {
    if (record.phase !== 'live') throw new TypeError('only a live session can be adopted')
    return new ActiveSession(record)
  }
}

/** What the operating system is told of a session: the same whenever it is told again. */
export function raiseOrder({ sessionId, uid, anchor }: SessionRecord): RaiseOrder {
  return { sessionId, uid, endsAtWallMs: endsAtWallMs(anchor), endsAtBootMs: endsAtBootMs(anchor) }
}

/** The list with the record of the same session replaced; unchanged if there is none. */
export function replaced(
  sessions: readonly SessionRecord[],
  record: SessionRecord,
): readonly SessionRecord[] {
  return sessions.map((other) => (other.sessionId === record.sessionId ? record : other))
}

export function startFact(
  record: SessionRecord,
  { recording, denying, wasAdministrator }: Watched & { readonly wasAdministrator: boolean },
): Fact {
  const { sessionId, requestId, userId, userName, mode, credential, endProcesses, anchor } = record
  const times = { startedAt: rfc3339(anchor.wallMs), endsAt: rfc3339(endsAtWallMs(anchor)) }
  const names = { sessionId, requestId, userId, userName, mode, credential }
  return {
    type: 'session.start',
    body: { ...names, ...times, endProcesses, recording, wasAdministrator, denying },
  }
}
