import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { hex, toHex } from './bytes.ts'
import { emergencyText, emergencyVerifier } from './emergency.ts'
import { codeHex, laptop } from './fixtures.ts'
import { codeKeys, enrolTranscript, rootKey, x25519 } from './keys.ts'
import { type Code, encodeRequest, parseRequest, type Request, requestText } from './request.ts'
import { answerPayload, type Params, parseResponse, recoveryText, render, unpackParams } from './response.ts'
import { answerSeed } from './symbols.ts'
import { jws } from './token.cases.ts'

/** The members of a published case that these tests read. Which of them a case has depends on its subject. */
interface Inputs extends Record<string, unknown> {
  readonly kind: number
  readonly userSlot: number
  readonly userId: string
  readonly counter: number
  readonly nonce: number
  readonly pol: number
  readonly appDigest?: string
  readonly params: Params
  readonly request: string
  readonly text: string
}

interface Case {
  readonly id: string
  readonly in: Inputs
  readonly out: Record<string, unknown>
}

const file = readFileSync(new URL('../../../spec/vectors/vectors.json', import.meta.url), 'utf8')
const cases = (JSON.parse(file) as { vectors: Case[] }).vectors

function published(id: string): Case {
  const found = cases.find((c) => c.id === id)
  if (found === undefined) throw new Error(`no case ${id}`)
  return found
}

const bytes = (c: Case, name: string): Uint8Array => hex(String(c.in[name]))

const requestOf = (c: Case): Request => ({
  kind: c.in.kind,
  userSlot: c.in.userSlot,
  userId: c.in.userId,
  counter: BigInt(c.in.counter),
  nonce: c.in.nonce,
  pol: c.in.pol,
  ...(c.in.appDigest === undefined ? {} : { appDigest: hex(c.in.appDigest) }),
})

function codeOfText(text: string): Code {
  const parsed = parseRequest(text)
  assert.ok('code' in parsed, `${text} is a request code`)
  return parsed.code
}

const reproduced = new Set<string>()

/** A test of one published case; the last test sees that none was left out. */
function reproduces(id: string, check: (c: Case) => void): void {
  reproduced.add(id)
  test(`the generator reproduces ${id}`, () => check(published(id)))
}

reproduces('enrol-1', (c) => {
  const names = ['tenant', 'tokenId', 'dik', 'dxk', 'eD', 'nD', 'eS', 'nS', 'deviceId', 'trust'] as const
  const given = Object.fromEntries(names.map((name) => [name, bytes(c, name)])) as Record<
    (typeof names)[number],
    Uint8Array
  >
  const th = enrolTranscript({ ...given, devNo: Number(c.in.devNo) })
  const z1 = x25519(bytes(c, 'eD_priv'), given.eS)
  const z2 = x25519(bytes(c, 'dxk_priv'), given.eS)
  const crk = rootKey(z1, z2, bytes(c, 'psk'), th, 0)
  assert.deepEqual({ transcript: toHex(th), z1: toHex(z1), z2: toHex(z2), crk: toHex(crk) }, c.out)
  assert.equal(toHex(x25519(bytes(c, 'eS_priv'), given.eD)), c.out.z1, 'the server comes to the same secret')
  assert.equal(toHex(x25519(bytes(c, 'eS_priv'), given.dxk)), c.out.z2, 'the server comes to the same secret')
})

reproduces('keys-1', (c) => {
  assert.deepEqual(
    Object.fromEntries(Object.entries(codeKeys(laptop)).map(([name, key]) => [name, toHex(key)])),
    c.out,
  )
  assert.equal(toHex(laptop.crk), c.in.crk)
})

for (const id of ['session-1', 'app-1', 'unicode-user']) {
  reproduces(id, (c) => {
    const code = encodeRequest(laptop, requestOf(c))
    const chkSeed = answerSeed(code.bits, code.width)
    assert.deepEqual({ bits: codeHex(code), nbits: code.width, text: requestText(code), chkSeed }, c.out)
  })
}

for (const id of ['session-1-rsp0', 'session-1-rsp1', 'session-1-rsp2', 'app-1-rsp0', 'unicode-user-rsp0']) {
  reproduces(id, (c) => {
    const request = requestOf(c)
    const code = encodeRequest(laptop, request)
    const payload = answerPayload(laptop, request, code, c.in.params)
    const hexPayload = payload.toString(16).padStart(12, '0')
    assert.equal(requestText(code), c.in.request)
    assert.deepEqual({ payload: hexPayload, ...render(payload, code) }, c.out)
  })
}

reproduces('recover-1', (c) => {
  const code = codeOfText(c.in.request)
  const request = {
    kind: 2,
    userSlot: 1,
    userId: c.in.userId,
    counter: BigInt(c.in.counter),
    nonce: 99,
    pol: 118,
  }
  assert.equal(requestText(encodeRequest(laptop, request)), c.in.request)
  assert.equal(recoveryText(laptop, request, code), c.out.text)
})

const typed = cases.filter(({ id }) => id.startsWith('neg-') || id.startsWith('pos-'))
for (const { id } of typed) {
  reproduces(id, (c) => {
    const code = codeOfText(c.in.request)
    const request = {
      ...requestOf(published('session-1')),
      userId: c.in.userId,
      counter: BigInt(c.in.counter),
    }
    const parsed = parseResponse(c.in.text, code)
    const right =
      'payload' in parsed &&
      parsed.payload === answerPayload(laptop, request, code, unpackParams(parsed.payload))
    assert.equal('result' in parsed ? parsed.result : right ? 'ok' : 'bad', c.out.result)
  })
}

reproduces('emergency-1', (c) => {
  const [list, index, secret] = [Number(c.in.lid), Number(c.in.idx), BigInt(`0x${c.in.secret}`)]
  const verifier = emergencyVerifier(laptop.deviceId, c.in.userId, list, index, secret, bytes(c, 'salt'))
  assert.deepEqual({ text: emergencyText(list, index, secret), verifier: toHex(verifier) }, c.out)
})

reproduces('passcode-1', (c) => {
  assert.equal(jws(String(c.in.header), String(c.in.payload)), c.out.jws)
})

test('no published case is left out', () => {
  assert.deepEqual(
    cases.map(({ id }) => id).filter((id) => !reproduced.has(id)),
    [],
  )
})
