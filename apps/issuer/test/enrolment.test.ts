import assert from 'node:assert/strict'
import { createHash, createPublicKey, verify } from 'node:crypto'
import { test } from 'node:test'
import { confirmation, enrolAnswerMessage } from '@stint/code'
import { parseJson } from '@stint/wire'
import { TrustBundle } from '@stint/wire/issuer'
import { bytes, enrolled, facts, hex, newToken, TestDevice } from './test-device.ts'
import { given, reasonOf, testIssuer } from './test-issuer.ts'

test('the trust bundle is JCS, names a key to answer, one for policies and one for the log, and its hash is the one handed out', async () => {
  using issuer = testIssuer()
  const { tenant, trust, trustHash } = given(await issuer.ask({ call: 'trust' }))
  const bundle = parseJson(TrustBundle, trust)
  assert.equal(bundle.tenant, tenant)
  assert.deepEqual(
    bundle.keys.map(({ use }) => use),
    ['answer', 'policy', 'server-log'],
  )
  assert.equal(createHash('sha256').update(trust).digest('hex'), trustHash)
  assert.deepEqual(given(await issuer.ask({ call: 'trust' })).trust, trust)
})

test('a computer and the issuer agree on a key, and the issuer signs the transcript', async () => {
  using issuer = testIssuer()
  const token = await newToken(issuer)
  const device = new TestDevice()
  const hello = device.hello(token)
  const offer = given(await issuer.ask({ call: 'enrol', hello }))
  const { agreed, confirmD } = device.welcome(hello, offer, token.psk, token.trustHash)
  assert.equal(offer.confirmS, hex(confirmation(agreed, 'server')))
  const policyKey = parseJson(TrustBundle, token.trust).keys.find(({ use }) => use === 'policy')
  const x = Buffer.from(policyKey?.pub ?? '', 'hex').toString('base64url')
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  assert.ok(verify(null, enrolAnswerMessage(agreed.transcript), key, bytes(offer.sigS)))
  assert.ok(offer.devNo > 0 && offer.devNo < 2 ** 22)
  assert.equal(
    reasonOf(await issuer.ask({ call: 'enrol.confirm', deviceId: offer.deviceId, confirmD })),
    'done',
  )
})

test('the same hello again gets the same answer, before and after the confirmation', async () => {
  using issuer = testIssuer()
  const token = await newToken(issuer)
  const device = new TestDevice()
  const hello = device.hello(token)
  const offer = given(await issuer.ask({ call: 'enrol', hello }))
  assert.deepEqual(given(await issuer.ask({ call: 'enrol', hello })), offer)
  const { confirmD } = device.welcome(hello, offer, token.psk, token.trustHash)
  const confirm = { call: 'enrol.confirm', deviceId: offer.deviceId, confirmD } as const
  assert.equal(reasonOf(await issuer.ask(confirm)), 'done')
  assert.equal(reasonOf(await issuer.ask(confirm)), 'done')
  assert.deepEqual(given(await issuer.ask({ call: 'enrol', hello })), offer)
  assert.equal(issuer.store.one<{ used: number }>('select used from enrollment_token')?.used, 1)
})

test('a use is counted at the confirmation; the last use also ends the token: token-used', async () => {
  using issuer = testIssuer()
  const token = await newToken(issuer, 1)
  const [first, second] = [new TestDevice(), new TestDevice()]
  const [helloA, helloB] = [first.hello(token), second.hello(token)]
  const offerA = given(await issuer.ask({ call: 'enrol', hello: helloA }))
  const offerB = given(await issuer.ask({ call: 'enrol', hello: helloB }))
  const a = first.welcome(helloA, offerA, token.psk, token.trustHash)
  const b = second.welcome(helloB, offerB, token.psk, token.trustHash)
  const confirm = (deviceId: string, confirmD: string) =>
    issuer.ask({ call: 'enrol.confirm', deviceId, confirmD })
  const both = await Promise.all([confirm(offerA.deviceId, a.confirmD), confirm(offerB.deviceId, b.confirmD)])
  assert.deepEqual(both.map(reasonOf), ['done', 'token-used'])
  assert.equal(
    reasonOf(await issuer.ask({ call: 'enrol', hello: new TestDevice().hello(token) })),
    'token-used',
  )
  assert.equal(issuer.store.one<{ sealed: unknown }>('select sealed from enrollment_token')?.sealed, null)
})

test('a token that ran out, was revoked or never existed is refused: token-used', async () => {
  using issuer = testIssuer()
  const late = await newToken(issuer)
  const revoked = await newToken(issuer)
  const offer = given(await issuer.ask({ call: 'enrol', hello: new TestDevice().hello(revoked) }))
  given(await issuer.ask({ call: 'token.revoke', tokenId: revoked.tokenId }))
  assert.equal(reasonOf(await issuer.ask({ call: 'token.revoke', tokenId: revoked.tokenId })), 'done')
  assert.equal(
    reasonOf(await issuer.ask({ call: 'enrol', hello: new TestDevice().hello(revoked) })),
    'token-used',
  )
  assert.equal(issuer.store.one<{ n: number }>('select count(*) as n from device')?.n, 1)
  issuer.clock.ms += 3_600_000
  assert.equal(
    reasonOf(await issuer.ask({ call: 'enrol', hello: new TestDevice().hello(late) })),
    'token-used',
  )
  const unknown = { ...late, tokenId: '00'.repeat(16) }
  assert.equal(
    reasonOf(await issuer.ask({ call: 'enrol', hello: new TestDevice().hello(unknown) })),
    'token-used',
  )
  assert.match(offer.deviceId, /^[0-9a-f]{32}$/)
})

test('an offer of a revoked token can no longer be confirmed: token-used', async () => {
  using issuer = testIssuer()
  const token = await newToken(issuer)
  const device = new TestDevice()
  const hello = device.hello(token)
  const offer = given(await issuer.ask({ call: 'enrol', hello }))
  const { confirmD } = device.welcome(hello, offer, token.psk, token.trustHash)
  given(await issuer.ask({ call: 'token.revoke', tokenId: token.tokenId }))
  const confirmed = await issuer.ask({ call: 'enrol.confirm', deviceId: offer.deviceId, confirmD })
  assert.equal(reasonOf(confirmed), 'token-used')
})

test('a hello whose MAC, signature, facts or key is not honest is refused: device-unauthenticated', async () => {
  using issuer = testIssuer()
  const token = await newToken(issuer)
  const device = new TestDevice()
  const good = device.hello(token)
  const otherPsk = device.hello({ ...token, psk: 'ab'.repeat(32) })
  const cases = [
    otherPsk,
    { ...good, sig: good.mac + good.mac },
    { ...good, dik: hex(new TestDevice().dik) },
    { ...good, facts: { ...facts, hostname: 'desk-8' } },
    { ...good, eD: good.dxk },
    { ...good, nD: '00'.repeat(16) },
    device.hello(token, new Uint8Array(32)),
    { ...good, lsk: hex(new TestDevice().lsk) },
    { ...good, lskSig: good.sig },
  ]
  for (const hello of cases)
    assert.equal(reasonOf(await issuer.ask({ call: 'enrol', hello })), 'device-unauthenticated')
  assert.equal(issuer.store.one<{ n: number }>('select count(*) as n from device')?.n, 0)
})

test('a confirmation of another key, or of a computer that does not exist, is refused: bad, unknown-device', async () => {
  using issuer = testIssuer()
  const token = await newToken(issuer)
  const offer = given(await issuer.ask({ call: 'enrol', hello: new TestDevice().hello(token) }))
  const confirmD = '11'.repeat(32)
  const wrong = await issuer.ask({ call: 'enrol.confirm', deviceId: offer.deviceId, confirmD })
  assert.equal(reasonOf(wrong), 'bad')
  const nobody = await issuer.ask({ call: 'enrol.confirm', deviceId: '22'.repeat(16), confirmD })
  assert.equal(reasonOf(nobody), 'unknown-device')
  assert.equal(issuer.store.one<{ used: number }>('select used from enrollment_token')?.used, 0)
})

test('offers that nobody confirmed are forgotten an hour after their token ran out, with their keys', async () => {
  using issuer = testIssuer()
  const token = await newToken(issuer)
  given(await issuer.ask({ call: 'enrol', hello: new TestDevice().hello(token) }))
  issuer.clock.ms += 2 * 3_600_000 + 1
  await newToken(issuer)
  assert.equal(issuer.store.one<{ n: number }>('select count(*) as n from device')?.n, 0)
  assert.equal(issuer.store.one<{ n: number }>('select count(*) as n from code_key')?.n, 0)
})

test('a token cannot be made for the past or for longer than a month: invalid', async () => {
  using issuer = testIssuer()
  for (const days of [-1, 0, 32]) {
    const expiresAt = new Date(issuer.clock.ms + days * 86_400_000).toISOString()
    assert.equal(reasonOf(await issuer.ask({ call: 'token.create', expiresAt, uses: 1 })), 'invalid')
  }
})

test('revoking erases the keys, keeps the number, and may be repeated', async () => {
  using issuer = testIssuer()
  const device = await enrolled(issuer)
  const { deviceId } = device
  assert.equal(reasonOf(await issuer.ask({ call: 'device.revoke', deviceId })), 'done')
  assert.equal(reasonOf(await issuer.ask({ call: 'device.revoke', deviceId })), 'done')
  assert.equal(issuer.store.one<{ n: number }>('select count(*) as n from code_key')?.n, 0)
  assert.equal(issuer.store.one<{ dev_no: number }>('select dev_no from device')?.dev_no, device.devNo)
  const nobody = await issuer.ask({ call: 'device.revoke', deviceId: '22'.repeat(16) })
  assert.equal(reasonOf(nobody), 'unknown-device')
})
