import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign as signBytes,
} from 'node:crypto'
import {
  type ChainEnd,
  deviceOrigin,
  type Entry,
  emptyChain,
  emptyTree,
  grow,
  makeEntry,
  rootOf,
  signCheckpoint,
  type Tree,
  verifierKey,
  vkeyOf,
} from '@stint/chain'
import {
  agreeAsDevice,
  confirmation,
  createRequestCode,
  deriveCodeKeys,
  enrolHelloMac,
  enrolHelloMessage,
  healAsDevice,
  healHelloMessage,
  jcs,
  logKeyMessage,
  requestText,
} from '@stint/code'
import { agreementPublicKey, deviceMacKey, deviceSessionMessage } from '@stint/code/device-proofs'
import type { JournalType } from '@stint/elevation'
import type { EnrollmentTokenMade } from '@stint/wire/console'
import type {
  EnrolWelcome,
  HealAnswer,
  HealConfirm,
  JournalUpload,
  Receipt,
  SessionGrant,
} from '@stint/wire/device'
import { sign } from '@stint/wire/device-signature'
import type { DeviceFacts, JournalBody, RequestFact } from '@stint/wire/journal'
import type { Clock } from '../src/clock.ts'
import { createNewId } from '../src/identifier.ts'
import type { Server } from '../src/index.ts'
import { type Answer, type Caller, callServer, type Method, type TestServer } from './test-server.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'))

const publicOf = (key: KeyObject): Uint8Array =>
  Buffer.from(createPublicKey(key).export({ format: 'jwk' }).x ?? '', 'base64url')

export const facts: DeviceFacts = {
  hostname: 'laptop-7',
  osFamily: 'linux',
  osName: 'Debian GNU/Linux',
  osVersion: '12',
  kernel: '6.1',
  class: 'laptop',
  agentVersion: '0.1.0',
  users: [{ userId: 'uid:1000:mia', name: 'mia' }],
  weaknesses: [],
}

/** A computer with its keys: enrols, proves itself, signs its calls, keeps a journal. */
export class TestDevice {
  server: Server
  id = ''
  devNo = 0
  epoch = 0
  counter = 0
  policySerial = 1
  readonly newId: () => string
  readonly #clock: Clock
  readonly #dik: KeyObject
  readonly dikPublic: Uint8Array
  readonly dxkPrivate: Uint8Array = randomBytes(32)
  #crk: Uint8Array = new Uint8Array(32)
  #tenant: Uint8Array = new Uint8Array(16)
  #session: { readonly keyId: string; readonly key: Uint8Array } | null = null
  end: ChainEnd = emptyChain
  boot = 'boot-1'
  /** Milliseconds since that start; one for each entry unless told. */
  upMs: number | null = null
  tree: Tree = emptyTree
  /** Hash of the newest receipt that its journal names. */
  receipt: string | null = null
  #lsk: KeyObject = generateKeyPairSync('ed25519').privateKey

  constructor(server: Server, clock: Clock) {
    this.server = server
    this.#clock = clock
    this.newId = createNewId(clock, (length) => randomBytes(length))
    const pair = generateKeyPairSync('ed25519')
    this.#dik = createPrivateKey(pair.privateKey.export({ format: 'pem', type: 'pkcs8' }))
    this.dikPublic = Buffer.from(pair.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
  }

  /** First half of the enrolment; `confirm` is what the second half sends. */
  async hello(token: EnrollmentTokenMade, said: DeviceFacts = facts) {
    const content = JSON.parse(Buffer.from(token.token.split('.')[1] ?? '', 'base64url').toString('utf8'))
    const eDPrivate = randomBytes(32)
    const [eD, nD] = [agreementPublicKey(eDPrivate), randomBytes(16)]
    this.#tenant = bytes(content.tenant)
    const dxk = agreementPublicKey(this.dxkPrivate)
    const ids = { tenant: this.#tenant, tokenId: bytes(content.tokenId) }
    const hello = { ...ids, dik: this.dikPublic, dxk, eD, nD, facts: Buffer.from(jcs(said)) }
    const welcome = await callServer<EnrolWelcome>(this.server, 'POST', '/device/enrol', {
      tokenId: content.tokenId,
      dik: hex(this.dikPublic),
      dxk: hex(dxk),
      eD: hex(eD),
      nD: hex(nD),
      facts: said,
      mac: hex(enrolHelloMac(hello, bytes(content.psk))),
      sig: hex(signBytes(null, enrolHelloMessage(hello), this.#dik)),
      lsk: hex(publicOf(this.#lsk)),
      lskSig: hex(signBytes(null, logKeyMessage(hello, publicOf(this.#lsk)), this.#dik)),
    })
    if (welcome.status !== 200) return { welcome, confirm: null }
    const { deviceId, devNo, eS, nS } = welcome.body
    const enrolment = { ...hello, deviceId: bytes(deviceId), devNo, eS: bytes(eS), nS: bytes(nS) }
    const agreed = agreeAsDevice(
      { ...enrolment, trustHash: bytes(content.trustHash) },
      { eDPrivate, dxkPrivate: this.dxkPrivate, psk: bytes(content.psk) },
    )
    this.id = deviceId
    this.devNo = devNo
    this.#crk = agreed.crk
    return { welcome, confirm: { deviceId, confirmD: hex(confirmation(agreed, 'device')) } }
  }

  async enrol(token: EnrollmentTokenMade, said: DeviceFacts = facts): Promise<void> {
    const { welcome, confirm } = await this.hello(token, said)
    if (confirm === null) throw new Error(`enrolment failed: ${JSON.stringify(welcome.body)}`)
    const confirmed = await callServer(this.server, 'POST', '/device/enrol/confirm', confirm)
    if (confirmed.status !== 204) throw new Error(`confirmation failed: ${JSON.stringify(confirmed.body)}`)
  }

  /** Proves its key and holds a session from then on. */
  async openSession(key: KeyObject = this.#dik): Promise<Answer<SessionGrant>> {
    const challenge = await callServer<{ nonce: string }>(this.server, 'POST', '/device/challenge', {
      deviceId: this.id,
    })
    const { nonce } = challenge.body
    const courierPrivate = randomBytes(32)
    const courierKey = agreementPublicKey(courierPrivate)
    const session = { tenant: this.#tenant, deviceId: bytes(this.id), nonce: bytes(nonce), courierKey }
    const sig = hex(signBytes(null, deviceSessionMessage(session), key))
    const proof = { deviceId: this.id, nonce, courierKey: hex(courierKey), sig }
    const granted = await callServer<SessionGrant>(this.server, 'POST', '/device/session', proof)
    if (granted.status === 200) {
      const mac = deviceMacKey({ ...session, serverKey: bytes(granted.body.serverKey) }, courierPrivate)
      this.#session = { keyId: granted.body.sessionKeyId, key: mac }
    }
    return granted
  }

  /** The headers of a signed call. */
  signed(method: Method, path: string, body: string): Record<string, string> {
    if (this.#session === null) throw new Error('no session')
    const target = `/api/v1/device${path}`
    const params = {
      keyId: this.#session.keyId,
      created: Math.floor(this.#clock.now() / 1000),
      nonce: randomBytes(16),
    }
    return { ...sign({ method, target, body: Buffer.from(body) }, this.#session.key, params) }
  }

  async call<T = unknown>(method: Method, path: string, body?: unknown): Promise<Answer<T>> {
    const text = body === undefined ? '' : JSON.stringify(body)
    return callServer<T>(this.server, method, `/device${path}`, body, this.signed(method, path, text))
  }

  /** Renews its keys up to the confirmation, which is sent once and given back. */
  async heal(): Promise<HealConfirm> {
    const eDPrivate = randomBytes(32)
    const [eD, nD] = [agreementPublicKey(eDPrivate), randomBytes(16)]
    const at = { tenant: this.#tenant, deviceId: bytes(this.id), epoch: this.epoch }
    const sig = hex(signBytes(null, healHelloMessage({ device: at, eD, nD }), this.#dik))
    const hello = { epoch: this.epoch + 1, eD: hex(eD), nD: hex(nD), sig }
    const { body } = await this.call<HealAnswer>('POST', '/heal', hello)
    const keys = { dik: this.dikPublic, dxk: agreementPublicKey(this.dxkPrivate) }
    const heal = { device: at, eD, nD, eS: bytes(body.eS), nS: bytes(body.nS), ...keys }
    const agreed = healAsDevice(heal, { eDPrivate, dxkPrivate: this.dxkPrivate, crk: this.#crk })
    const confirm = { epoch: body.epoch, confirmD: hex(confirmation(agreed, 'device')) }
    this.#crk = agreed.crk
    this.epoch = body.epoch
    await this.call('POST', '/heal/confirm', confirm)
    return confirm
  }

  status(said: DeviceFacts = facts): Promise<Answer> {
    return this.call('POST', '/status', { facts: said, policySerial: this.policySerial, epoch: this.epoch })
  }

  /** What the computer knows of a new request of `userId`, in slot 0 unless told. */
  request(given: Partial<RequestFact> & { readonly slot?: number } = {}): RequestFact {
    const { slot = 0, ...more } = given
    const counter = given.counter ?? ++this.counter
    const userId = given.userId ?? 'uid:1000:mia'
    const at = { tenant: this.#tenant, deviceId: bytes(this.id), epoch: this.epoch }
    const code = createRequestCode(at, deriveCodeKeys(at, this.#crk), {
      kind: 'session',
      devNo: this.devNo,
      userSlot: slot,
      userId,
      counter,
      nonce: randomBytes(2).readUInt16BE(),
      pol: this.policySerial,
    })
    return {
      requestId: this.newId(),
      requestCode: requestText(code),
      counter,
      policySerial: this.policySerial,
      epoch: this.epoch,
      userId,
      userName: 'mia',
      mode: 'session',
      reason: 'install the printer driver',
      minutes: 15,
      ticket: null,
      createdAt: new Date(this.#clock.now()).toISOString(),
      ...more,
    }
  }

  /** The next entry of its journal. */
  entry<T extends JournalType>(type: T, body: JournalBody<T>): Entry {
    return this.entryAt(new Date(this.#clock.now()).toISOString(), type, body)
  }

  /** One whose clock says `t`. */
  entryAt<T extends JournalType>(t: string, type: T, body: JournalBody<T>): Entry {
    const made = makeEntry(
      this.end,
      { boot: this.boot, up: this.upMs ?? this.end.size, t, type, body },
      randomBytes(16),
    )
    this.end = made.end
    this.tree = grow(this.tree, made.end.leaf).tree
    return made.entry
  }

  get origin(): string {
    return deviceOrigin(hex(this.#tenant), this.id)
  }

  /** Signs the journal as it stands, with the present key or `key`; `next` signs the next one. */
  seal(
    key: KeyObject = this.#lsk,
    next = generateKeyPairSync('ed25519').privateKey,
  ): { readonly entry: Entry; readonly checkpoint: string } {
    const entry = this.entry('seal.rotate', { next: vkeyOf(verifierKey(this.origin, publicOf(next))) })
    this.#lsk = next
    return { entry, checkpoint: this.checkpointBy(key) }
  }

  /** A checkpoint of the tree as it stands, or another `root`. */
  checkpointBy(key: KeyObject, root = rootOf(this.tree)): string {
    const sign = (message: Uint8Array) => signBytes(null, message, key)
    const signer = { key: verifierKey(this.origin, publicOf(key)), sign }
    return signCheckpoint({ origin: this.origin, size: this.tree.size, root }, [signer])
  }

  upload(...entries: Entry[]): Promise<Answer<Receipt>> {
    return this.call('POST', '/journal', { entries })
  }

  /** An upload as a courier sends it. */
  send(entries: readonly Entry[], more: Partial<JournalUpload> = {}): Promise<Answer<Receipt>> {
    const said = { length: this.end.size, receipt: this.receipt, ...more }
    return this.call('POST', '/journal', { entries, ...said })
  }
}

/** A computer that is enrolled, has a session and has reported. */
export async function enrolledDevice(test: TestServer, said: DeviceFacts = facts): Promise<TestDevice> {
  const device = new TestDevice(test.server, test.clock)
  await device.enrol(await enrollmentToken(test.owner), said)
  await device.openSession()
  await device.status(said)
  return device
}

export async function enrollmentToken(owner: Caller, uses = 1): Promise<EnrollmentTokenMade> {
  const made = await owner.call<EnrollmentTokenMade>('POST', '/enrollment-tokens', { minutes: 60, uses })
  return made.body
}
