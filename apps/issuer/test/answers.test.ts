import assert from 'node:assert/strict'
import { test } from 'node:test'
import { verifyAnswerToken, verifyResponse } from '@stint/code'
import { parseJson } from '@stint/wire'
import { TrustBundle } from '@stint/wire/issuer'
import { approval, enrolled, nextId, type TestDevice } from './test-device.ts'
import { given, reasonOf, type TestIssuer, testIssuer } from './test-issuer.ts'

const small = { perApproverHour: 3, perDeviceDay: 5, perTenantHour: 6 }
const hour = 3_600_000

const recorded = (issuer: TestIssuer, call: string) =>
  issuer.store.all<{ counted: number; approval_id: string; body: string }>(
    'select counted, approval_id, body from record where call = ? order by seq',
    call,
  )

async function answerKey(issuer: TestIssuer, kid: string) {
  const { trust } = given(await issuer.ask({ call: 'trust' }))
  const key = parseJson(TrustBundle, trust).keys.find((one) => one.kid === kid && one.use === 'answer')
  return key && { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(key.pub, 'hex').toString('base64url') }
}

test('the code opens on the computer in all three renderings, with what was approved', async () => {
  using issuer = testIssuer()
  const device = await enrolled(issuer)
  const request = device.request()
  const call = { call: 'answer.code', ...approval(device, request), minutes: 30, profile: 2 } as const
  const { text, digits, words } = given(await issuer.ask(call))
  for (const typed of [text, digits, words.join(' ')]) {
    const verified = verifyResponse(request, device.keys, typed)
    assert.deepEqual(verified.verdict === 'ok' && verified.params, { dur: 6, end: true, profile: 2, slot: 0 })
  }
})

test('the token carries the same approval under the pinned answer key', async () => {
  using issuer = testIssuer()
  const device = await enrolled(issuer)
  const asked = approval(device)
  const { token, jti } = given(await issuer.ask({ call: 'answer.token', ...asked, seconds: 1500 }))
  assert.deepEqual(await verifyAnswerToken(token, (kid) => answerKey(issuer, kid)), {
    v: 1,
    req: asked.requestCode,
    dev: device.deviceId,
    ctr: asked.counter,
    usr: asked.userId,
    dur: 1500,
    end: true,
    prof: 0,
    jti,
    iat: issuer.clock.ms / 1000,
  })
})

test('asking again gives the same code and token, is recorded again and counts once', async () => {
  using issuer = testIssuer()
  const device = await enrolled(issuer)
  const asked = approval(device)
  const code = { call: 'answer.code', ...asked, minutes: 15 } as const
  const token = { call: 'answer.token', ...asked, seconds: 900 } as const
  const first = [given(await issuer.ask(code)), given(await issuer.ask(token))]
  issuer.clock.ms += 60_000
  assert.deepEqual([given(await issuer.ask(code)), given(await issuer.ask(token))], first)
  const rows = [...recorded(issuer, 'answer.code'), ...recorded(issuer, 'answer.token')]
  assert.deepEqual(
    rows.map(({ counted }) => counted),
    [1, 0, 0, 0],
  )
})

test('other parameters under an approval that was answered are refused: conflict', async () => {
  using issuer = testIssuer()
  const device = await enrolled(issuer)
  const asked = approval(device)
  given(await issuer.ask({ call: 'answer.code', ...asked, minutes: 15 }))
  const other = approval(device)
  const changes = [
    { minutes: 60 },
    { endProcesses: false },
    { profile: 1 },
    { approver: 'person:bob' },
    { requestId: nextId() },
    { requestCode: other.requestCode, counter: other.counter },
  ]
  for (const change of changes) {
    const outcome = await issuer.ask({ call: 'answer.code', ...asked, minutes: 15, ...change })
    assert.equal(reasonOf(outcome), 'conflict', JSON.stringify(change))
  }
  const token = { call: 'answer.token', ...asked, approver: 'person:bob', seconds: 900 } as const
  assert.equal(reasonOf(await issuer.ask(token)), 'conflict')
  assert.equal(recorded(issuer, 'answer.code').length, 1)
})

test('CODE-8: a request code that the issuer cannot verify is never answered: code-not-recognised', async () => {
  using issuer = testIssuer()
  const device = await enrolled(issuer)
  const other = await enrolled(issuer)
  const asked = approval(device)
  const changed = `${asked.requestCode.slice(0, -1)}${asked.requestCode.endsWith('0') ? '1' : '0'}`
  const cases = [
    { counter: asked.counter + 1 },
    { counter: asked.counter + 32 },
    { policySerial: asked.policySerial + 1 },
    { userId: 'uid:1001:mallory' },
    { requestCode: changed },
    { requestCode: other.request().text },
    { deviceId: other.deviceId },
  ]
  for (const change of cases) {
    const outcome = await issuer.ask({ call: 'answer.code', ...asked, minutes: 15, ...change })
    assert.equal(reasonOf(outcome), 'code-not-recognised', JSON.stringify(change))
  }
  const wrongEpoch = await issuer.ask({ call: 'answer.code', ...asked, minutes: 15, epoch: 1 })
  assert.equal(reasonOf(wrongEpoch), 'stale-code')
  assert.equal(recorded(issuer, 'answer.code').length, 0)
})

test('a counter far along, a user of slot 14 and nobody signed in are verified like any other', async () => {
  using issuer = testIssuer()
  const device = await enrolled(issuer)
  device.counter = 5_000_000_000
  const requests = [
    device.request(),
    device.request({ slot: 14, userId: 'upn:new@example.org' }),
    device.request({ slot: 15, userId: '' }),
  ]
  for (const request of requests) {
    const { text } = given(
      await issuer.ask({ call: 'answer.code', ...approval(device, request), minutes: 15 }),
    )
    assert.equal(verifyResponse(request, device.keys, text).verdict, 'ok')
  }
})

test('unknown and revoked computers, other kinds of code and text that is none are refused with their reason', async () => {
  using issuer = testIssuer()
  const device = await enrolled(issuer)
  const ask = async (change: object, of: TestDevice = device) =>
    reasonOf(await issuer.ask({ call: 'answer.code', ...approval(of), minutes: 15, ...change }))
  assert.equal(await ask({ deviceId: '00'.repeat(16) }), 'unknown-device')
  assert.equal(await ask({ requestCode: 'hello' }), 'malformed-code')
  for (const kind of ['recovery', 'maintenance'] as const)
    assert.equal(await ask(approval(device, device.request({ kind }))), 'malformed-code')
  given(await issuer.ask({ call: 'device.revoke', deviceId: device.deviceId }))
  assert.equal(await ask({}), 'device-revoked')
})

test('a time that no code or token can carry is refused: invalid', async () => {
  using issuer = testIssuer()
  const asked = approval(await enrolled(issuer))
  for (const minutes of [1, 3, 25, 10_079])
    assert.equal(reasonOf(await issuer.ask({ call: 'answer.code', ...asked, minutes })), 'invalid')
  for (const seconds of [0, 59])
    assert.equal(reasonOf(await issuer.ask({ call: 'answer.token', ...asked, seconds })), 'invalid')
})

test('KEY-7: each quota stops one answer too many, names itself, and gives way when its window passes', async () => {
  const issue = async (issuer: TestIssuer, device: TestDevice, approver: string) =>
    issuer.ask({ call: 'answer.code', ...approval(device), approver, minutes: 15 })
  const limitOf = (outcome: Awaited<ReturnType<typeof issue>>) =>
    outcome.ok ? 'done' : `${outcome.refused.code} ${outcome.refused.details?.limit}`

  using issuer = testIssuer({ quotas: small })
  const devices = [await enrolled(issuer), await enrolled(issuer), await enrolled(issuer)] as const
  const [a, b, c] = devices
  for (const device of devices) assert.equal(limitOf(await issue(issuer, device, 'ada')), 'done')
  assert.equal(limitOf(await issue(issuer, a, 'ada')), 'quota approver')
  for (const device of devices) assert.equal(limitOf(await issue(issuer, device, 'bob')), 'done')
  assert.equal(limitOf(await issue(issuer, a, 'cem')), 'quota tenant')
  issuer.clock.ms += hour - 1
  const held = await issue(issuer, a, 'ada')
  assert.equal(limitOf(held), 'quota approver')
  assert.equal(!held.ok && held.refused.details?.remainingMs, 1)
  issuer.clock.ms += 1
  for (const approver of ['ada', 'bob', 'cem'])
    assert.equal(limitOf(await issue(issuer, a, approver)), 'done')
  assert.equal(limitOf(await issue(issuer, a, 'dan')), 'quota device')
  assert.equal(limitOf(await issue(issuer, b, 'dan')), 'done')
  issuer.clock.ms += 23 * hour
  assert.equal(limitOf(await issue(issuer, a, 'dan')), 'done')
  assert.equal(limitOf(await issue(issuer, c, 'dan')), 'done')
})

test('KEY-7: setting the clock back frees nothing', async () => {
  using issuer = testIssuer({ quotas: small })
  const device = await enrolled(issuer)
  const issue = async () =>
    reasonOf(await issuer.ask({ call: 'answer.code', ...approval(device), minutes: 15 }))
  for (let n = 0; n < 3; n++) assert.equal(await issue(), 'done')
  issuer.clock.ms -= 10 * hour
  assert.equal(await issue(), 'quota')
})

test('KEY-7: two at once share the last place of a quota: exactly one is answered', async () => {
  using issuer = testIssuer({ quotas: { ...small, perApproverHour: 1 } })
  const device = await enrolled(issuer)
  const outcomes = await Promise.all(
    [approval(device), approval(device)].map((asked) =>
      issuer.ask({ call: 'answer.code', ...asked, minutes: 15 }),
    ),
  )
  assert.deepEqual(outcomes.map(reasonOf), ['done', 'quota'])
})

test('the record says who let whom do what, and holds no code, token or key', async () => {
  using issuer = testIssuer()
  const device = await enrolled(issuer)
  const asked = approval(device)
  const code = given(await issuer.ask({ call: 'answer.code', ...asked, minutes: 15 }))
  const { token } = given(await issuer.ask({ call: 'answer.token', ...asked, seconds: 900 }))
  const [row] = recorded(issuer, 'answer.code')
  assert.deepEqual(JSON.parse(row?.body ?? ''), { ...asked, minutes: 15 })
  const everything = issuer.store.all<{ body: string }>('select body from record').map(({ body }) => body)
  const secrets = [
    code.text,
    code.digits,
    token,
    token.split('.')[2] ?? '',
    Buffer.from(device.crk).toString('hex'),
  ]
  for (const secret of secrets) assert.ok(!everything.some((body) => body.includes(secret)))
})
