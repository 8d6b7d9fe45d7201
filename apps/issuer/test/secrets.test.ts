import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { deriveCodeKeys, verifyResponse, wrapAssociatedData } from '@stint/code'
import { signingKeyAssociatedData } from '@stint/code/at-rest'
import { agreementPublicKey } from '@stint/code/device-proofs'
import { defaultPolicy } from '@stint/elevation'
import { parseJson } from '@stint/wire'
import { TrustBundle } from '@stint/wire/issuer'
import { createIssuer } from '../src/issuer.ts'
import { defaultQuotas } from '../src/quotas.ts'
import { approval, bytes, enrolled, hex, newToken, TestDevice } from './test-device.ts'
import { given, reasonOf, type TestIssuer, testIssuer } from './test-issuer.ts'

/** An issuer that remembers every reply and everything that it drew at random. */
function watched(issuer: TestIssuer) {
  const drawn: { readonly kept: Uint8Array; readonly copy: Uint8Array }[] = []
  const replies: string[] = []
  const random = (length: number) => {
    const kept = randomBytes(length)
    drawn.push({ kept, copy: Uint8Array.from(kept) })
    return kept
  }
  const behind = createIssuer({ ...issuer, random })
  let id = 0
  const ask = async (call: object) => {
    id += 1
    const outcome = await behind.call({ ...call, id } as never)
    replies.push(JSON.stringify(outcome))
    return outcome
  }
  return { drawn, replies, test: { ...issuer, ask } as TestIssuer }
}

/** Every key at rest, opened: code root keys, their sub-keys and signing keys. */
async function keysAtRest({ store, keyProvider }: TestIssuer): Promise<Uint8Array[]> {
  const { tenant } = store.one<{ tenant: Uint8Array }>('select tenant from issuer') ?? assert.fail()
  const codes = store.all<{ device_id: Uint8Array; epoch: number; kek_version: number; sealed: Uint8Array }>(
    'select device_id, epoch, kek_version, sealed from code_key',
  )
  const found: Uint8Array[] = []
  for (const { device_id: deviceId, epoch, kek_version: version, sealed } of codes) {
    const at = { tenant, deviceId, epoch }
    const crk = await keyProvider.unwrap({ version, sealed }, wrapAssociatedData(at))
    found.push(crk, ...Object.values(deriveCodeKeys(at, crk)))
  }
  const signing = store.all<{ kid: string; kek_version: number; sealed: Uint8Array }>(
    'select kid, kek_version, sealed from signing_key',
  )
  for (const { kid, kek_version: version, sealed } of signing)
    found.push(await keyProvider.unwrap({ version, sealed }, signingKeyAssociatedData(tenant, kid)))
  return found
}

const spellings = (secret: Uint8Array) => {
  const all = Buffer.from(secret)
  return [all.toString('hex'), all.toString('base64'), all.toString('base64url')]
}

test('KEY-3: no reply to any call holds a code key or a signing key', async () => {
  using issuer = testIssuer()
  const { test, replies } = watched(issuer)
  const device = await enrolled(test)
  const { hello } = device.healHello()
  given(await test.ask({ call: 'heal', deviceId: device.deviceId, hello }))
  const request = device.request()
  const asked = approval(device, request)
  given(await test.ask({ call: 'answer.code', ...asked, minutes: 15 }))
  given(await test.ask({ call: 'answer.token', ...asked, seconds: 900 }))
  const devices = [
    { deviceId: device.deviceId, users: [], otherUsers: [], lastCounter: 0, policySerials: [1] },
  ]
  given(await test.ask({ call: 'resolve', text: request.text, devices }))
  const iss = hex(device.tenant)
  const policy = { ...defaultPolicy, v: 1, iss, dev: device.deviceId, serial: 1, iat: 1, users: [] }
  given(await test.ask({ call: 'sign.policy', policy }))
  const log = `stint/${iss}`
  given(await test.ask({ call: 'sign.checkpoint', origin: `${log}/ledger`, size: 1, root: '00'.repeat(32) }))
  const text = `${log}/export\nstint evidence bundle v1\n${'00'.repeat(32)}  events.jsonl\n`
  given(await test.ask({ call: 'sign.export', text }))
  const secrets = await keysAtRest(issuer)
  given(await test.ask({ call: 'device.revoke', deviceId: device.deviceId }))
  assert.equal(secrets.length, 2 * 6 + 3)
  assert.ok(replies.length >= 12)
  for (const secret of secrets)
    for (const spelling of spellings(secret)) assert.ok(!replies.some((reply) => reply.includes(spelling)))
})

test('KEY-11: the private half of an exchange is overwritten, also when the exchange fails', async () => {
  using issuer = testIssuer()
  const { test, drawn } = watched(issuer)
  const privateHalves = () =>
    drawn.filter(({ copy, kept }) => copy.length === 32 && kept.every((byte) => byte === 0))
  const wasErased = (eS: string) => privateHalves().some(({ copy }) => hex(agreementPublicKey(copy)) === eS)
  const token = await newToken(test, 2)
  const device = new TestDevice()
  const enrolHello = device.hello(token)
  const offer = given(await test.ask({ call: 'enrol', hello: enrolHello }))
  assert.ok(wasErased(offer.eS))
  const { confirmD } = device.welcome(enrolHello, offer, token.psk, token.trustHash)
  given(await test.ask({ call: 'enrol.confirm', deviceId: offer.deviceId, confirmD }))
  const { hello } = device.healHello()
  assert.ok(wasErased(given(await test.ask({ call: 'heal', deviceId: device.deviceId, hello })).eS))
  const before = privateHalves().length
  const lowOrder = new TestDevice().hello(token, new Uint8Array(32))
  assert.equal(reasonOf(await test.ask({ call: 'enrol', hello: lowOrder })), 'device-unauthenticated')
  assert.ok(privateHalves().length > before)
})

test('KEY-8: a signing key has one purpose, its algorithm and an end, and signs nothing after it', async () => {
  using issuer = testIssuer()
  const device = await enrolled(issuer)
  const token = (seconds: number) => issuer.ask({ call: 'answer.token', ...approval(device), seconds })
  const bundle = parseJson(TrustBundle, given(await issuer.ask({ call: 'trust' })).trust)
  assert.deepEqual(
    bundle.keys.map(({ use, alg }) => `${use} ${alg}`),
    ['answer Ed25519', 'policy Ed25519', 'server-log Ed25519'],
  )
  assert.equal(new Set(bundle.keys.map(({ pub }) => pub)).size, 3)
  const ends = Math.min(...bundle.keys.map(({ exp }) => exp)) * 1000
  issuer.clock.ms = ends - 1
  assert.equal(reasonOf(await token(900)), 'done')
  issuer.clock.ms = ends
  await assert.rejects(token(900), { code: 'signing-key-expired' })
})

test('KEY-7: the quotas are 20 for an approver in an hour, 10 for a device in a day, 300 for a tenant in an hour', () => {
  assert.deepEqual(defaultQuotas, { perApproverHour: 20, perDeviceDay: 10, perTenantHour: 300 })
})

test('KEY-1, KEY-14: a new enrolment is a new identity with keys of its own; codes of the old one are worthless', async () => {
  using issuer = testIssuer()
  const old = await enrolled(issuer)
  const { text } = old.request()
  const fresh = await enrolled(issuer)
  assert.notEqual(fresh.deviceId, old.deviceId)
  assert.notEqual(hex(fresh.crk), hex(old.crk))
  given(await issuer.ask({ call: 'device.revoke', deviceId: old.deviceId }))
  const users = [{ slot: 0, userId: 'uid:1000:eva' }]
  const devices = [old, fresh].map(({ deviceId }) => {
    return { deviceId, users, otherUsers: [], lastCounter: 0, policySerials: [1] }
  })
  assert.equal(given(await issuer.ask({ call: 'resolve', text, devices })).match, null)
  const request = fresh.request()
  const answer = given(await issuer.ask({ call: 'answer.code', ...approval(fresh, request), minutes: 15 }))
  assert.equal(verifyResponse(request, fresh.keys, answer.text).verdict, 'ok')
  const before = { ...request, device: { ...request.device, deviceId: bytes(old.deviceId) } }
  assert.equal(verifyResponse(before, deriveCodeKeys(before.device, old.crk), answer.text).verdict, 'bad')
})
