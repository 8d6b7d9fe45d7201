import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { type Signer, signCheckpoint, signNote, verifierKey } from '@stint/chain'
import {
  agreeAsServer,
  confirmation,
  correctRequest,
  createResponseCode,
  deriveCodeKeys,
  durAtMost,
  type Enrolment,
  enrolHelloMessage,
  enrolmentTranscript,
  healAsServer,
  jcs,
  type KnownDevice,
  parseRequestCode,
  REQUEST_KINDS,
  type RequestCode,
  recogniseRequest,
  requestText,
  resolveRequest,
  responseDigits,
  responseText,
  responseWords,
  sameBytes,
  verifyEnrolHello,
} from '@stint/code'
import { agreementPublicKey } from '@stint/code/device-proofs'
import { done, type Outcome, type RefusalCode, refused } from '@stint/elevation'
import type { IssuerCall, ResolvedCode } from '@stint/wire/issuer'
import type { IssuerLink, IssuerRequest } from '../src/issuer/issuer-link.ts'

type Call<N extends IssuerCall['call']> = IssuerRequest<N>
type AnswerCall = Call<'answer.code'> | Call<'answer.token'>

interface HeldDevice {
  readonly dxk: Uint8Array
  readonly dik: Uint8Array
  readonly devNo: number
  epoch: number
  crk: Uint8Array
  transcript: Uint8Array
  next: { crk: Uint8Array; transcript: Uint8Array } | null
  confirmed: boolean
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'))

/**
 * An issuer in memory, with the product's own code protocol, so that codes really fit. Knobs: `isDown`, `refusal`
 * for the next answer. `calls` is what it was asked.
 */
export class FakeIssuer implements IssuerLink {
  readonly tenant = randomBytes(16)
  readonly trustText: string
  readonly trustHash: Uint8Array
  readonly calls: IssuerCall['call'][] = []
  isDown = false
  refusal: RefusalCode | null = null
  readonly #tokens = new Map<string, Uint8Array>()
  readonly #devices = new Map<string, HeldDevice>()
  readonly #serials = new Map<string, number>()
  readonly #answers = new Map<string, string>()
  readonly #signing: KeyObject = generateKeyPairSync('ed25519').privateKey
  readonly #logKey = generateKeyPairSync('ed25519')
  /** What was signed of the ledger: a smaller size, or another root, never comes after it. */
  #signed = { size: 0, root: '' }
  #devNo = 1000

  constructor() {
    const from = { nbf: 0, exp: 2 ** 40 }
    const pub = hex(this.logPublic)
    const keys = [{ kid: 'server-log-1', alg: 'Ed25519', pub, use: 'server-log', ...from }]
    this.trustText = jcs({ v: 1, n: 1, tenant: hex(this.tenant), iat: 0, keys })
    this.trustHash = createHash('sha256').update(this.trustText).digest()
  }

  /** Signs the ledger; a test that plays a thief of it signs with it too. */
  logSigner(name: string): Signer {
    const key = verifierKey(name, this.logPublic)
    return { key, sign: (message) => sign(null, message, this.#logKey.privateKey) }
  }

  get logPublic(): Uint8Array {
    return Buffer.from(this.#logKey.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
  }

  readonly call: IssuerLink['call'] = async (request) => this.#take(request) as Outcome<never>

  #take(request: { readonly call: IssuerCall['call'] }): Outcome<unknown> {
    this.calls.push(request.call)
    if (this.isDown) return refused('issuer-unreachable')
    const { refusal } = this
    if (refusal === null || !request.call.startsWith('answer.')) return this.#answer(request)
    this.refusal = null
    return refused(refusal)
  }

  /** Tests may ask whether its keys are gone. */
  holds(deviceId: string): boolean {
    return this.#devices.has(deviceId)
  }

  #answer(request: { readonly call: string }): Outcome<unknown> {
    switch (request.call) {
      case 'trust':
        return done({ tenant: hex(this.tenant), trust: this.trustText, trustHash: hex(this.trustHash) })
      case 'token.create':
        return this.#createToken()
      case 'token.revoke':
        this.#tokens.delete((request as Call<'token.revoke'>).tokenId)
        return done({})
      case 'enrol':
        return this.#enrol(request as Call<'enrol'>)
      case 'enrol.confirm':
        return this.#confirm(request as Call<'enrol.confirm'>)
      case 'heal':
        return this.#heal(request as Call<'heal'>)
      case 'heal.confirm':
        return this.#confirmHeal(request as Call<'heal.confirm'>)
      case 'device.revoke':
        this.#devices.delete((request as Call<'device.revoke'>).deviceId)
        return done({})
      case 'resolve':
        return this.#resolve(request as Call<'resolve'>)
      case 'answer.code':
        return this.#code(request as Call<'answer.code'>)
      case 'answer.token':
        return this.#token(request as Call<'answer.token'>)
      case 'sign.checkpoint':
        return this.#checkpoint(request as Call<'sign.checkpoint'>)
      case 'sign.export': {
        const { text } = request as Call<'sign.export'>
        return done({ note: signNote(text, [this.logSigner(text.split('\n')[0] ?? '')]) })
      }
      default:
        return this.#sign(request as Call<'sign.policy'>)
    }
  }

  #createToken(): Outcome<unknown> {
    const [tokenId, psk] = [hex(randomBytes(16)), randomBytes(32)]
    this.#tokens.set(tokenId, psk)
    return done({ tokenId, psk: hex(psk) })
  }

  #enrol({ hello }: Call<'enrol'>): Outcome<unknown> {
    const psk = this.#tokens.get(hello.tokenId)
    if (psk === undefined) return refused('token-used')
    const { tokenId, dik, dxk, eD, nD } = hello
    const keys = { dik: bytes(dik), dxk: bytes(dxk), eD: bytes(eD), nD: bytes(nD) }
    const said = {
      tenant: this.tenant,
      tokenId: bytes(tokenId),
      ...keys,
      facts: Buffer.from(jcs(hello.facts)),
    }
    try {
      verifyEnrolHello(said, psk, bytes(hello.mac))
    } catch {
      return refused('device-unauthenticated')
    }
    if (enrolHelloMessage(said).length === 0) return refused('device-unauthenticated')
    const eSPrivate = randomBytes(32)
    const offered = {
      deviceId: randomBytes(16),
      devNo: this.#devNo++,
      eS: agreementPublicKey(eSPrivate),
      nS: randomBytes(16),
    }
    const enrolment: Enrolment = { ...said, ...offered, trustHash: this.trustHash }
    const agreed = agreeAsServer(enrolment, { eSPrivate, psk })
    this.#devices.set(hex(offered.deviceId), {
      ...{ dxk: keys.dxk, dik: keys.dik, devNo: offered.devNo, epoch: 0, next: null, confirmed: false },
      crk: agreed.crk,
      transcript: agreed.transcript,
    })
    const sigS = hex(sign(null, enrolmentTranscript(enrolment), this.#signing))
    const { deviceId, devNo, eS, nS } = offered
    const confirmS = hex(confirmation(agreed, 'server'))
    return done({
      deviceId: hex(deviceId),
      devNo,
      eS: hex(eS),
      nS: hex(nS),
      confirmS,
      sigS,
      trust: this.trustText,
    })
  }

  #confirm({ deviceId, confirmD }: Call<'enrol.confirm'>): Outcome<unknown> {
    const device = this.#devices.get(deviceId)
    if (device === undefined) return refused('unknown-device')
    if (!sameBytes(confirmation(device, 'device'), bytes(confirmD))) return refused('bad')
    device.confirmed = true
    return done({})
  }

  #heal({ deviceId, hello }: Call<'heal'>): Outcome<unknown> {
    const device = this.#devices.get(deviceId)
    if (device === undefined) return refused('unknown-device')
    if (hello.epoch !== device.epoch + 1) return refused('device-suspended')
    const eSPrivate = randomBytes(32)
    const [eS, nS] = [agreementPublicKey(eSPrivate), randomBytes(16)]
    const at = { tenant: this.tenant, deviceId: bytes(deviceId), epoch: device.epoch }
    const heal = {
      device: at,
      eD: bytes(hello.eD),
      nD: bytes(hello.nD),
      eS,
      nS,
      dik: device.dik,
      dxk: device.dxk,
    }
    device.next = healAsServer(heal, { eSPrivate, crk: device.crk })
    const answer = {
      epoch: hello.epoch,
      eS: hex(eS),
      nS: hex(nS),
      confirmS: hex(confirmation(device.next, 'server')),
    }
    return done({ ...answer, sigS: '0'.repeat(128) })
  }

  #confirmHeal({ deviceId, epoch, confirmD }: Call<'heal.confirm'>): Outcome<unknown> {
    const device = this.#devices.get(deviceId)
    if (device === undefined) return refused('unknown-device')
    if (epoch === device.epoch && sameBytes(confirmation(device, 'device'), bytes(confirmD))) return done({})
    if (device.next === null || !sameBytes(confirmation(device.next, 'device'), bytes(confirmD)))
      return refused('bad')
    Object.assign(device, { ...device.next, epoch, next: null })
    return done({})
  }

  #known(candidate: Call<'resolve'>['devices'][number]): KnownDevice[] {
    const device = this.#devices.get(candidate.deviceId)
    if (device === undefined) return []
    const at = { tenant: this.tenant, deviceId: bytes(candidate.deviceId) }
    const keys = deriveCodeKeys({ ...at, epoch: device.epoch }, device.crk)
    const users = Object.fromEntries(candidate.users.map(({ slot, userId }) => [slot, userId]))
    const { policySerials: policies, lastCounter } = candidate
    return [
      { ...at, devNo: device.devNo, epochs: [{ epoch: device.epoch, keys }], users, policies, lastCounter },
    ]
  }

  #resolve({ text, devices }: Call<'resolve'>): Outcome<unknown> {
    const request = recogniseRequest(text)
    if (typeof request === 'string') return refused('malformed-code')
    const known = devices.flatMap((device) => this.#known(device))
    const names = devices.flatMap(({ otherUsers }) => otherUsers)
    const resolution = resolveRequest(request, known, { names })
    if (resolution.result === 'match')
      return done({ match: describe(request, resolution.match), suggestions: [] })
    const found = correctRequest(request, (devNo) => known.filter((device) => device.devNo === devNo), {
      names,
    })
    return done({ match: null, suggestions: found.map((one) => describe(one.request, one.match)) })
  }

  #bound(call: AnswerCall): string | null {
    const device = this.#devices.get(call.deviceId)
    return device === undefined || device.epoch !== call.epoch ? null : call.requestCode
  }

  #checkpoint({ origin, size, root }: Call<'sign.checkpoint'>): Outcome<unknown> {
    const { size: lastSize, root: lastRoot } = this.#signed
    if (size < lastSize || (size === lastSize && root !== lastRoot))
      return refused('conflict', { details: { size, lastSize } })
    this.#signed = { size, root }
    return done({ note: signCheckpoint({ origin, size, root }, [this.logSigner(origin)]) })
  }

  #code(call: Call<'answer.code'>): Outcome<unknown> {
    const device = this.#devices.get(call.deviceId)
    if (device === undefined || this.#bound(call) === null) return refused('stale-code')
    const request = parseRequestCode(call.requestCode)
    const at = { tenant: this.tenant, deviceId: bytes(call.deviceId), epoch: call.epoch }
    const context = {
      device: at,
      request,
      counter: call.counter,
      pol: call.policySerial,
      userId: call.userId,
    }
    const keys = deriveCodeKeys(at, device.crk)
    const params = {
      dur: durAtMost(call.minutes),
      end: call.endProcesses,
      profile: call.profile,
      slot: 0 as const,
    }
    const response = createResponseCode(context, keys, params)
    const words = responseWords(response, request, 'english')
    return done({ text: responseText(response, request), digits: responseDigits(response, request), words })
  }

  #token(call: Call<'answer.token'>): Outcome<unknown> {
    if (this.#bound(call) === null) return refused('stale-code')
    const token = this.#answers.get(call.approvalId) ?? `token.${hex(randomBytes(8))}.${call.seconds}`
    this.#answers.set(call.approvalId, token)
    return done({ token, jti: call.approvalId })
  }

  #sign({ policy }: Call<'sign.policy'>): Outcome<unknown> {
    const { dev, serial } = policy as { dev: string; serial: number }
    if (serial <= (this.#serials.get(dev) ?? 0)) return refused('conflict')
    this.#serials.set(dev, serial)
    return done({ jws: `header.${Buffer.from(JSON.stringify(policy)).toString('base64url')}.signature` })
  }
}

function describe(
  request: RequestCode,
  match: {
    device: { deviceId: Uint8Array; epoch: number }
    counter: number
    pol: number
    userId: string
    warnings: readonly string[]
  },
): ResolvedCode {
  return {
    deviceId: hex(match.device.deviceId),
    requestCode: requestText(request),
    kind: REQUEST_KINDS.indexOf(request.kind),
    epoch: match.device.epoch,
    counter: match.counter,
    policySerial: match.pol,
    userId: match.userId,
    counterWentBack: match.warnings.includes('counter-went-back'),
  }
}
