import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import {
  type AnswerPayload,
  agreeAsServer,
  confirmation,
  createResponseCode,
  deriveCodeKeys,
  durAtMost,
  type Enrolment,
  enrolAnswerMessage,
  healAnswerMessage,
  healAsServer,
  jcs,
  parseRequestCode,
  type ResponseParams,
  responseDigits,
  responseText,
  responseWords,
  signAnswerToken,
} from '@stint/code'
import { type DevicePolicy, defaultPolicy } from '@stint/elevation'
import type { EnrolHello, EnrolWelcome, HealAnswer, HealHello } from '@stint/wire/device'
import type { RequestFact } from '@stint/wire/journal'
import { Ledger } from './ledger.ts'

const bytes = (hex: string) => Buffer.from(hex, 'hex')
const hex = (value: Uint8Array) => Buffer.from(value).toString('hex')
const b64u = (text: string | Uint8Array) => Buffer.from(text).toString('base64url')

interface Signing {
  readonly kid: string
  readonly key: KeyObject
  readonly pub: string
}

function signingKey(kid: string): Signing {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    kid,
    key: privateKey,
    pub: hex(Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')),
  }
}

function ephemeral(): { readonly secret: Uint8Array; readonly pub: string } {
  const { privateKey } = generateKeyPairSync('x25519')
  const jwk = privateKey.export({ format: 'jwk' })
  return { secret: Buffer.from(jwk.d ?? '', 'base64url'), pub: hex(Buffer.from(jwk.x ?? '', 'base64url')) }
}

/** The other side: what server and issuer do together, made with the same protocol library and nothing else of ours. */
export class Organisation {
  readonly tenant = '11'.repeat(16)
  readonly tokenId = '22'.repeat(16)
  readonly psk = '33'.repeat(32)
  readonly answerKey = signingKey('answer-1')
  readonly policyKey = signingKey('policy-1')
  readonly ledger = new Ledger(this.tenant)
  devNo = 2_804_958
  deviceId = ''
  epoch = 0
  crk: Uint8Array = new Uint8Array()
  hello: EnrolHello | null = null
  #confirmD = ''
  #devices = 0
  #serial = 0

  get trust(): string {
    const key = ({ kid, pub }: Signing, use: string) => {
      return { kid, alg: 'Ed25519', pub, use, nbf: 0, exp: 4_000_000_000 }
    }
    const log = {
      kid: 'log-1',
      alg: 'Ed25519',
      pub: this.ledger.publicKey,
      use: 'server-log',
      nbf: 0,
      exp: 4e9,
    }
    const keys = [key(this.answerKey, 'answer'), key(this.policyKey, 'policy'), log]
    return jcs({ v: 1, n: 1, tenant: this.tenant, iat: 1, keys })
  }

  token(exp = 4_000_000_000): string {
    const trustHash = createHash('sha256').update(this.trust).digest('hex')
    const { tenant, tokenId, psk } = this
    const url = 'https://stint.example.org'
    return `stint-enroll.${b64u(JSON.stringify({ v: 1, url, tenant, tokenId, psk, trustHash, exp }))}`
  }

  welcome(hello: EnrolHello): EnrolWelcome {
    this.hello = hello
    this.deviceId = (++this.#devices).toString(16).padStart(32, '4')
    const eS = ephemeral()
    const nS = '55'.repeat(16)
    const agreed = agreeAsServer(this.#transcript(hello, eS.pub, nS), {
      eSPrivate: eS.secret,
      psk: bytes(this.psk),
    })
    this.crk = agreed.crk
    this.epoch = 0
    this.#confirmD = hex(confirmation(agreed, 'device'))
    const { deviceId, devNo, trust } = this
    const confirmS = hex(confirmation(agreed, 'server'))
    const sigS = hex(sign(null, enrolAnswerMessage(agreed.transcript), this.policyKey.key))
    return { deviceId, devNo, eS: eS.pub, nS, trust, policy: this.policy(), confirmS, sigS }
  }

  /** What a device that agreed on the same key must have sent. */
  get expectedConfirmation(): string {
    return this.#confirmD
  }

  #transcript(hello: EnrolHello, eS: string, nS: string): Enrolment {
    return {
      tenant: bytes(this.tenant),
      tokenId: bytes(hello.tokenId),
      dik: bytes(hello.dik),
      dxk: bytes(hello.dxk),
      eD: bytes(hello.eD),
      nD: bytes(hello.nD),
      eS: bytes(eS),
      nS: bytes(nS),
      deviceId: bytes(this.deviceId),
      devNo: this.devNo,
      trustHash: createHash('sha256').update(this.trust).digest(),
    }
  }

  policy(changes: Partial<DevicePolicy> = {}, signing = this.policyKey): string {
    const { tenant: iss, deviceId: dev } = this
    const base = {
      ...defaultPolicy,
      offlineCodes: true,
      v: 1,
      iss,
      dev,
      serial: ++this.#serial,
      iat: 1,
      users: [],
    }
    return this.jws(JSON.parse(JSON.stringify({ ...base, ...changes })), 'stint-policy+json', signing)
  }

  jws(payload: Parameters<typeof jcs>[0], typ: string, { kid, key }: Signing): string {
    const signed = `${b64u(jcs({ alg: 'Ed25519', kid, typ }))}.${b64u(jcs(payload))}`
    return `${signed}.${b64u(sign(null, Buffer.from(signed), key))}`
  }

  response(fact: RequestFact, minutes = 15, changes: Partial<ResponseParams> = {}) {
    const { counter, policySerial: pol, userId } = fact
    const device = { tenant: bytes(this.tenant), deviceId: bytes(this.deviceId), epoch: this.epoch }
    const request = parseRequestCode(fact.requestCode)
    const params = { dur: durAtMost(minutes), end: true, profile: 0, slot: 0 as const, ...changes }
    const keys = deriveCodeKeys(device, this.crk)
    const code = createResponseCode({ device, request, counter, pol, userId }, keys, params)
    return {
      text: responseText(code, request),
      digits: responseDigits(code, request),
      words: responseWords(code, request, 'english').join(' '),
    }
  }

  answerToken(
    fact: RequestFact,
    iatMs: number,
    changes: Partial<AnswerPayload> = {},
    signing = this.answerKey,
  ) {
    const { requestCode: req, counter: ctr, userId: usr } = fact
    const jti = '0199f1a2-7c3e-7d10-9a55-5f1e2b3c4d5e'
    const iat = Math.floor(iatMs / 1000)
    const payload = {
      v: 1,
      req,
      dev: this.deviceId,
      ctr,
      usr,
      dur: 900,
      end: true,
      prof: 0,
      jti,
      iat,
    } as const
    const jwk = signing.key.export({ format: 'jwk' })
    return signAnswerToken({ ...payload, ...changes }, { ...jwk, kty: 'OKP' }, signing.kid)
  }

  heal(hello: HealHello): HealAnswer {
    const eS = ephemeral()
    const nS = '66'.repeat(16)
    const fields = {
      device: { tenant: bytes(this.tenant), deviceId: bytes(this.deviceId), epoch: this.epoch },
      dik: bytes(this.hello?.dik ?? ''),
      dxk: bytes(this.hello?.dxk ?? ''),
      eD: bytes(hello.eD),
      nD: bytes(hello.nD),
      eS: bytes(eS.pub),
      nS: bytes(nS),
    }
    const agreed = healAsServer(fields, { eSPrivate: eS.secret, crk: this.crk })
    this.crk = agreed.crk
    this.epoch += 1
    this.#confirmD = hex(confirmation(agreed, 'device'))
    const sigS = hex(sign(null, healAnswerMessage(agreed.transcript), this.policyKey.key))
    return { epoch: this.epoch, eS: eS.pub, nS, confirmS: hex(confirmation(agreed, 'server')), sigS }
  }
}
