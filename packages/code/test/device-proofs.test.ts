import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, diffieHellman, hkdfSync } from 'node:crypto'
import { test } from 'node:test'
import { agreementPublicKey, deviceMacKey, deviceSessionMessage } from '../src/device-proofs.ts'

const bytes = (length: number, from: number) => Uint8Array.from({ length }, (_, i) => (from + i) & 0xff)
const courierPrivate = bytes(32, 1)
const serverPrivate = bytes(32, 101)
const session = {
  tenant: bytes(16, 10),
  deviceId: bytes(16, 30),
  nonce: bytes(32, 50),
  courierKey: agreementPublicKey(courierPrivate),
  serverKey: agreementPublicKey(serverPrivate),
}

/** Length-prefixed fields, written here again on purpose. */
function fields(...parts: Uint8Array[]): Buffer {
  return Buffer.concat(parts.flatMap((part) => [Uint8Array.of(part.length >> 8, part.length & 255), part]))
}

function nodeKey(raw: Uint8Array) {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), raw])
  return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
}

test('the session message is label, tenant, device, nonce and courier key, each with its length', () => {
  assert.deepEqual(
    Buffer.from(deviceSessionMessage(session)),
    fields(
      Buffer.from('stint/v1/device-session'),
      session.tenant,
      session.deviceId,
      session.nonce,
      session.courierKey,
    ),
  )
})

test('courier and server derive the same MAC key, and it is the one OpenSSL derives', () => {
  const shared = diffieHellman({
    privateKey: nodeKey(courierPrivate),
    publicKey: createPublicKey(nodeKey(serverPrivate)),
  })
  const info = fields(
    Buffer.from('stint/v1/device-mac'),
    session.tenant,
    session.deviceId,
    session.courierKey,
    session.serverKey,
  )
  const expected = Buffer.from(hkdfSync('sha256', shared, session.nonce, info, 32))
  assert.deepEqual(Buffer.from(deviceMacKey(session, courierPrivate)), expected)
  assert.deepEqual(Buffer.from(deviceMacKey(session, serverPrivate)), expected)
})

test('another challenge, device or tenant gives another MAC key', () => {
  const usual = Buffer.from(deviceMacKey(session, courierPrivate)).toString('hex')
  for (const change of [{ nonce: bytes(32, 51) }, { deviceId: bytes(16, 31) }, { tenant: bytes(16, 11) }])
    assert.notEqual(
      Buffer.from(deviceMacKey({ ...session, ...change }, courierPrivate)).toString('hex'),
      usual,
    )
})

test('KEY-10: a server key of low order is refused: key-agreement', () => {
  assert.throws(() => deviceMacKey({ ...session, serverKey: new Uint8Array(32) }, courierPrivate), {
    code: 'key-agreement',
  })
})

test('fields of another length are refused: argument', () => {
  assert.throws(() => deviceSessionMessage({ ...session, nonce: bytes(31, 0) }), { code: 'argument' })
  assert.throws(() => deviceMacKey({ ...session, serverKey: bytes(33, 0) }, courierPrivate), {
    code: 'argument',
  })
})
