import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { test } from 'node:test'
import type { Outcome } from '@stint/elevation'
import fc from 'fast-check'
import {
  NonceMemory,
  type ReadSignature,
  readSignature,
  type SignableRequest,
  type SignatureHeaders,
  sign,
  signatureWindowSeconds,
  verify,
} from './device-signature.ts'

const key = new Uint8Array(32).fill(7)
const keyId = '01890a5d-ac96-774b-bcce-b302099a8057'
const now = 1_800_000_000
const nonce = new Uint8Array(16).fill(0xfb)
const params = { keyId, created: now, nonce }
const request: SignableRequest = {
  method: 'POST',
  target: '/api/v1/device/journal?from=3',
  body: new TextEncoder().encode('{"entries":[]}'),
}

const reasonOf = (outcome: Outcome<unknown>) => (outcome.ok ? 'ok' : outcome.refused.details?.reason)

function read(headers: SignatureHeaders): ReadSignature {
  const outcome = readSignature({ ...headers })
  if (!outcome.ok) throw new Error('expected well-formed headers')
  return outcome.value
}

test('the signature base is the one of RFC 9421, built here by hand with another library', () => {
  const digest = `sha-256=:${createHash('sha256').update(request.body).digest('base64')}:`
  const input = `("@method" "@path" "@query" "content-digest");created=${now};nonce="${Buffer.from(nonce).toString('base64url')}";keyid="${keyId}";alg="hmac-sha256"`
  const base = [
    '"@method": POST',
    '"@path": /api/v1/device/journal',
    '"@query": ?from=3',
    `"content-digest": ${digest}`,
    `"@signature-params": ${input}`,
  ].join('\n')
  assert.deepEqual(sign(request, key, params), {
    'content-digest': digest,
    'signature-input': `stint=${input}`,
    signature: `stint=:${createHmac('sha256', key).update(base).digest('base64')}:`,
  })
})

test('any call that was signed verifies, with and without query and body', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('GET', 'POST', 'PUT'),
      fc.webPath(),
      fc.option(fc.webQueryParameters(), { nil: undefined }),
      fc.uint8Array({ maxLength: 2000 }),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      (method, path, query, body, fresh) => {
        const call = { method, target: query === undefined ? `/${path}` : `/${path}?${query}`, body }
        const signed = read(sign(call, key, { ...params, nonce: fresh }))
        assert.deepEqual(verify(call, signed, key, now), { ok: true, value: { keyId } })
      },
    ),
  )
})

test('a body that was changed is refused: digest', () => {
  const signed = read(sign(request, key, params))
  const changed = { ...request, body: new TextEncoder().encode('{"entries":[1]}') }
  assert.equal(reasonOf(verify(changed, signed, key, now)), 'digest')
})

test('a changed method, path, query, time, nonce, key id, digest or key is refused: signature', () => {
  const signed = read(sign(request, key, params))
  const other = new TextEncoder().encode('other')
  const otherDigest = sign({ ...request, body: other }, key, params)['content-digest']
  const cases: [SignableRequest, ReadSignature, Uint8Array][] = [
    [{ ...request, method: 'PUT' }, signed, key],
    [{ ...request, target: '/api/v1/device/requests?from=3' }, signed, key],
    [{ ...request, target: '/api/v1/device/journal?from=4' }, signed, key],
    [{ ...request, target: '/api/v1/device/journal' }, signed, key],
    [request, { ...signed, created: now + 1 }, key],
    [request, { ...signed, nonce: 'A'.repeat(22) }, key],
    [request, { ...signed, keyId: keyId.replace('0', '1') }, key],
    [{ ...request, body: other }, { ...signed, contentDigest: otherDigest }, key],
    [request, signed, new Uint8Array(32).fill(8)],
  ]
  for (const [call, headers, usedKey] of cases)
    assert.equal(reasonOf(verify(call, headers, usedKey, now)), 'signature')
})

test('a call outside the window is refused on either side: created', () => {
  const signed = read(sign(request, key, params))
  for (const offset of [-signatureWindowSeconds, 0, signatureWindowSeconds])
    assert.equal(reasonOf(verify(request, signed, key, now + offset)), 'ok')
  for (const offset of [-signatureWindowSeconds - 1, signatureWindowSeconds + 1])
    assert.equal(reasonOf(verify(request, signed, key, now + offset)), 'created')
})

test('headers that are missing, doubled or written otherwise than by us are refused: form', () => {
  const good = sign(request, key, params)
  const input = good['signature-input']
  const swap = (from: string | RegExp, to: string) => ({
    ...good,
    'signature-input': input.replace(from, to),
  })
  const cases: Record<string, unknown>[] = [
    { ...good, signature: undefined },
    { ...good, 'signature-input': undefined },
    { ...good, 'content-digest': undefined },
    { ...good, signature: [good.signature, good.signature] },
    swap('"@path" "@query"', '"@query" "@path"'),
    swap(' "content-digest"', ''),
    swap('hmac-sha256', 'HMAC-SHA256'),
    swap(';alg="hmac-sha256"', ''),
    swap(/created=\d+/, 'created=01800000000'),
    swap(/created=\d+/, 'created=1.8e9'),
    swap(/nonce="[^"]*"/, 'nonce=""'),
    swap('stint=', 'sig1='),
    swap(/$/, ';expires=1900000000'),
    swap(/$/, ', stint=()'),
    swap(/$/, '\n'),
    { ...good, signature: good.signature.replace('=:', ':') },
    { ...good, signature: `${good.signature}, ${good.signature}` },
    { ...good, 'content-digest': good['content-digest'].replace('sha-256', 'sha-512') },
  ]
  for (const headers of cases) assert.equal(reasonOf(readSignature(headers)), 'form', JSON.stringify(headers))
})

test('a MAC with stray low bits in its last symbol is refused: form', () => {
  const good = sign(request, key, params)
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  const at = good.signature.length - 3
  const next = alphabet[alphabet.indexOf(good.signature[at] ?? '') + 1] ?? ''
  const stray = `${good.signature.slice(0, at)}${next}=:`
  assert.notEqual(next, '')
  assert.equal(reasonOf(readSignature({ ...good, signature: stray })), 'form')
})

test('the same nonce is taken once within the window and forgotten after it', () => {
  const memory = new NonceMemory()
  const signed = read(sign(request, key, params))
  assert.equal(reasonOf(memory.take(signed, now)), 'ok')
  assert.equal(reasonOf(memory.take(signed, now)), 'nonce')
  assert.equal(reasonOf(memory.take(signed, now + 2 * signatureWindowSeconds)), 'nonce')
  const later = now + 2 * signatureWindowSeconds + 1
  assert.equal(reasonOf(verify(request, signed, key, later)), 'created')
  assert.equal(reasonOf(memory.take({ ...signed, nonce: 'B'.repeat(22) }, later)), 'ok')
  assert.equal(memory.size, 1)
})

test('two sessions may use the same nonce', () => {
  const memory = new NonceMemory()
  const signed = read(sign(request, key, params))
  assert.equal(reasonOf(memory.take(signed, now)), 'ok')
  assert.equal(reasonOf(memory.take({ ...signed, keyId: keyId.replace('0', '1') }, now)), 'ok')
})
