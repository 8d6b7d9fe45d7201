import { grantedSeconds } from '@stint/elevation'
import type { Ground } from '../config/ground.ts'
import type { SessionRecord } from '../config/state.ts'
import { raiseOrder } from './active-session.ts'
import { remainingMs } from './deadline.ts'

/**
 * A policy that came meanwhile holds for sessions that are live already. One of a mode that is no longer allowed ends.
 * One that is longer than the new ceiling is shortened to it, counted from its start: the operating
 * system's own deadline first, so that a crash leaves the shorter one. What cannot be shortened ends. Never lengthens.
 * @throws Fault of the disk
 */
export async function underPolicy(
  session: SessionRecord,
  { os, clock, keeper, policy, log }: Pick<Ground, 'os' | 'clock' | 'keeper' | 'policy' | 'log'>,
): Promise<SessionRecord | 'policy-change'> {
  const inForce = policy.current
  if (inForce === null) return session
  if (!inForce.modes.includes(session.mode)) return 'policy-change'
  const seconds = grantedSeconds(session.anchor.seconds, inForce)
  if (seconds >= session.anchor.seconds) return session
  const shorter: SessionRecord = { ...session, anchor: { ...session.anchor, seconds } }
  const leftMs = remainingMs(shorter.anchor, clock.now())
  if (leftMs === 0) return 'policy-change'
  try {
    await os.raise(raiseOrder(shorter))
  } catch (error) {
    log.error('a session could not be shortened, so it ends', error)
    return 'policy-change'
  }
  await keeper.locked((write) => {
    // Its end may have begun meanwhile: only the time is ours to change.
    const sessions = keeper.state.sessions.map((now) =>
      now.sessionId === session.sessionId ? { ...now, anchor: shorter.anchor } : now,
    )
    return write({ sessions })
  })
  const minutes = Math.max(1, Math.round(leftMs / 60_000))
  await os
    .notify(session.uid, `Stint: your administrator rights end in ${minutes} min: the policy has changed.`)
    .catch((error) => log.error('a notice could not be shown', error))
  return shorter
}
