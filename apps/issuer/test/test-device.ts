import { createPrivateKey, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto'
import {
  type AgreedKey,
  agreeAsDevice,
  type CodeKeys,
  confirmation,
  createRequestCode,
  deriveCodeKeys,
  enrolHelloMac,
  enrolHelloMessage,
  healAsDevice,
  healHelloMessage,
  jcs,
  logKeyMessage,
  type RequestContext,
  type RequestKind,
  requestText,
} from '@stint/code'
import { agreementPublicKey } from '@stint/code/device-proofs'
import type { EnrolHello, HealAnswer, HealHello } from '@stint/wire/device'
import type { DeviceFacts } from '@stint/wire/journal'
import { given, startMs, type TestIssuer } from './test-issuer.ts'

export const facts: DeviceFacts = {
  hostname: 'desk-7',
  osFamily: 'linux',
  osName: 'Debian',
  osVersion: '12',
  kernel: '6.18',
  class: 'laptop',
  agentVersion: '0.1.0',
  users: [{ userId: 'uid:1000:eva', name: 'eva' }],
  weaknesses: [],
}

export const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))
export const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex')

const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The computer's half of the protocol, made with the product's code package. */
export class TestDevice {
  readonly dikSeed: Uint8Array = randomBytes(32)
  readonly dxkPrivate: Uint8Array = randomBytes(32)
  eDPrivate: Uint8Array = randomBytes(32)
  tenant: Uint8Array = new Uint8Array(16)
  deviceId = ''
  devNo = 0
  epoch = 0
  crk: Uint8Array = new Uint8Array(32)
  counter = 0
  readonly lskSeed: Uint8Array = randomBytes(32)

  get dik(): Uint8Array {
    return publicOf(this.#dik())
  }

  get lsk(): Uint8Array {
    return publicOf(privateOf(this.lskSeed))
  }

  hello(
    token: { tokenId: string; psk: string; tenant: string },
    eD: Uint8Array = agreementPublicKey(this.eDPrivate),
  ): EnrolHello {
    this.tenant = bytes(token.tenant)
    const said = {
      tenant: this.tenant,
      tokenId: bytes(token.tokenId),
      dik: this.dik,
      dxk: agreementPublicKey(this.dxkPrivate),
      eD,
      nD: randomBytes(16),
      facts: new TextEncoder().encode(jcs(facts)),
    }
    return {
      tokenId: token.tokenId,
      dik: hex(said.dik),
      dxk: hex(said.dxk),
      eD: hex(said.eD),
      nD: hex(said.nD),
      facts,
      mac: hex(enrolHelloMac(said, bytes(token.psk))),
      sig: this.signed(enrolHelloMessage(said)),
      lsk: hex(this.lsk),
      lskSig: this.signed(logKeyMessage(said, this.lsk)),
    }
  }

  /** Agrees on the first key; gives the confirmation to send. */
  welcome(
    hello: EnrolHello,
    offer: { deviceId: string; devNo: number; eS: string; nS: string; confirmS: string },
    psk: string,
    trustHash: string,
  ): { agreed: AgreedKey; confirmD: string } {
    const agreed = agreeAsDevice(
      {
        tenant: this.tenant,
        tokenId: bytes(hello.tokenId),
        dik: bytes(hello.dik),
        dxk: bytes(hello.dxk),
        eD: bytes(hello.eD),
        nD: bytes(hello.nD),
        eS: bytes(offer.eS),
        nS: bytes(offer.nS),
        deviceId: bytes(offer.deviceId),
        devNo: offer.devNo,
        trustHash: bytes(trustHash),
      },
      { eDPrivate: this.eDPrivate, dxkPrivate: this.dxkPrivate, psk: bytes(psk) },
    )
    Object.assign(this, { deviceId: offer.deviceId, devNo: offer.devNo, crk: agreed.crk, epoch: 0 })
    return { agreed, confirmD: hex(confirmation(agreed, 'device')) }
  }

  healHello(epoch = this.epoch + 1): { hello: HealHello; eDPrivate: Uint8Array } {
    const eDPrivate = randomBytes(32)
    const eD = agreementPublicKey(eDPrivate)
    const nD = randomBytes(16)
    const device = { ...this.at, epoch: epoch - 1 }
    return {
      hello: { epoch, eD: hex(eD), nD: hex(nD), sig: this.signed(healHelloMessage({ device, eD, nD })) },
      eDPrivate,
    }
  }

  healed(hello: HealHello, eDPrivate: Uint8Array, answer: Omit<HealAnswer, 'sigS'>): AgreedKey {
    const heal = {
      device: this.at,
      dik: this.dik,
      dxk: agreementPublicKey(this.dxkPrivate),
      eD: bytes(hello.eD),
      nD: bytes(hello.nD),
      eS: bytes(answer.eS),
      nS: bytes(answer.nS),
    }
    return healAsDevice(heal, { eDPrivate, dxkPrivate: this.dxkPrivate, crk: this.crk })
  }

  get at() {
    return { tenant: this.tenant, deviceId: bytes(this.deviceId), epoch: this.epoch }
  }

  get keys(): CodeKeys {
    return deriveCodeKeys(this.at, this.crk)
  }

  /** A fresh request code with what it is bound to. */
  request(
    more: { kind?: RequestKind; userId?: string; slot?: number; pol?: number } = {},
  ): RequestContext & { text: string } {
    this.counter += 1
    const facts = {
      kind: more.kind ?? 'session',
      devNo: this.devNo,
      userSlot: more.slot ?? 0,
      userId: more.userId ?? 'uid:1000:eva',
      counter: this.counter,
      nonce: randomBytes(4).readUInt32BE() % 2 ** 19,
      pol: more.pol ?? 1,
    } as const
    const request = createRequestCode(this.at, this.keys, facts)
    const { counter, pol, userId } = facts
    return { device: this.at, request, counter, pol, userId, text: requestText(request) }
  }

  signed(message: Uint8Array): string {
    return sign(null, message, this.#dik()).toString('hex')
  }

  #dik() {
    return privateOf(this.dikSeed)
  }
}

function privateOf(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: 'der', type: 'pkcs8' })
}

function publicOf(key: KeyObject): Uint8Array {
  const { x } = createPublicKey(key).export({ format: 'jwk' })
  return Buffer.from(x ?? '', 'base64url')
}

/** A token for `uses` computers, valid for an hour. */
export async function newToken(test: TestIssuer, uses = 1) {
  const trust = given(await test.ask({ call: 'trust' }))
  const expiresAt = new Date(test.clock.ms + 3_600_000).toISOString()
  return { ...given(await test.ask({ call: 'token.create', expiresAt, uses })), ...trust }
}

/** A computer that went through the whole enrolment. */
export async function enrolled(test: TestIssuer): Promise<TestDevice> {
  const token = await newToken(test)
  const device = new TestDevice()
  const hello = device.hello(token)
  const offer = given(await test.ask({ call: 'enrol', hello }))
  const { confirmD } = device.welcome(hello, offer, token.psk, token.trustHash)
  given(await test.ask({ call: 'enrol.confirm', deviceId: offer.deviceId, confirmD }))
  return device
}

let ids = 0
/** UUIDv7 texts, rising. */
export function nextId(): string {
  ids += 1
  return `0199f1a2-7c3e-7d10-9a55-${ids.toString(16).padStart(12, '0')}`
}

/** An approval of a request, ready to be asked as `answer.code` or `answer.token`. */
export function approval(device: TestDevice, request = device.request()) {
  return {
    approvalId: nextId(),
    requestId: nextId(),
    approver: 'person:ada',
    requestCode: request.text,
    deviceId: device.deviceId,
    epoch: request.device.epoch,
    counter: request.counter,
    policySerial: request.pol,
    userId: request.userId,
    endProcesses: true,
    profile: 0,
  }
}

export { startMs }
