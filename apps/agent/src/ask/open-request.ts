import { createRequestCode, openRequest, requestText, SLOT_UNKNOWN_USER } from '@stint/code'
import { type DevicePolicy, done, type Outcome, refused } from '@stint/elevation'
import type { RequestFact } from '@stint/wire/journal'
import type { Ground } from '../config/ground.ts'
import { type Random, rfc3339, uuid7 } from '../config/ids.ts'
import { overtaken } from '../config/request-ends.ts'
import { type AgentState, type Enrolled, isEnrolled, type RequestRecord } from '../config/state.ts'
import type { Asker } from '../door/asker.ts'
import type { Wish } from '../door/wish.ts'
import { codeKeys, deviceEpoch } from '../enrol/device-keys.ts'

export type AskGround = Pick<Ground, 'clock' | 'random' | 'keeper' | 'limiter' | 'policy'>

/** A request that is durable and in the journal, so its code may be shown. Only `ask` makes one. */
export class OpenRequest {
  readonly #asked = true
  readonly record: RequestRecord

  private constructor(record: RequestRecord) {
    this.record = record
  }

  static is(value: unknown): value is OpenRequest {
    return typeof value === 'object' && value !== null && #asked in value && value.#asked
  }

  /**
   * Refuses with `not-enrolled`, `device-revoked`, `already-granted`, `lowering-pending`, `request-open`,
   * `mode-not-available`, `reason-required`, `ticket-required`, `minutes-above-ceiling`, `offline-codes-disabled`,
   * `too-many-requests`, `quarantine`.
   * @throws Fault of the disk: then there is no request
   */
  static ask(asker: Asker, wish: Wish, ground: AskGround): Promise<Outcome<OpenRequest>> {
    const { keeper, limiter, policy, clock } = ground
    return keeper.locked(async (write) => {
      const late = overtaken(keeper.state, limiter.current, clock.now().wallMs)
      if (late) await write(...late)
      const { identity } = keeper.state
      if (identity.state === 'revoked') return refused('device-revoked')
      const inForce = policy.current
      if (!isEnrolled(identity) || !inForce) return refused('not-enrolled')
      const no = standing(keeper.state, asker) ?? refusedByPolicy(wish, inForce)
      if (no) return no
      const opened = open(asker, wish, inForce, identity, ground)
      if (!opened.ok) return opened
      const record = opened.value
      const others = keeper.state.requests.filter(({ userId }) => userId !== asker.userId)
      await write({ requests: [...others, record] }, [{ type: 'request.created', body: requestFact(record) }])
      return done(new OpenRequest(record))
    })
  }
}

type No = Extract<Outcome<never>, { ok: false }>

function standing(state: AgentState, asker: Asker): No | undefined {
  const session = state.sessions.find(({ uid }) => uid === asker.uid)
  if (session) return refused(session.phase === 'live' ? 'already-granted' : 'lowering-pending')
  const open = state.requests.find(({ userId, state }) => userId === asker.userId && state === 'pending')
  return open && refused('request-open')
}

function refusedByPolicy(wish: Wish, policy: DevicePolicy): No | undefined {
  if (wish.mode !== 'session' || !policy.modes.includes(wish.mode)) return refused('mode-not-available')
  const { reasonMinLength, reasonMaxLength, minutesCeiling } = policy
  const length = [...wish.reason.trim()].length
  if (length < reasonMinLength || length > reasonMaxLength)
    return refused('reason-required', { details: { reasonMinLength, reasonMaxLength } })
  if (policy.ticketRequired && !wish.ticket?.trim()) return refused('ticket-required')
  if ((wish.minutes ?? 0) > minutesCeiling)
    return refused('minutes-above-ceiling', { details: { minutesCeiling } })
  if (wish.offline && !policy.offlineCodes) return refused('offline-codes-disabled')
  return undefined
}

function open(
  asker: Asker,
  wish: Wish,
  policy: DevicePolicy,
  identity: Enrolled,
  { clock, random, limiter }: AskGround,
): Outcome<RequestRecord> {
  const { userId } = asker
  const opening = openRequest(limiter.current, limiter.upMs, {
    user: userId,
    kind: 'session',
    dual: false,
    ttlMs: policy.answerByMinutes * 60_000,
    bind: (counter) => bound(counter, userId, { policy, identity, random }),
  })
  if (opening.result === 'quarantine') return refused('quarantine')
  if (opening.result === 'quota')
    return refused('too-many-requests', { details: { remainingMs: opening.retryAfterMs } })
  if (opening.result === 'already-open') return refused('request-open')
  limiter.take(opening.limiter)
  const { code: requestCode, counter, epoch, pol: policySerial } = opening.request
  const { wallMs } = clock.now()
  const code = { requestId: uuid7(wallMs, random), requestCode, counter, epoch, policySerial }
  return done({
    ...code,
    uid: asker.uid,
    userId,
    userName: asker.name,
    mode: wish.mode,
    reason: wish.reason.trim(),
    minutes: wish.minutes ?? Math.min(policy.minutesDefault, policy.minutesCeiling),
    ticket: wish.ticket?.trim() || null,
    createdWallMs: wallMs,
    state: 'pending',
    sent: false,
    note: '',
    decidedWallMs: null,
  })
}

interface Binding {
  readonly policy: DevicePolicy
  readonly identity: Enrolled
  readonly random: Random
}

function bound(counter: number, userId: string, { policy, identity, random }: Binding) {
  const userSlot = policy.users.find((user) => user.userId === userId)?.slot ?? SLOT_UNKNOWN_USER
  const { devNo, epoch } = identity
  const pol = policy.serial
  const facts = { kind: 'session', devNo, userSlot, userId, counter, nonce: nonce19(random), pol } as const
  const code = requestText(createRequestCode(deviceEpoch(identity), codeKeys(identity), facts))
  return { code, epoch, pol, userId }
}

/** 19 uniform bits. */
function nonce19(random: Random): number {
  const [a = 0, b = 0, c = 0] = random(3)
  return ((a & 7) << 16) | (b << 8) | c
}

/** The request as the server is told of it. */
export function requestFact(record: RequestRecord): RequestFact {
  const { requestId, requestCode, counter, policySerial, epoch, userId, userName } = record
  const { mode, reason, minutes, ticket } = record
  const createdAt = rfc3339(record.createdWallMs)
  const names = { requestId, requestCode, counter, policySerial, epoch, userId, userName }
  return { ...names, mode, reason, minutes, ticket, createdAt }
}
