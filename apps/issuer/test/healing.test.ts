import assert from 'node:assert/strict'
import { test } from 'node:test'
import { confirmation } from '@stint/code'
import { approval, enrolled, hex, newToken, TestDevice } from './test-device.ts'
import { given, reasonOf, type TestIssuer, testIssuer } from './test-issuer.ts'

const epochs = (issuer: TestIssuer) =>
  issuer.store
    .all<{ epoch: number; state: string }>('select epoch, state from code_key order by epoch')
    .map(({ epoch, state }) => `${epoch} ${state}`)

/** First phase; leaves the computer on its old key. */
async function begin(issuer: TestIssuer, device: TestDevice) {
  const { hello, eDPrivate } = device.healHello()
  const answer = given(await issuer.ask({ call: 'heal', deviceId: device.deviceId, hello }))
  const agreed = device.healed(hello, eDPrivate, answer)
  return { hello, answer, agreed, confirmD: hex(confirmation(agreed, 'device')) }
}

test('KEY-4: a heal gives both sides the next key; the old one is kept until confirmed, then erased', async () => {
  using issuer = testIssuer()
  const device = await enrolled(issuer)
  const { deviceId } = device
  const { answer, agreed, confirmD } = await begin(issuer, device)
  assert.equal(answer.confirmS, hex(confirmation(agreed, 'server')))
  assert.deepEqual(epochs(issuer), ['0 current', '1 pending'])
  const confirm = { call: 'heal.confirm', deviceId, epoch: 1, confirmD } as const
  assert.equal(reasonOf(await issuer.ask(confirm)), 'done')
  assert.deepEqual(epochs(issuer), ['1 current'])
  assert.equal(reasonOf(await issuer.ask(confirm)), 'done')
})

test('while a heal is not confirmed, codes of both epochs are answered; afterwards the old one is stale-code', async () => {
  using issuer = testIssuer()
  const device = await enrolled(issuer)
  const old = device.request()
  const { agreed, confirmD } = await begin(issuer, device)
  const answer = async (request = device.request()) =>
    reasonOf(await issuer.ask({ call: 'answer.code', ...approval(device, request), minutes: 15 }))
  assert.equal(await answer(old), 'done')
  Object.assign(device, { crk: agreed.crk, epoch: 1 })
  const next = device.request()
  assert.equal(await answer(next), 'done')
  given(await issuer.ask({ call: 'heal.confirm', deviceId: device.deviceId, epoch: 1, confirmD }))
  assert.equal(await answer(old), 'stale-code')
  assert.equal(await answer(next), 'done')
})

test('the same hello gets the same answer, also after the confirmation; a fresh one replaces what was pending', async () => {
  using issuer = testIssuer()
  const device = await enrolled(issuer)
  const { deviceId } = device
  const lost = await begin(issuer, device)
  assert.deepEqual(given(await issuer.ask({ call: 'heal', deviceId, hello: lost.hello })), lost.answer)
  const fresh = await begin(issuer, device)
  assert.notEqual(fresh.answer.eS, lost.answer.eS)
  assert.deepEqual(epochs(issuer), ['0 current', '1 pending'])
  const stale = await issuer.ask({ call: 'heal.confirm', deviceId, epoch: 1, confirmD: lost.confirmD })
  assert.equal(reasonOf(stale), 'bad')
  given(await issuer.ask({ call: 'heal.confirm', deviceId, epoch: 1, confirmD: fresh.confirmD }))
  assert.deepEqual(given(await issuer.ask({ call: 'heal', deviceId, hello: fresh.hello })), fresh.answer)
})

test('KEY-13: an epoch that is not the next one means two computers: device-suspended', async () => {
  using issuer = testIssuer()
  const device = await enrolled(issuer)
  const { deviceId } = device
  const clone = device.healHello()
  const { agreed, confirmD } = await begin(issuer, device)
  given(await issuer.ask({ call: 'heal.confirm', deviceId, epoch: 1, confirmD }))
  assert.equal(reasonOf(await issuer.ask({ call: 'heal', deviceId, hello: clone.hello })), 'device-suspended')
  Object.assign(device, { crk: agreed.crk, epoch: 1 })
  const ahead = device.healHello(3)
  assert.equal(reasonOf(await issuer.ask({ call: 'heal', deviceId, hello: ahead.hello })), 'device-suspended')
})

test('a computer whose confirmation was lost is told to confirm first: conflict', async () => {
  using issuer = testIssuer()
  const device = await enrolled(issuer)
  const { deviceId } = device
  const { agreed, confirmD } = await begin(issuer, device)
  Object.assign(device, { crk: agreed.crk, epoch: 1 })
  const next = device.healHello()
  assert.equal(reasonOf(await issuer.ask({ call: 'heal', deviceId, hello: next.hello })), 'conflict')
  given(await issuer.ask({ call: 'heal.confirm', deviceId, epoch: 1, confirmD }))
  assert.equal(reasonOf(await issuer.ask({ call: 'heal', deviceId, hello: next.hello })), 'done')
})

test('a hello that another key signed is refused: device-unauthenticated', async () => {
  using issuer = testIssuer()
  const device = await enrolled(issuer)
  const thief = Object.assign(new TestDevice(), { deviceId: device.deviceId, tenant: device.tenant })
  const { hello } = thief.healHello()
  const outcome = await issuer.ask({ call: 'heal', deviceId: device.deviceId, hello })
  assert.equal(reasonOf(outcome), 'device-unauthenticated')
  assert.deepEqual(epochs(issuer), ['0 current'])
})

test('computers that are not enrolled, or revoked, do not heal: unknown-device, device-revoked', async () => {
  using issuer = testIssuer()
  const token = await newToken(issuer)
  const offered = new TestDevice()
  const hello = offered.hello(token)
  offered.welcome(hello, given(await issuer.ask({ call: 'enrol', hello })), token.psk, token.trustHash)
  const ask = async (device: TestDevice) =>
    reasonOf(await issuer.ask({ call: 'heal', deviceId: device.deviceId, hello: device.healHello().hello }))
  assert.equal(await ask(offered), 'unknown-device')
  const device = await enrolled(issuer)
  const { confirmD } = await begin(issuer, device)
  given(await issuer.ask({ call: 'device.revoke', deviceId: device.deviceId }))
  assert.equal(await ask(device), 'device-revoked')
  const confirm = { call: 'heal.confirm', deviceId: device.deviceId, epoch: 1, confirmD } as const
  assert.equal(reasonOf(await issuer.ask(confirm)), 'device-revoked')
})
