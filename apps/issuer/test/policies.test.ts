import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { test } from 'node:test'
import { jcs } from '@stint/code'
import { type DevicePolicy, defaultPolicy } from '@stint/elevation'
import { parseJson } from '@stint/wire'
import { TrustBundle } from '@stint/wire/issuer'
import { enrolled, type TestDevice } from './test-device.ts'
import { given, reasonOf, type TestIssuer, testIssuer } from './test-issuer.ts'

function policyFor(issuer: TestIssuer, device: TestDevice, serial: number): DevicePolicy {
  return {
    ...defaultPolicy,
    v: 1,
    iss: Buffer.from(device.tenant).toString('hex'),
    dev: device.deviceId,
    serial,
    iat: Math.floor(issuer.clock.ms / 1000),
    users: [{ slot: 0, userId: 'uid:1000:eva' }],
  }
}

const sign = (issuer: TestIssuer, policy: unknown) => issuer.ask({ call: 'sign.policy', policy })

test('a policy is signed as JCS under the pinned policy key, with exactly three header members', async () => {
  using issuer = testIssuer()
  const device = await enrolled(issuer)
  const policy = policyFor(issuer, device, 1)
  const { jws } = given(await sign(issuer, policy))
  const [header = '', payload = '', signature = ''] = jws.split('.')
  const text = (part: string) => Buffer.from(part, 'base64url').toString()
  assert.equal(text(header), '{"alg":"Ed25519","kid":"policy-1","typ":"stint-policy+json"}')
  assert.equal(text(payload), jcs(JSON.parse(JSON.stringify(policy))))
  const { trust } = given(await issuer.ask({ call: 'trust' }))
  const pinned = parseJson(TrustBundle, trust).keys.find(({ kid }) => kid === 'policy-1')
  const x = Buffer.from(pinned?.pub ?? '', 'hex').toString('base64url')
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  assert.ok(verify(null, Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url')))
})

test('GATE-10: a serial never falls and never means two things: conflict', async () => {
  using issuer = testIssuer()
  const device = await enrolled(issuer)
  given(await sign(issuer, policyFor(issuer, device, 5)))
  issuer.clock.ms += 60_000
  assert.equal(reasonOf(await sign(issuer, policyFor(issuer, device, 5))), 'done')
  const other = { ...policyFor(issuer, device, 5), offlineCodes: true }
  assert.equal(reasonOf(await sign(issuer, other)), 'conflict')
  assert.equal(reasonOf(await sign(issuer, policyFor(issuer, device, 4))), 'conflict')
  assert.equal(reasonOf(await sign(issuer, { ...other, serial: 6 })), 'done')
})

test('another computer has serials of its own', async () => {
  using issuer = testIssuer()
  const [a, b] = [await enrolled(issuer), await enrolled(issuer)]
  given(await sign(issuer, policyFor(issuer, a, 5)))
  assert.equal(reasonOf(await sign(issuer, policyFor(issuer, b, 1))), 'done')
})

test('anything that is no plausible policy of this tenant is refused: invalid', async () => {
  using issuer = testIssuer()
  const device = await enrolled(issuer)
  const good = policyFor(issuer, device, 1)
  const cases: unknown[] = [
    null,
    { ...good, grantEverything: true },
    { ...good, v: 2 },
    { ...good, serial: 0 },
    { ...good, serial: 2 ** 32 },
    { ...good, iss: '00'.repeat(16) },
    { ...good, iat: good.iat + 301 },
    { ...good, minutesDefault: 300 },
    { ...good, reasonMinLength: 250, reasonMaxLength: 10 },
    { ...good, users: [...good.users, { slot: 0, userId: 'uid:1001:finn' }] },
    { ...good, users: [...good.users, { slot: 1, userId: 'uid:1000:eva' }] },
    { ...good, users: [{ slot: 14, userId: 'uid:1000:eva' }] },
  ]
  for (const policy of cases)
    assert.equal(reasonOf(await sign(issuer, policy)), 'invalid', JSON.stringify(policy))
})

test('no policy for unknown or revoked computers: unknown-device, device-revoked', async () => {
  using issuer = testIssuer()
  const device = await enrolled(issuer)
  const good = policyFor(issuer, device, 1)
  assert.equal(reasonOf(await sign(issuer, { ...good, dev: '00'.repeat(16) })), 'unknown-device')
  given(await issuer.ask({ call: 'device.revoke', deviceId: device.deviceId }))
  assert.equal(reasonOf(await sign(issuer, good)), 'device-revoked')
})
