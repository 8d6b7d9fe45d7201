import {
  agreeAsDevice,
  type Enrolment as CodeEnrolment,
  CodeError,
  confirmation,
  emptyLimiter,
  enrolAnswerMessage,
  enrolHelloMac,
  enrolHelloMessage,
  jcs,
  logKeyMessage,
  startLimiter,
  verifyConfirmation,
} from '@stint/code'
import { done, Fault, type Outcome, refused } from '@stint/elevation'
import type { EnrolConfirm, EnrolHello, EnrolWelcome } from '@stint/wire/device'
import type { DeviceFacts } from '@stint/wire/journal'
import type { Random } from '../config/ids.ts'
import type { RunningLimiter } from '../config/running-limiter.ts'
import type { AgentState, Enrolled, Enrolling } from '../config/state.ts'
import type { Keeper } from '../journal/keeper.ts'
import { verifyPolicy } from '../policy/signed-policy.ts'
import { readTrust, type Trust, trustHash } from '../policy/trust.ts'
import { publicOf, signWith } from './keys.ts'
import { readToken } from './token.ts'

/** What the courier carries to the server now. `confirm` first if there is one: the welcome was verified already. */
export interface EnrolOffer {
  readonly hello: EnrolHello
  readonly confirm: EnrolConfirm | null
}

/**
 * Makes this computer known to a server (protocol 4.2). Every step is durable before its message leaves, so a start
 * in between goes on where it stopped: the same hello, or the same confirmation.
 */
export class Enrolment {
  readonly #keeper: Keeper
  readonly #random: Random
  readonly #limiter: RunningLimiter

  constructor(keeper: Keeper, parts: { readonly random: Random; readonly limiter: RunningLimiter }) {
    this.#keeper = keeper
    this.#random = parts.random
    this.#limiter = parts.limiter
  }

  /**
   * Starts with a token. Does nothing when this token is being used already, or when the computer is enrolled:
   * answers false then.
   * @throws Fault `bad-token`, `token-expired`, `session-live`, of the disk
   */
  begin(tokenText: string, wallMs: number): Promise<boolean> {
    return this.#keeper.locked(async (write) => {
      const { identity, sessions } = this.#keeper.state
      const token = readToken(tokenText, wallMs)
      if (identity.state === 'enrolled') return false
      if (identity.state === 'enrolling' && identity.token.tokenId === token.tokenId && !identity.refused)
        return false
      if (sessions.length > 0)
        throw new Fault('session-live', 'A session is not over yet', 'Wait for its end, then enrol again.')
      const fresh = () => Buffer.from(this.#random(32)).toString('hex')
      const nD = Buffer.from(this.#random(16)).toString('hex')
      const lsk = await this.#keeper.logKeys.make()
      const keys = { dik: fresh(), dxk: fresh(), eD: fresh(), nD, lsk }
      await write({ identity: { state: 'enrolling', token, ...keys, agreed: null, refused: null } })
      await this.#keeper.logKeys.eraseAllBut([lsk])
      return true
    })
  }

  /** @throws Fault `not-enrolling` */
  offer(facts: DeviceFacts): EnrolOffer {
    const enrolling = this.#enrolling()
    const { token, dik, lsk } = enrolling
    const fields = { ...publicHello(enrolling), facts: Buffer.from(jcs(facts)) }
    const hello: EnrolHello = {
      tokenId: token.tokenId,
      dik: publicOf('Ed25519', dik),
      dxk: publicOf('X25519', enrolling.dxk),
      eD: publicOf('X25519', enrolling.eD),
      nD: enrolling.nD,
      facts,
      mac: Buffer.from(enrolHelloMac(fields, bytes(token.psk))).toString('hex'),
      sig: signWith(dik, enrolHelloMessage(fields)),
      lsk,
      lskSig: signWith(dik, logKeyMessage(fields, bytes(lsk))),
    }
    return { hello, confirm: enrolling.agreed?.confirm ?? null }
  }

  /**
   * Verifies the answer: trust bundle by the token's hash, policy by the bundle's key, key agreement by `sigS` and `confirmS`.
   * Refuses with `wrong-signature`, `not-here` or `invalid`; the same welcome again gives the same confirmation.
   * @throws Fault `not-enrolling`, of the disk
   */
  welcome(welcome: EnrolWelcome): Promise<Outcome<EnrolConfirm>> {
    return this.#keeper.locked(async (write) => {
      const enrolling = this.#enrolling()
      if (trustHash(welcome.trust) !== enrolling.token.trustHash) return refused('wrong-signature')
      const trust = readTrust(welcome.trust)
      const { tenant } = enrolling.token
      if (trust.tenant !== tenant) return refused('not-here')
      const policy = verifyPolicy(welcome.policy, trust, { tenant, deviceId: welcome.deviceId })
      if (!policy.ok) return policy
      const made = agree(enrolling, welcome, trust)
      if (!made.ok) return made
      const { deviceId, devNo, trust: text, policy: jws } = welcome
      const agreed = { deviceId, devNo, trust: text, policy: jws, ...made.value }
      await write({ identity: { ...enrolling, agreed } })
      return done(made.value.confirm)
    })
  }

  /** The server has the confirmation: from here on the computer is enrolled, with a journal of its own. */
  finish(wallMs: number): Promise<void> {
    return this.#keeper.locked(async (write) => {
      const { identity } = this.#keeper.state
      if (identity.state === 'enrolled') return
      const { agreed, token, dik, dxk, lsk } = this.#enrolling()
      if (!agreed) throw new Fault('not-enrolling', 'There was no welcome yet', 'Start the enrolment again.')
      const { deviceId, devNo, crk, trust, policy } = agreed
      const { tokenId, url: serverUrl, tenant } = token
      const enrolled: Enrolled = {
        tokenId,
        serverUrl,
        tenant,
        deviceId,
        devNo,
        dik,
        dxk,
        lsk,
        epoch: 0,
        crk,
        trust,
      }
      const serial = verifiedSerial(policy, enrolled)
      await write({ ...emptyOfDevice(wallMs), identity: { state: 'enrolled', ...enrolled }, policy }, [
        { type: 'policy.applied', body: { serial } },
      ])
      this.#limiter.take(startLimiter(emptyLimiter(), this.#limiter.upMs))
    })
  }

  /** The server said no; the person is told, and a new token starts over. */
  refuse(code: string, message: string): Promise<void> {
    return this.#keeper.locked(async (write) => {
      await write({ identity: { ...this.#enrolling(), agreed: null, refused: { code, message } } })
    })
  }

  #enrolling(): Enrolling {
    const { identity } = this.#keeper.state
    if (identity.state === 'enrolling') return identity
    throw new Fault(
      'not-enrolling',
      'This computer is not being enrolled',
      'Start it with an enrolment token.',
    )
  }
}

/** A new device begins with nothing of the one that this computer was before, if it was one. */
function emptyOfDevice(wallMs: number): Partial<AgentState> {
  const heal = { used: false, asked: false, lastWallMs: wallMs, unconfirmed: null }
  return {
    requests: [],
    received: 0,
    receipt: null,
    journalSize: 0,
    bootNoted: null,
    heal,
    limiter: emptyLimiter(),
  }
}

function verifiedSerial(jws: string, enrolled: Enrolled): number {
  const verified = verifyPolicy(jws, readTrust(enrolled.trust), enrolled)
  if (verified.ok) return verified.value.serial
  throw new Fault('policy-unreadable', 'The kept policy is not a signed one', 'Enrol this computer again.')
}

function publicHello({ token, dik, dxk, eD, nD }: Enrolling) {
  return {
    tenant: bytes(token.tenant),
    tokenId: bytes(token.tokenId),
    dik: bytes(publicOf('Ed25519', dik)),
    dxk: bytes(publicOf('X25519', dxk)),
    eD: bytes(publicOf('X25519', eD)),
    nD: bytes(nD),
  }
}

function agree(
  enrolling: Enrolling,
  welcome: EnrolWelcome,
  trust: Trust,
): Outcome<{ readonly crk: string; readonly confirm: EnrolConfirm }> {
  const transcript: CodeEnrolment = {
    ...publicHello(enrolling),
    eS: bytes(welcome.eS),
    nS: bytes(welcome.nS),
    deviceId: bytes(welcome.deviceId),
    devNo: welcome.devNo,
    trustHash: bytes(enrolling.token.trustHash),
  }
  const secrets = {
    eDPrivate: bytes(enrolling.eD),
    dxkPrivate: bytes(enrolling.dxk),
    psk: bytes(enrolling.token.psk),
  }
  try {
    const agreed = agreeAsDevice(transcript, secrets)
    if (!trust.signed('policy', enrolAnswerMessage(agreed.transcript), welcome.sigS))
      return refused('wrong-signature')
    verifyConfirmation(agreed, 'server', bytes(welcome.confirmS))
    const confirmD = Buffer.from(confirmation(agreed, 'device')).toString('hex')
    return done({
      crk: Buffer.from(agreed.crk).toString('hex'),
      confirm: { deviceId: welcome.deviceId, confirmD },
    })
  } catch (error) {
    if (error instanceof CodeError && (error.code === 'key-agreement' || error.code === 'confirmation'))
      return refused('wrong-signature')
    throw error
  }
}

function bytes(hex: string): Uint8Array {
  return Buffer.from(hex, 'hex')
}
