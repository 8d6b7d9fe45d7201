import assert from 'node:assert/strict'
import { argon2Sync } from 'node:crypto'
import { test } from 'node:test'
import { ed25519 } from '@noble/curves/ed25519.js'
import { base64url, CompactSign, type JWK } from 'jose'
import {
  ANSWER_TOKEN_MAX,
  type AnswerPayload,
  combineDual,
  createEmergencyCode,
  createRecoveryCode,
  createRequestCode,
  createResponseCode,
  durAtMost,
  durationOf,
  EMERGENCY_ARGON2ID,
  type EmergencyCode,
  type EmergencyList,
  emergencyMessage,
  emergencyStanding,
  emergencyText,
  emergencyVerifier,
  isAnswerTo,
  isOfEmergencyList,
  isRecoveryFor,
  isTokenFor,
  jcs,
  parseEmergencyCode,
  parseRecoveryCode,
  recogniseAnswer,
  recoveryText,
  sameBytes,
  signAnswerToken,
  spokenMinutes,
  verifyAnswerToken,
  verifyResponse,
} from '../src/index.ts'
import { ANSWER, alice, context, device, devNo, keys, request } from './fixture.ts'

const secret = new Uint8Array(32).fill(7)
const x = base64url.encode(ed25519.getPublicKey(secret))
const publicKey: JWK = { kty: 'OKP', crv: 'Ed25519', x }
const privateKey: JWK = { ...publicKey, d: base64url.encode(secret) }
const payload: AnswerPayload = {
  v: 1,
  req: '2NK6Y-8JNWX-18W2A',
  dev: 'cd9ac7a2d91521b87371b373d10e97f8',
  ctr: 37,
  usr: alice,
  dur: 1800,
  end: true,
  prof: 0,
  jti: '0199f1a2-7c3e-7d10-9a55-5f1e2b3c4d5e',
  iat: 1793000000,
}
const keyOf = (kid: string) => (kid === 'answer-1' ? publicKey : undefined)

test('a signed answer gives back what was signed, also after a mail program broke its lines', async () => {
  const token = await signAnswerToken(payload, privateKey, 'answer-1')
  assert.ok(token.length < 450, String(token.length))
  assert.deepEqual(await verifyAnswerToken(token, keyOf), payload)
  assert.deepEqual(await verifyAnswerToken(token.replace(/(.{76})/g, '$1\r\n '), keyOf), payload)
  assert.ok(isTokenFor(payload, device.deviceId, alice))
  assert.ok(!isTokenFor(payload, device.tenant, alice))
  assert.ok(!isTokenFor(payload, device.deviceId, 'EXAMPLE\\bob'))
})

test('CODE-9: one changed character of a token is refused wherever it is', async () => {
  const token = await signAnswerToken(payload, privateKey, 'answer-1')
  for (let at = 0; at < token.length; at++) {
    const other = token[at] === 'A' ? 'B' : 'A'
    await assert.rejects(verifyAnswerToken(token.slice(0, at) + other + token.slice(at + 1), keyOf), {
      name: 'CodeError',
    })
  }
})

test('CODE-9: a token says at which step it was refused', async () => {
  const signed = (header: object, body: string) =>
    new CompactSign(new TextEncoder().encode(body))
      .setProtectedHeader({ alg: 'Ed25519', ...header })
      .sign(privateKey)
  const good = { kid: 'answer-1', typ: 'stint-answer+json' }
  const body = jcs({ ...payload })
  const cases: [string, string][] = [
    ['token-size', 'A'.repeat(ANSWER_TOKEN_MAX + 1)],
    ['token-form', 'no.token'],
    ['token-header', await signed({ kid: 'answer-1', typ: 'stint-passcode+json' }, body)],
    ['token-header', await signed({ typ: 'stint-answer+json', kid: 'answer-1' }, body)],
    ['token-header', await signed({ ...good, jku: 'https://a.example' }, body)],
    ['token-key', await signed({ ...good, kid: 'answer-2' }, body)],
    ['token-payload', await signed(good, jcs({ ...payload, more: 1 }))],
    ['token-payload', await signed(good, body.replace('"v":1', '"v":1,"v":1'))],
    ['token-payload', await signed(good, body.replace('1800', '1800.5'))],
    ['token-payload', await signed(good, ` ${body}`)],
  ]
  for (const [code, token] of cases) await assert.rejects(verifyAnswerToken(token, keyOf), { code }, token)
})

test('a part that is one character too long or too short is refused as no token, not thrown out of the library', async () => {
  const token = await signAnswerToken(payload, privateKey, 'answer-1')
  const [header = '', body = '', signature = ''] = token.split('.')
  for (let cut = 1; cut <= 4; cut++) {
    for (const parts of [
      [header.slice(0, -cut), body, signature],
      [header, body.slice(0, -cut), signature],
    ]) {
      await assert.rejects(verifyAnswerToken(parts.join('.'), keyOf), { name: 'CodeError' })
    }
  }
})

test('CODE-9: a token signed by another key is refused for its signature', async () => {
  const other = new Uint8Array(32).fill(8)
  const forged = {
    ...publicKey,
    x: base64url.encode(ed25519.getPublicKey(other)),
    d: base64url.encode(other),
  }
  await assert.rejects(verifyAnswerToken(await signAnswerToken(payload, forged, 'answer-1'), keyOf), {
    code: 'token-signature',
  })
})

test('a stored key that cannot be used refuses the token instead of throwing something else', async () => {
  const token = await signAnswerToken(payload, privateKey, 'answer-1')
  for (const broken of [
    { ...publicKey, x: 'AA' },
    { ...publicKey, crv: 'X25519' },
    { kty: 'oct', k: x },
  ]) {
    await assert.rejects(
      verifyAnswerToken(token, () => broken),
      { code: 'token-key' },
    )
  }
})

test('what a token may not say is not signed', async () => {
  for (const wrong of [
    { dur: 59 },
    { dur: 604_801 },
    { prof: 8 },
    { ctr: 0 },
    { dev: 'CD' },
    { req: '2nk6y' },
  ]) {
    await assert.rejects(signAnswerToken({ ...payload, ...wrong }, privateKey, 'answer-1'), {
      code: 'argument',
    })
  }
})

const recoveryRequest = createRequestCode(device, keys, {
  kind: 'recovery',
  devNo,
  userSlot: 1,
  userId: alice,
  counter: 40,
  nonce: 3,
  pol: 118,
})
const recoveryContext = { ...context, request: recoveryRequest, counter: 40 }

test('a recovery code is good for its request only, and no maintenance code', () => {
  const code = createRecoveryCode(recoveryContext, keys)
  assert.ok(isRecoveryFor(recoveryContext, keys, code))
  assert.ok(!isRecoveryFor({ ...recoveryContext, counter: 72 }, keys, code))
  assert.ok(!isRecoveryFor({ ...recoveryContext, userId: 'EXAMPLE\\bob' }, keys, code))
  const maintenance = createRequestCode(device, keys, {
    kind: 'maintenance',
    devNo,
    userSlot: 1,
    userId: alice,
    counter: 40,
    nonce: 3,
    pol: 118,
  })
  assert.notEqual(createRecoveryCode({ ...recoveryContext, request: maintenance }, keys).tag, code.tag)
  assert.throws(() => createRecoveryCode(context, keys), { code: 'argument' })
  assert.throws(() => parseRecoveryCode(recoveryText(code, recoveryRequest), request), { code: 'typo' })
})

test('a session answer is never made for a recovery request, nor for another counter or epoch', () => {
  const params = { dur: 6, end: true, profile: 0, slot: 0 } as const
  assert.throws(() => createResponseCode(recoveryContext, keys, params), { code: 'argument' })
  assert.throws(() => createResponseCode({ ...context, counter: 38 }, keys, params), { code: 'argument' })
  const other = { ...context, device: { ...device, epoch: 6 } }
  assert.throws(() => createResponseCode(other, keys, params), { code: 'argument' })
})

test('CODE-4: an answer is right for the request, user, device, epoch, counter and policy it was made for', () => {
  assert.equal(verifyResponse(context, keys, ANSWER).verdict, 'ok')
  const other = createRequestCode(device, keys, {
    ...{ kind: 'session', devNo, userSlot: 1, userId: alice, counter: 37, pol: 118 },
    nonce: 193442,
  })
  const params = { dur: 6, end: true, profile: 0, slot: 0 } as const
  const answer = createResponseCode(context, keys, params)
  for (const kept of [
    { ...context, request: other },
    { ...context, counter: 69 },
    { ...context, pol: 119 },
    { ...context, userId: 'EXAMPLE\\bob' },
    { ...context, device: { ...device, epoch: 9 } },
    { ...context, device: { ...device, deviceId: device.tenant } },
    { ...context, device: { ...device, tenant: device.deviceId } },
  ])
    assert.ok(!isAnswerTo(kept, keys, answer), JSON.stringify({ ...kept, request: kept.request.nonce }))
})

test('CODE-14: a comparison reads both values to the end, wherever they differ first', () => {
  const counted = (value: Uint8Array) => {
    const read: string[] = []
    const seen = new Proxy(value, {
      get(bytes, name) {
        if (/^\d+$/.test(String(name))) read.push(String(name))
        return Reflect.get(bytes, name)
      },
    })
    return { read, seen }
  }
  const right = new Uint8Array(16).fill(0xaa)
  const reads = [0, 7, 15].map((at) => {
    const { read, seen } = counted(right.with(at, 0))
    assert.equal(sameBytes(right, seen), false)
    return read
  })
  const { read, seen } = counted(right.slice())
  assert.equal(sameBytes(right, seen), true)
  assert.equal(read.length, 16)
  for (const other of reads) assert.deepEqual(other, read)
})

test('the kind of an answer is seen by its shape', () => {
  const kinds = (typed: string, given = {}) => recogniseAnswer(typed, { request, ...given })
  assert.equal(kinds(ANSWER).kind, 'response')
  assert.equal(kinds('07148 71611 24199').kind, 'response')
  assert.equal(kinds('cross bring fury peasant planet').kind, 'response')
  assert.equal(kinds('936N-J95Y-5Y05-N212').kind, 'emergency')
  const recovery = recoveryText(createRecoveryCode(recoveryContext, keys), recoveryRequest)
  assert.equal(kinds(recovery, { recovery: recoveryRequest }).kind, 'recovery')
  assert.equal(kinds('hello').kind, 'unreadable')
  const reserved = kinds('PGVM1-1CVEK')
  assert.ok(reserved.kind === 'response' && reserved.reading === 'reserved')
  const unchecked = recogniseAnswer(ANSWER)
  assert.ok(unchecked.kind === 'response' && unchecked.reading === 'unchecked')
})

test('a pasted token is recognised, and a cut one is unreadable', async () => {
  const token = await signAnswerToken(payload, privateKey, 'answer-1')
  assert.deepEqual(recogniseAnswer(`\n${token}\n`), { kind: 'token', token })
  assert.equal(recogniseAnswer(token.slice(0, -1)).kind, 'unreadable')
})

function native(code: EmergencyCode, to: Omit<EmergencyList, 'list' | 'verifiers'>): Uint8Array {
  const { memoryKib, passes, lanes, length } = EMERGENCY_ARGON2ID
  const message = emergencyMessage(code, to)
  return new Uint8Array(
    argon2Sync('argon2id', {
      message,
      nonce: to.salt,
      memory: memoryKib,
      passes,
      parallelism: lanes,
      tagLength: length,
    }),
  )
}

test('CODE-10: emergency codes: the right one opens, a burnt, foreign or altered one does not', () => {
  const to = { deviceId: device.deviceId, userId: alice, salt: new Uint8Array(16).fill(1) }
  const code = createEmergencyCode(9, 1, new Uint8Array(9).fill(0xff))
  const verifier = native(code, to)
  assert.deepEqual(emergencyVerifier(code, to), verifier, 'the library computes what the platform computes')
  const list: EmergencyList = { ...to, list: 9, verifiers: [verifier] }
  const read = parseEmergencyCode(emergencyText(code))
  assert.deepEqual(read, code)
  assert.equal(emergencyStanding(list, read, 0), 'ready')
  assert.equal(emergencyStanding(list, read, 1), 'consumed')
  assert.equal(emergencyStanding({ ...list, list: 8 }, read, 0), 'expired')
  assert.equal(emergencyStanding(list, { ...read, index: 2 }, 0), 'expired')
  assert.ok(isOfEmergencyList(list, read, native(read, to)))
  const altered = { ...read, secret: read.secret ^ 1n }
  assert.ok(!isOfEmergencyList(list, altered, native(altered, to)))
  assert.ok(!isOfEmergencyList(list, altered))
  assert.ok(!isOfEmergencyList(list, { ...read, index: 2 }))
  assert.throws(() => createEmergencyCode(9, 0, new Uint8Array(9)), { code: 'argument' })
})

test('CODE-7: durations never round up, and reserved ones are refused', () => {
  for (const minutes of spokenMinutes()) {
    assert.deepEqual(durationOf(durAtMost(minutes)), { kind: 'minutes', minutes })
    if (minutes > 2) assert.ok(spokenMinutes().indexOf(minutes) >= durAtMost(minutes - 1))
  }
  assert.equal(durAtMost(1_000_000), 21)
  assert.throws(() => durAtMost(1), { code: 'argument' })
  for (let dur = 22; dur <= 30; dur++) assert.throws(() => durationOf(dur), { code: 'format' })
})

test('CODE-15: two approvers grant the shorter time, and the end of processes if one of them says so', () => {
  const params = (dur: number, end: boolean, slot: 0 | 1) => ({ dur, end, profile: 3, slot })
  assert.deepEqual(combineDual([params(8, false, 0), params(5, true, 1)], 30), {
    dur: 5,
    end: true,
    profile: 3,
  })
  assert.deepEqual(combineDual([params(31, false, 0), params(21, false, 1)], 30), {
    dur: 21,
    end: false,
    profile: 3,
  })
  assert.equal(combineDual([params(0, false, 0), params(8, false, 1)], 30).dur, 0)
  assert.equal(combineDual([params(0, false, 0), params(8, false, 1)], 90).dur, 8)
})
