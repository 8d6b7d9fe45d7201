import {
  CodeError,
  confirmation,
  type DeviceEpoch,
  type Heal as HealFields,
  healAnswerMessage,
  healAsDevice,
  healHelloMessage,
  verifyConfirmation,
  voidRequests,
} from '@stint/code'
import { done, Fault, type Outcome, refused } from '@stint/elevation'
import type { HealAnswer, HealConfirm, HealHello } from '@stint/wire/device'
import type { Clock } from '../clock/clock.ts'
import type { Random } from '../config/ids.ts'
import type { RunningLimiter } from '../config/running-limiter.ts'
import { type AgentState, type Enrolled, isEnrolled } from '../config/state.ts'
import type { Fact } from '../journal/fact.ts'
import type { Keeper } from '../journal/keeper.ts'
import { readTrust } from '../policy/trust.ts'
import { publicOf, signWith } from './keys.ts'

/** `confirm` is not null while the server has not said that it knows the keys in force here: that comes first. */
export interface HealOffer {
  readonly hello: HealHello | null
  readonly confirm: HealConfirm | null
}

const longestEpochMs = 30 * 24 * 3_600_000

/** A heal is due: a credential was used, the keys are 30 days old, or the server asks (protocol 4.3). */
export function healWanted(state: AgentState, wallMs: number): boolean {
  const { identity, heal } = state
  if (!isEnrolled(identity)) return false
  if (heal.unconfirmed || heal.asked) return true
  return !hasOpenRequest(state) && (heal.used || wallMs - heal.lastWallMs > longestEpochMs)
}

function hasOpenRequest(state: AgentState): boolean {
  return state.requests.some((request) => request.state === 'pending')
}

/**
 * Renews the code keys. The new key is durable before its confirmation leaves, and the confirmation is offered again
 * until the server has it, so neither side is ever left with a key that the other does not know.
 */
export class Heal {
  readonly #keeper: Keeper
  readonly #random: Random
  readonly #clock: Clock
  readonly #limiter: RunningLimiter
  /** The open exchange; a restart begins another one, which the server allows. */
  #asked: { readonly epoch: number; readonly eD: Uint8Array; readonly nD: Uint8Array } | null = null

  constructor(
    keeper: Keeper,
    parts: { readonly random: Random; readonly clock: Clock; readonly limiter: RunningLimiter },
  ) {
    this.#keeper = keeper
    this.#random = parts.random
    this.#clock = parts.clock
    this.#limiter = parts.limiter
  }

  /**
   * A request is answered under the keys it was made with: while one is open there is no heal, unless the server asks,
   * and then the request ends.
   */
  offer(): Promise<HealOffer> {
    return this.#keeper.locked(async (write) => {
      const { state } = this.#keeper
      const now = this.#clock.now()
      if (!isEnrolled(state.identity) || !healWanted(state, now.wallMs)) return { hello: null, confirm: null }
      if (state.heal.unconfirmed) return { hello: null, confirm: state.heal.unconfirmed }
      if (hasOpenRequest(state)) {
        this.#limiter.take(voidRequests(this.#limiter.current, this.#limiter.upMs))
        await write(...voided(state, now.wallMs))
      }
      this.#asked = { epoch: state.identity.epoch + 1, eD: this.#random(32), nD: this.#random(16) }
      const device = deviceEpoch(state.identity)
      const eD = publicOf('X25519', hex(this.#asked.eD))
      const message = healHelloMessage({ device, eD: bytes(eD), nD: this.#asked.nD })
      const sig = signWith(state.identity.dik, message)
      return { hello: { epoch: this.#asked.epoch, eD, nD: hex(this.#asked.nD), sig }, confirm: null }
    })
  }

  /** Refuses with `wrong-signature` when the server proves nothing, `conflict` without an open exchange. */
  answer(answer: HealAnswer): Promise<Outcome<HealConfirm>> {
    return this.#keeper.locked(async (write) => {
      const { identity } = this.#keeper.state
      const asked = this.#asked
      if (!isEnrolled(identity) || asked?.epoch !== answer.epoch || hasOpenRequest(this.#keeper.state))
        return refused('conflict')
      const made = agree(identity, asked, answer)
      if (!made.ok) return made
      const { crk, confirm } = made.value
      const heal = { used: false, asked: false, lastWallMs: this.#clock.now().wallMs, unconfirmed: confirm }
      const healed: Fact = { type: 'key.healed', body: { epoch: answer.epoch } }
      await write({ identity: { ...identity, epoch: answer.epoch, crk }, heal }, [healed])
      this.#asked = null
      return done(confirm)
    })
  }

  /** The server knows the keys of `epoch`. */
  confirmed(epoch: number): Promise<void> {
    return this.#keeper.locked(async (write) => {
      const { heal } = this.#keeper.state
      if (heal.unconfirmed?.epoch === epoch) await write({ heal: { ...heal, unconfirmed: null } })
    })
  }

  /** The server asks for a heal. */
  ask(): Promise<void> {
    return this.#keeper.locked((write) => write({ heal: { ...this.#keeper.state.heal, asked: true } }))
  }
}

function voided(state: AgentState, wallMs: number): [Partial<AgentState>, Fact[]] {
  const note = 'The keys of this computer were renewed. Ask again.'
  const open = state.requests.filter((request) => request.state === 'pending')
  const requests = state.requests.map((request) =>
    request.state === 'pending'
      ? { ...request, state: 'void' as const, note, decidedWallMs: wallMs }
      : request,
  )
  const facts = open.map(({ requestId }): Fact => {
    return { type: 'request.void', body: { requestId, reason: 'expired', note } }
  })
  return [{ requests }, facts]
}

function agree(
  identity: Enrolled,
  asked: { readonly eD: Uint8Array; readonly nD: Uint8Array },
  answer: HealAnswer,
): Outcome<{ readonly crk: string; readonly confirm: HealConfirm }> {
  const fields: HealFields = {
    device: deviceEpoch(identity),
    dik: bytes(publicOf('Ed25519', identity.dik)),
    dxk: bytes(publicOf('X25519', identity.dxk)),
    eD: bytes(publicOf('X25519', hex(asked.eD))),
    nD: asked.nD,
    eS: bytes(answer.eS),
    nS: bytes(answer.nS),
  }
  const secrets = { eDPrivate: asked.eD, dxkPrivate: bytes(identity.dxk), crk: bytes(identity.crk) }
  try {
    const agreed = healAsDevice(fields, secrets)
    const message = healAnswerMessage(agreed.transcript)
    if (!readTrust(identity.trust).signed('policy', message, answer.sigS)) return refused('wrong-signature')
    verifyConfirmation(agreed, 'server', bytes(answer.confirmS))
    const confirmD = hex(confirmation(agreed, 'device'))
    return done({ crk: hex(agreed.crk), confirm: { epoch: answer.epoch, confirmD } })
  } catch (error) {
    if (error instanceof CodeError && error.code !== 'argument') return refused('wrong-signature')
    if (error instanceof CodeError) throw new Fault('malformed', error.message, error.hint, { cause: error })
    throw error
  }
}

function deviceEpoch({ tenant, deviceId, epoch }: Enrolled): DeviceEpoch {
  return { tenant: bytes(tenant), deviceId: bytes(deviceId), epoch }
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text, 'hex')
}

function hex(value: Uint8Array): string {
  return Buffer.from(value).toString('hex')
}
