import { parseRequestCode, type RecognisedAnswer, recogniseAnswer } from '@stint/code'
import { type DevicePolicy, done, grantedSeconds, type Outcome, refused } from '@stint/elevation'
import type { Ground } from '../config/ground.ts'
import { uuid7 } from '../config/ids.ts'
import { closed, overtaken } from '../config/request-ends.ts'
import {
  type AgentState,
  type Enrolled,
  isEnrolled,
  type RequestRecord,
  type SessionRecord,
} from '../config/state.ts'
import type { Asker } from '../door/asker.ts'
import type { Fact } from '../journal/fact.ts'
import type { Write } from '../journal/keeper.ts'
import type { Answer } from './answer.ts'
import { checkToken } from './answer-token.ts'
import { checkCode } from './spoken-code.ts'

export type AdmitGround = Pick<Ground, 'clock' | 'random' | 'keeper' | 'limiter' | 'policy'>

/**
 * Proof that a credential was verified against our own open request, that its use is counted, and that the journal
 * has it. **The one gate**: rights go up for a `VerifiedGrant` only, and only `admit` makes one.
 */
export class VerifiedGrant {
  readonly #checked = true
  /** Durable, and says "over" until the rights are up. */
  readonly session: SessionRecord

  private constructor(session: SessionRecord) {
    this.session = session
  }

  static is(value: unknown): value is VerifiedGrant {
    return typeof value === 'object' && value !== null && #checked in value && value.#checked
  }

  /**
   * Takes whatever a person typed or the courier delivered, for the person who asked.
   * Refuses with `not-enrolled`, `device-revoked`, `already-granted`, `lowering-pending`, `offline-codes-disabled`,
   * what `checkToken` and `checkCode` refuse, and `mode-not-available` for a profile that policy does not list.
   * @throws Fault of the disk: then nothing is granted
   */
  static admit(asker: Asker, text: string, ground: AdmitGround): Promise<Outcome<VerifiedGrant>> {
    const { keeper, policy } = ground
    return keeper.locked(async (write) => {
      const { identity } = keeper.state
      if (identity.state === 'revoked') return refused('device-revoked')
      const inForce = policy.current
      if (!isEnrolled(identity) || !inForce) return refused('not-enrolled')
      const running = keeper.state.sessions.find(({ uid }) => uid === asker.uid)
      if (running) return refused(running.phase === 'live' ? 'already-granted' : 'lowering-pending')
      const gate: Gate = { ...ground, write, identity, inForce, asker, record: latest(keeper.state, asker) }
      const answer = await verified(text, gate)
      if (!answer.ok) return answer
      const session = await consume(answer.value, gate)
      return session.ok ? done(new VerifiedGrant(session.value)) : session
    })
  }
}

interface Gate extends AdmitGround {
  readonly write: Write
  readonly identity: Enrolled
  readonly inForce: DevicePolicy
  readonly asker: Asker
  readonly record: RequestRecord | undefined
}

function latest({ requests }: AgentState, { userId }: Asker): RequestRecord | undefined {
  return requests.find((request) => request.userId === userId)
}

async function verified(text: string, gate: Gate): Promise<Outcome<Answer>> {
  const { identity, inForce: policy, record, asker, limiter, clock, keeper, write } = gate
  const { wallMs } = clock.now()
  const typed = recognise(text, record)
  if (typed.kind !== 'token' && !policy.offlineCodes) return refused('offline-codes-disabled')
  const common = { identity, policy, record, userId: asker.userId, limiter, wallMs }
  const answer =
    typed.kind === 'token'
      ? await checkToken({ ...common, token: typed.token })
      : await checkCode({ ...common, typed, keeper, write })
  if (!answer.ok) await closeWhatEnded(answer.refused.code, gate, wallMs)
  return answer
}

function recognise(text: string, record: RequestRecord | undefined): RecognisedAnswer {
  return recogniseAnswer(text, record ? { request: parseRequestCode(record.requestCode) } : {})
}

/** A refusal may be the first to notice that a request is over, or too late for any answer. */
async function closeWhatEnded(
  code: string,
  { keeper, limiter, record, write }: Gate,
  wallMs: number,
): Promise<void> {
  if (code === 'not-now' && record?.state === 'pending') {
    limiter.cancel(record.userId)
    const note = 'The answer came too late.'
    await write(...closed(keeper.state, record, { state: 'expired', reason: 'expired', note }, wallMs))
  }
  const late = overtaken(keeper.state, limiter.current, wallMs)
  if (late) await write(...late)
}

/** The use is counted, the session record says "over", the journal has the grant: in this order, then it is one. */
async function consume(answer: Answer, gate: Gate): Promise<Outcome<SessionRecord>> {
  const { keeper, record, inForce, write, clock, random } = gate
  if (!record) throw new TypeError('an answer was verified for a request that the agent does not know')
  const now = clock.now()
  if (answer.profile !== 0) {
    const note = 'The answer names a profile that this computer does not have.'
    await write(...closed(keeper.state, record, { state: 'denied', reason: 'denied', note }, now.wallMs))
    return refused('mode-not-available')
  }
  const seconds = grantedSeconds(answer.answeredSeconds, inForce)
  const session: SessionRecord = {
    sessionId: uuid7(now.wallMs, random),
    requestId: record.requestId,
    uid: record.uid,
    userId: record.userId,
    userName: record.userName,
    mode: record.mode,
    credential: answer.credential,
    reason: record.reason,
    endProcesses: answer.endProcesses,
    graceSeconds: inForce.graceSeconds,
    anchor: { ...now, seconds },
    phase: 'admitted',
    started: false,
    journalFrom: keeper.journal.size,
    endReason: null,
  }
  await write(approved(keeper.state, record, session), [admittedFact(answer, record, session)])
  return done(session)
}

function approved(state: AgentState, record: RequestRecord, session: SessionRecord): Partial<AgentState> {
  const decided = { ...record, state: 'approved' as const, decidedWallMs: session.anchor.wallMs }
  return {
    requests: state.requests.map((other) => (other.requestId === record.requestId ? decided : other)),
    sessions: [...state.sessions, session],
    heal: { ...state.heal, used: true },
  }
}

function admittedFact(answer: Answer, record: RequestRecord, session: SessionRecord): Fact {
  const { credential, answeredSeconds, endProcesses, profile, jti } = answer
  const { requestId, counter, userId, mode } = record
  const { sessionId, anchor } = session
  const from = { requestId, sessionId, credential, counter, userId, mode }
  const grantedSeconds = anchor.seconds
  return {
    type: 'grant.admitted',
    body: { ...from, answeredSeconds, grantedSeconds, endProcesses, profile, jti },
  }
}
