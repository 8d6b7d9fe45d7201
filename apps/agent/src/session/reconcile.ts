import type { Ground } from '../config/ground.ts'
import { hasJournal, type SessionRecord } from '../config/state.ts'
import { type ClockWatch, jumpFact } from './clock-watch.ts'
import { endsAtWallMs } from './deadline.ts'
import { gapFact } from './recorded-facts.ts'
import type { Sessions } from './sessions.ts'

export interface ReconcileGround extends Pick<Ground, 'clock' | 'keeper' | 'log'> {
  readonly sessions: Sessions
  readonly clockWatch: ClockWatch
}

/**
 * Repairs what the last run left, before anybody is let in: nothing is raised here, ever. A session that never came up,
 * or whose boot, time, account or rights are gone, ends; one that is well goes on with the time it has left; rights
 * that the system shows and no record explains are taken away.
 */
export async function reconcile(ground: ReconcileGround): Promise<void> {
  const { clock, keeper, sessions, clockWatch } = ground
  const now = clock.now()
  const lastSeenMs = keeper.state.clock?.wallMs ?? now.wallMs
  const driftMs = clockWatch.check(now)
  if (driftMs !== 0 && hasJournal(keeper.state.identity)) await keeper.write({}, [jumpFact(driftMs, now)])
  for (const session of keeper.state.sessions) {
    if (session.phase !== 'live') {
      await tellGap(session, lastSeenMs, ground)
      continue
    }
    const turnedBack = driftMs < 0 && now.bootId === session.anchor.bootId
    const reason = turnedBack ? 'clock-tampering' : await sessions.reasonToEnd(session, now)
    if (reason) {
      await tellGap(session, lastSeenMs, ground)
      await sessions.end(session.sessionId, reason)?.lowered
    } else await sessions.adopt(session, lastSeenMs)
  }
  await sessions.check()
}

/**
 * Nobody recorded a session between the last sign of the agent and its end: that is told before the end is written,
 * which counts it. A disk that refuses must not keep rights up.
 */
async function tellGap(
  { sessionId, started, phase, anchor }: SessionRecord,
  lastSeenMs: number,
  { clock, keeper, log }: ReconcileGround,
): Promise<void> {
  if (!started || phase === 'abandoned') return
  const toMs = Math.max(lastSeenMs, Math.min(clock.now().wallMs, endsAtWallMs(anchor)))
  const detail = 'the agent was not running'
  const gap = gapFact(sessionId, { fromMs: lastSeenMs, toMs, cause: 'recorder-stopped', detail })
  await keeper
    .write({}, [gap])
    .catch((error) => log.error('that a session was not wholly recorded could not be written', error))
}
