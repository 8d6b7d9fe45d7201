import {
  agreeAsServer,
  CodeError,
  confirmation,
  DEVICE_NUMBER_MAX,
  type EnrolHello,
  type Enrolment,
  enrolAnswerMessage,
  enrolHelloMessage,
  enrolmentTranscript,
  jcs,
  logKeyMessage,
  verifyEnrolHello,
} from '@stint/code'
import { agreementPublicKey } from '@stint/code/device-proofs'
import { Fault, type Outcome, refused } from '@stint/elevation'
import type { IssuerCall, IssuerResults } from '@stint/wire/issuer'
import {
  codeKeysOf,
  type DeviceRow,
  epochOf,
  findDevice,
  isConfirmedBy,
  replyOf,
  sha256,
  storeCodeKey,
  wrapCodeKey,
} from './code-keys.ts'
import { bytes, erasing, hex, type IssuerContext } from './context.ts'
import { append } from './record.ts'
import { isSignedBy, signBytes } from './signatures.ts'
import { takeUse, usableSecret } from './tokens.ts'

type Hello = Extract<IssuerCall, { call: 'enrol' }>['hello']
type Confirm = Extract<IssuerCall, { call: 'enrol.confirm' }>
/** Longest facts of a hello, in bytes of JCS: a field of `enc` holds no more. */
const factsMax = 65_535

type Offered = Outcome<IssuerResults['enrol']>

/**
 * The issuer's half of protocol 4.2. The same hello again gets the same answer, so a lost one costs nothing.
 * Refusals: `invalid` for facts above 64 KiB; `token-used`; `device-unauthenticated` when the MAC, a
 * signature or a public key is not honest;
 * `device-revoked` and `conflict` for the hello of a computer that went further since.
 */
export async function enrol(context: IssuerContext, { hello }: { readonly hello: Hello }): Promise<Offered> {
  const said = readHello(context, hello)
  if (said.facts.length > factsMax) return refused('invalid')
  const logKey = [bytes(hello.lsk), bytes(hello.lskSig)]
  const helloHash = sha256(enrolHelloMessage(said), bytes(hello.mac), bytes(hello.sig), ...logKey)
  const known = context.store.one<DeviceRow>('select * from device where hello_hash = ?', helloHash)
  if (known !== undefined) return repeat(context, known)
  const secret = await usableSecret(context, said.tokenId)
  if (!secret.ok) return secret
  try {
    if (!isHonest(said, hello, secret.value)) return refused('device-unauthenticated')
    return await offer(context, said, helloHash, secret.value)
  } catch (error) {
    if (error instanceof CodeError && error.code === 'key-agreement') return refused('device-unauthenticated')
    throw error
  } finally {
    secret.value.fill(0)
  }
}

/**
 * The computer holds the same key: from now on it is enrolled, and a use of its token is counted. Repeating it is
 * harmless. Refusals: `bad` for another key; `token-used` when other computers took the last use meanwhile, or the
 * token was revoked; `unknown-device`, `device-revoked`.
 */
export async function confirmEnrolment(
  context: IssuerContext,
  call: Confirm,
): Promise<Outcome<IssuerResults['enrol.confirm']>> {
  const deviceId = bytes(call.deviceId)
  const device = findDevice(context, deviceId)
  if (device === undefined) return refused('unknown-device')
  if (device.state === 'revoked') return refused('device-revoked')
  const key = codeKeysOf(context, deviceId).find(({ epoch }) => epoch === 0)
  if (key === undefined || !isConfirmedBy(key, bytes(call.confirmD))) return refused('bad')
  if (device.state === 'enrolled') return { ok: true, value: {} }
  const { store } = context
  const now = context.now()
  return store.transaction(() => {
    if (!takeUse(context, device.token_id)) return refused('token-used')
    append(store, now, { call: 'enrol.confirm', deviceId, body: { devNo: device.dev_no } })
    store.run(`update device set state = 'enrolled', changed_at = ? where device_id = ?`, now, deviceId)
    return { ok: true, value: {} }
  })
}

function readHello({ identity }: IssuerContext, hello: Hello): EnrolHello {
  return {
    tenant: identity.tenant,
    tokenId: bytes(hello.tokenId),
    dik: bytes(hello.dik),
    dxk: bytes(hello.dxk),
    eD: bytes(hello.eD),
    nD: bytes(hello.nD),
    facts: new TextEncoder().encode(jcs(hello.facts)),
  }
}

function isHonest(said: EnrolHello, hello: Hello, psk: Uint8Array): boolean {
  try {
    verifyEnrolHello(said, psk, bytes(hello.mac))
  } catch (error) {
    if (error instanceof CodeError && error.code === 'confirmation') return false
    throw error
  }
  return isSignedBy(said.dik, enrolHelloMessage(said), bytes(hello.sig)) && namesLogKey(said, hello)
}

/** The first key of its journal is named by the computer itself. */
function namesLogKey(said: EnrolHello, { lsk, lskSig }: Hello): boolean {
  return isSignedBy(said.dik, logKeyMessage(said, bytes(lsk)), bytes(lskSig))
}

async function offer(
  context: IssuerContext,
  said: EnrolHello,
  helloHash: Uint8Array,
  psk: Uint8Array,
): Promise<Offered> {
  const { store, random, identity } = context
  const eSPrivate = random(32)
  const eS = agreementPublicKey(eSPrivate)
  const offered = { deviceId: random(16), devNo: freeNumber(context), eS, nS: random(16) }
  const enrolment: Enrolment = { ...said, ...offered, trustHash: identity.trustHash }
  const agreed = erasing([eSPrivate], () => agreeAsServer(enrolment, { eSPrivate, psk }))
  const device = epochOf(context, { device_id: offered.deviceId, epoch: 0 })
  const wrapped = await wrapCodeKey(context, device, agreed)
  const confirmS = confirmation(agreed, 'server')
  const sigS = await signBytes(context, 'policy', enrolAnswerMessage(enrolmentTranscript(enrolment)))
  const now = context.now()
  store.transaction(() => {
    append(store, now, {
      call: 'enrol',
      deviceId: offered.deviceId,
      body: { tokenId: hex(said.tokenId), devNo: offered.devNo, dik: hex(said.dik) },
    })
    store.run(
      `insert into device (device_id, dev_no, token_id, dik, dxk, hello_hash, state, changed_at)
       values (?, ?, ?, ?, ?, ?, 'offered', ?)`,
      ...[offered.deviceId, offered.devNo, said.tokenId, said.dik, said.dxk, helloHash, now],
    )
    storeCodeKey(context, {
      device,
      state: 'current',
      helloHash,
      ...offered,
      confirmS,
      sigS,
      agreed,
      wrapped,
    })
  })
  agreed.crk.fill(0)
  return answer(context, offered.deviceId, offered.devNo, {
    e_s: eS,
    n_s: offered.nS,
    confirm_s: confirmS,
    sig_s: sigS,
  })
}

function repeat(context: IssuerContext, device: DeviceRow): Offered {
  if (device.state === 'revoked') return refused('device-revoked')
  const key = codeKeysOf(context, device.device_id).find(({ epoch }) => epoch === 0)
  if (key === undefined) return refused('conflict')
  return answer(context, device.device_id, device.dev_no, key)
}

function answer(
  { identity }: IssuerContext,
  deviceId: Uint8Array,
  devNo: number,
  key: Parameters<typeof replyOf>[0],
): Offered {
  return { ok: true, value: { deviceId: hex(deviceId), devNo, ...replyOf(key), trust: identity.trust } }
}

/** A number that no computer of the tenant has or had; never 0. 22 random bits, so that it hides how many there are. */
function freeNumber({ store, random }: IssuerContext): number {
  for (let tries = 0; tries < 1000; tries++) {
    const devNo = Buffer.from(random(3)).readUIntBE(0, 3) & DEVICE_NUMBER_MAX
    if (devNo !== 0 && store.one('select 1 from device where dev_no = ?', devNo) === undefined) return devNo
  }
  throw new Fault('numbers-exhausted', 'No free computer number was found', 'This tenant is full.')
}
