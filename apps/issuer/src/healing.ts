import {
  CodeError,
  confirmation,
  healAnswerMessage,
  healAsServer,
  healHelloMessage,
  healTranscript,
} from '@stint/code'
import { agreementPublicKey } from '@stint/code/device-proofs'
import { type Outcome, refused } from '@stint/elevation'
import type { IssuerCall, IssuerResults } from '@stint/wire/issuer'
import {
  type CodeKeyRow,
  codeKeysOf,
  type DeviceRow,
  epochOf,
  findDevice,
  isConfirmedBy,
  openCodeKey,
  replyOf,
  sha256,
  storeCodeKey,
  wrapCodeKey,
} from './code-keys.ts'
import { bytes, erasing, type IssuerContext } from './context.ts'
import { append } from './record.ts'
import { isSignedBy, signBytes } from './signatures.ts'

type HealCall = Extract<IssuerCall, { call: 'heal' }>
type Confirm = Extract<IssuerCall, { call: 'heal.confirm' }>
type Answer = Outcome<IssuerResults['heal']>

/**
 * The issuer's half of protocol 4.3, first phase: the next epoch's key is kept beside the current one until the
 * computer confirms. The same hello again gets the same answer, also after the confirmation; another hello for the
 * same epoch replaces an unconfirmed one. Refusals: `device-unauthenticated`; `conflict` for the epoch
 * after one that was not confirmed; `device-suspended` for any other but the next one, since then two computers
 * share one identity; `unknown-device`, `device-revoked`.
 */
export async function heal(context: IssuerContext, { deviceId, hello }: HealCall): Promise<Answer> {
  const device = findDevice(context, bytes(deviceId))
  if (device === undefined || device.state === 'offered') return refused('unknown-device')
  if (device.state === 'revoked') return refused('device-revoked')
  const message = messageOf(context, device, hello)
  if (!isSignedBy(device.dik, message, bytes(hello.sig))) return refused('device-unauthenticated')
  const held = codeKeysOf(context, device.device_id)
  const helloHash = sha256(message)
  const same = held.find(
    (key) => key.epoch === hello.epoch && Buffer.compare(key.hello_hash, helloHash) === 0,
  )
  if (same !== undefined) return { ok: true, value: { epoch: same.epoch, ...replyOf(same) } }
  const current = held.find(({ state }) => state === 'current')
  if (held.some(({ state, epoch }) => state === 'pending' && hello.epoch === epoch + 1))
    return refused('conflict', { hint: 'Confirm the renewal that was begun, then start the next one.' })
  if (current === undefined || hello.epoch !== current.epoch + 1)
    return refused('device-suspended', {
      details: { epoch: hello.epoch, expected: (current?.epoch ?? -1) + 1 },
    })
  try {
    return await agreeNext(context, device, current, hello, helloHash)
  } catch (error) {
    if (error instanceof CodeError && error.code === 'key-agreement') return refused('device-unauthenticated')
    throw error
  }
}

/**
 * Second phase: the computer holds the new key, the old one is erased. Repeating it is harmless.
 * Refusals: `bad` for another key or an epoch that was not offered; `unknown-device`, `device-revoked`.
 */
export async function confirmHeal(
  context: IssuerContext,
  call: Confirm,
): Promise<Outcome<IssuerResults['heal.confirm']>> {
  const deviceId = bytes(call.deviceId)
  const device = findDevice(context, deviceId)
  if (device === undefined || device.state === 'offered') return refused('unknown-device')
  if (device.state === 'revoked') return refused('device-revoked')
  const key = codeKeysOf(context, deviceId).find(({ epoch }) => epoch === call.epoch)
  if (key === undefined || !isConfirmedBy(key, bytes(call.confirmD))) return refused('bad')
  if (key.state === 'current') return { ok: true, value: {} }
  const { store } = context
  store.transaction(() => {
    append(store, context.now(), { call: 'heal.confirm', deviceId, body: { epoch: call.epoch } })
    store.run(`update code_key set state = 'spent' where device_id = ? and state = 'current'`, deviceId)
    store.run(`update code_key set state = 'current' where device_id = ? and epoch = ?`, deviceId, call.epoch)
    store.run(`delete from code_key where device_id = ? and state = 'spent'`, deviceId)
  })
  store.forgetDeleted()
  return { ok: true, value: {} }
}

function messageOf(context: IssuerContext, device: DeviceRow, hello: HealCall['hello']): Uint8Array {
  const now = epochOf(context, { device_id: device.device_id, epoch: hello.epoch - 1 })
  return healHelloMessage({ device: now, eD: bytes(hello.eD), nD: bytes(hello.nD) })
}

async function agreeNext(
  context: IssuerContext,
  device: DeviceRow,
  current: CodeKeyRow,
  hello: HealCall['hello'],
  helloHash: Uint8Array,
): Promise<Answer> {
  const { store, random } = context
  const deviceId = device.device_id
  const eSPrivate = random(32)
  const eS = agreementPublicKey(eSPrivate)
  const nS = random(16)
  const { dik, dxk } = device
  const said = {
    device: epochOf(context, current),
    dik,
    dxk,
    eD: bytes(hello.eD),
    nD: bytes(hello.nD),
    eS,
    nS,
  }
  const crk = await openCodeKey(context, current)
  const agreed = erasing([eSPrivate, crk], () => healAsServer(said, { eSPrivate, crk }))
  const next = epochOf(context, { device_id: deviceId, epoch: hello.epoch })
  const wrapped = await wrapCodeKey(context, next, agreed)
  const confirmS = confirmation(agreed, 'server')
  const sigS = await signBytes(context, 'policy', healAnswerMessage(healTranscript(said)))
  store.transaction(() => {
    append(store, context.now(), { call: 'heal', deviceId, body: { epoch: hello.epoch } })
    store.run(`delete from code_key where device_id = ? and state = 'pending'`, deviceId)
    storeCodeKey(context, {
      device: next,
      state: 'pending',
      helloHash,
      eS,
      nS,
      confirmS,
      sigS,
      agreed,
      wrapped,
    })
  })
  agreed.crk.fill(0)
  const reply = replyOf({ e_s: eS, n_s: nS, confirm_s: confirmS, sig_s: sigS })
  return { ok: true, value: { epoch: hello.epoch, ...reply } }
}
