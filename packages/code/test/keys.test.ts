import assert from 'node:assert/strict'
import { test } from 'node:test'
import { x25519 } from '@noble/curves/ed25519.js'
import {
  agreeAsDevice,
  agreeAsServer,
  confirmation,
  deriveCodeKeys,
  diffieHellman,
  type Enrolment,
  enrolHelloMac,
  enrolHelloMessage,
  type Heal,
  healAsDevice,
  healAsServer,
  LABELS,
  logKeyMessage,
  pepperInput,
  RESERVED_LABELS,
  verifyConfirmation,
  verifyEnrolHello,
  wrapAssociatedData,
} from '../src/index.ts'
import { bytes, device } from './fixture.ts'

const filled = (value: number, length = 32) => new Uint8Array(length).fill(value)
const secrets = { eD: filled(1), dxk: filled(2), eS: filled(3), psk: filled(4) }
const enrolment: Enrolment = {
  tenant: device.tenant,
  tokenId: filled(5, 16),
  dik: filled(6),
  dxk: x25519.getPublicKey(secrets.dxk),
  eD: x25519.getPublicKey(secrets.eD),
  nD: filled(7, 16),
  eS: x25519.getPublicKey(secrets.eS),
  nS: filled(8, 16),
  deviceId: device.deviceId,
  devNo: 42,
  trustHash: filled(9),
}
const asDevice = () =>
  agreeAsDevice(enrolment, { eDPrivate: secrets.eD, dxkPrivate: secrets.dxk, psk: secrets.psk })
const asServer = (from = enrolment, psk = secrets.psk) => agreeAsServer(from, { eSPrivate: secrets.eS, psk })

test('device and server agree on one key and confirm it to each other', () => {
  const [onDevice, onServer] = [asDevice(), asServer()]
  assert.deepEqual(onDevice, onServer)
  verifyConfirmation(onServer, 'device', confirmation(onDevice, 'device'))
  verifyConfirmation(onDevice, 'server', confirmation(onServer, 'server'))
})

test('a confirmation of one side is none of the other', () => {
  assert.throws(() => verifyConfirmation(asServer(), 'device', confirmation(asDevice(), 'server')), {
    code: 'confirmation',
  })
})

test('KEY-1: every public value of an enrolment is bound: changing one gives another key', () => {
  const key = Buffer.from(asServer().crk).toString('hex')
  for (const name of ['tenant', 'tokenId', 'dik', 'nD', 'nS', 'deviceId', 'trustHash'] as const) {
    const changed = { ...enrolment, [name]: enrolment[name].map((byte) => byte ^ 1) }
    assert.notEqual(Buffer.from(asServer(changed).crk).toString('hex'), key, name)
  }
  assert.notEqual(Buffer.from(asServer({ ...enrolment, devNo: 43 }).crk).toString('hex'), key)
  assert.notEqual(Buffer.from(asServer(enrolment, filled(0)).crk).toString('hex'), key, 'psk')
})

test('KEY-10: a public key that forces a zero secret ends the exchange', () => {
  const lowOrder = ['00'.repeat(32), `01${'00'.repeat(31)}`, `${'ecff'.padEnd(62, 'f')}7f`]
  for (const hex of lowOrder) {
    assert.throws(() => diffieHellman(secrets.eD, bytes(hex)), { code: 'key-agreement' }, hex)
    assert.throws(() => asServer({ ...enrolment, dxk: bytes(hex) }), { code: 'key-agreement' }, hex)
  }
})

test('a hello of somebody without the enrolment token is refused', () => {
  const hello = { ...enrolment, facts: new TextEncoder().encode('{}') }
  verifyEnrolHello(hello, secrets.psk, enrolHelloMac(hello, secrets.psk))
  assert.throws(() => verifyEnrolHello(hello, secrets.psk, enrolHelloMac(hello, filled(0))), {
    code: 'confirmation',
  })
  const lied = { ...hello, facts: new TextEncoder().encode('{"a":1}') }
  assert.throws(() => verifyEnrolHello(lied, secrets.psk, enrolHelloMac(hello, secrets.psk)), {
    code: 'confirmation',
  })
  assert.notDeepEqual(enrolHelloMessage(hello), enrolHelloMessage(lied))
})

const heal: Heal = { ...enrolment, device }

test('KEY-4: a heal gives both sides the same new key, and the old key alone does not give it', () => {
  const crk = filled(10)
  const onDevice = healAsDevice(heal, { eDPrivate: secrets.eD, dxkPrivate: secrets.dxk, crk })
  assert.deepEqual(healAsServer(heal, { eSPrivate: secrets.eS, crk }), onDevice)
  const thief = healAsDevice(heal, { eDPrivate: filled(11), dxkPrivate: filled(12), crk })
  assert.notDeepEqual(thief.crk, onDevice.crk)
  const stranger = healAsDevice(heal, { eDPrivate: secrets.eD, dxkPrivate: secrets.dxk, crk: filled(13) })
  assert.notDeepEqual(stranger.crk, onDevice.crk)
})

test('a heal after the last epoch is refused', () => {
  const last = { ...heal, device: { ...device, epoch: 2 ** 32 - 1 } }
  assert.throws(() => healAsServer(last, { eSPrivate: secrets.eS, crk: filled(10) }), { code: 'argument' })
})

test('the statement that names the first journal key is of this enrolment and of no other', () => {
  const hello = { tenant: filled(1, 16), tokenId: filled(2, 16), dik: filled(3), nD: filled(4, 16) }
  const message = logKeyMessage(hello, filled(5))
  const field = (byte: number, length: number) =>
    `00${length.toString(16).padStart(2, '0')}${byte.toString(16).padStart(2, '0').repeat(length)}`
  const label = Buffer.from('stint/v1/log/key').toString('hex')
  const fields = field(1, 16) + field(2, 16) + field(3, 32) + field(4, 16) + field(5, 32)
  assert.equal(Buffer.from(message).toString('hex'), `0010${label}${fields}`)
  assert.throws(() => logKeyMessage(hello, filled(5, 31)), { code: 'argument' })
})

test('KEY-2: no two labels are equal, and none is inside a reserved space', () => {
  const labels = Object.values(LABELS)
  assert.equal(new Set(labels).size, labels.length)
  for (const label of labels) assert.ok(!RESERVED_LABELS.some((space) => label.startsWith(space)), label)
})

test('KEY-1, KEY-2: the wrap, the pepper and every sub-key of one device and epoch have inputs of their own', () => {
  const keys = deriveCodeKeys(device, filled(1))
  const all = [...Object.values(keys), wrapAssociatedData(device), pepperInput(device)].map(
    (value: Uint8Array) => Buffer.from(value).toString('hex'),
  )
  assert.equal(new Set(all).size, all.length)
  assert.notDeepEqual(deriveCodeKeys({ ...device, epoch: 6 }, filled(1)).req, keys.req)
})

test('keys of a wrong length are refused before anything is derived', () => {
  assert.throws(() => deriveCodeKeys(device, filled(1, 31)), { code: 'argument' })
  assert.throws(() => deriveCodeKeys({ ...device, tenant: filled(1, 15) }, filled(1)), { code: 'argument' })
})
