import { LIMITS, limitedUser } from '@stint/code'
import { defaultPolicy } from '@stint/elevation'
import type { OpenRequestView, SessionView, UserStatus } from '@stint/wire/local-user'
import type { Instant } from '../clock/clock.ts'
import type { Ground } from '../config/ground.ts'
import { rfc3339 } from '../config/ids.ts'
import type { EndedRecord, RequestRecord, SessionRecord } from '../config/state.ts'
import type { Asker } from './asker.ts'

/** What a status is made of besides what is kept. */
export interface Surroundings {
  readonly deviceName: string
  /** When the courier last said that it spoke with the server. */
  readonly contact: Instant | null
  readonly online: boolean
  /** Elevated processes of a session so far. */
  processes(sessionId: string): number
}

type ViewGround = Pick<Ground, 'clock' | 'keeper' | 'limiter' | 'policy'>

/** Everything a person's programs show. */
export function userStatus(asker: Asker, ground: ViewGround, around: Surroundings): UserStatus {
  const { keeper, clock } = ground
  const { state } = keeper
  const policy = ground.policy.current ?? defaultPolicy
  const latest = state.requests.find(({ userId }) => userId === asker.userId)
  const session = state.sessions.find(
    ({ uid, phase }) => uid === asker.uid && (phase === 'live' || phase === 'ending'),
  )
  const { offlineCodes, minutesDefault, minutesCeiling } = policy
  const { reasonMinLength, reasonMaxLength, ticketRequired, contacts } = policy
  return {
    device: {
      name: around.deviceName,
      enrolled: state.identity.state === 'enrolled',
      online: around.online,
      lastContactAt: around.contact ? rfc3339(around.contact.wallMs) : null,
    },
    user: { name: asker.name },
    now: rfc3339(clock.now().wallMs),
    request: latest?.state === 'pending' ? requestView(latest, ground) : null,
    session: session ? sessionView(session, around.processes(session.sessionId)) : null,
    lastDecision: latest ? decisionView(latest) : null,
    policy: {
      offlineCodes,
      minutesDefault,
      minutesCeiling,
      reasonMinLength,
      reasonMaxLength,
      ticketRequired,
    },
    contacts,
    pause: pauseOf(asker, ground),
  }
}

export function requestView(record: RequestRecord, { limiter }: Pick<Ground, 'limiter'>): OpenRequestView {
  const { requestId, requestCode, state, mode, reason, minutes, ticket, sent } = record
  const limited = limitedUser(limiter.current.state, record.userId).request
  const tries = limited?.code === requestCode ? limited.tries : LIMITS.triesPerRequest
  return {
    requestId,
    requestCode,
    state,
    mode,
    reason,
    minutes,
    ticket,
    sent,
    createdAt: rfc3339(record.createdWallMs),
    triesLeft: Math.max(0, LIMITS.triesPerRequest - tries),
  }
}

/** A session that is not proven over. While it is ending, `endReason` is there and `endedAt` is not. */
export function sessionView(record: SessionRecord, processes: number): SessionView {
  return { ...commonView(record), endedAt: null, endReason: record.endReason, processes }
}

export function endedView(record: EndedRecord): SessionView {
  const { endReason, endedWallMs, processes } = record
  return { ...commonView(record), endedAt: rfc3339(endedWallMs), endReason, processes }
}

function commonView({
  sessionId,
  mode,
  credential,
  reason,
  anchor,
  endProcesses,
}: SessionRecord | EndedRecord) {
  const startedAt = rfc3339(anchor.wallMs)
  const endsAt = rfc3339(anchor.wallMs + anchor.seconds * 1000)
  return { sessionId, mode, credential, reason, startedAt, endsAt, endProcesses }
}

function decisionView({ requestId, state, note, decidedWallMs }: RequestRecord): UserStatus['lastDecision'] {
  if (state === 'pending' || state === 'approved') return null
  return { requestId, state, note, at: rfc3339(decidedWallMs ?? 0) }
}

function pauseOf({ userId }: Asker, { limiter }: Pick<Ground, 'limiter'>): UserStatus['pause'] {
  const { state } = limiter.current
  const user = limitedUser(state, userId)
  if (state.quarantine) return { kind: 'quarantine', remainingMs: 0 }
  const locked = user.failures >= LIMITS.failuresPerUser || state.failures >= LIMITS.failuresPerDevice
  if (locked) return { kind: 'locked', remainingMs: 0 }
  return user.owedMs > 0 ? { kind: 'wait', remainingMs: Math.ceil(user.owedMs) } : null
}
