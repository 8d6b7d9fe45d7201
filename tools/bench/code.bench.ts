import { createHmac, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'
import {
  correctRequest,
  createRequestCode,
  createResponseCode,
  deriveCodeKeys,
  type KnownDevice,
  normaliseTyped,
  parseRequestCode,
  requestText,
  resolveRequest,
  responseText,
  verifyResponse,
} from '@stint/code'
import { measure, printTable } from './measure.ts'

/** Aims: verify an answer ≤ 100 µs, resolve a request ≤ 150 µs, correct one wrong symbol ≤ 150 ms. */

const tenant = randomBytes(16)
const deviceId = randomBytes(16)
const crk = randomBytes(32)
const device = { tenant, deviceId, epoch: 5 }
const keys = deriveCodeKeys(device, crk)
const userId = 'alice@example.org'
const asked = {
  kind: 'session',
  devNo: 2804958,
  userSlot: 1,
  userId,
  counter: 37,
  nonce: 193441,
  pol: 118,
} as const
const request = createRequestCode(device, keys, asked)
const context = { device, request, counter: 37, pol: 118, userId }
const params = { dur: 6, end: true, profile: 0, slot: 0 } as const
const answer = responseText(createResponseCode(context, keys, params), request)
const known: KnownDevice = {
  ...device,
  devNo: asked.devNo,
  epochs: [{ epoch: 5, keys }],
  users: { 1: userId },
  policies: [118],
  lastCounter: 36,
}
const text = requestText(request)
const wrong = `${text.slice(0, 8)}${text[8] === '0' ? '1' : '0'}${text.slice(9)}`
const message = randomBytes(128)
const macKey = randomBytes(32)
const pair = generateKeyPairSync('ed25519')
const signature = sign(null, message, pair.privateKey)

/** What is measured must also be right. */
function requireRight(holds: boolean, what: string): void {
  if (!holds) throw new Error(`the bench measures something else: ${what}`)
}

requireRight(verifyResponse(context, keys, answer).verdict === 'ok', 'verify')
requireRight(resolveRequest(request, [known]).result === 'match', 'resolve')
requireRight(correctRequest(wrong, () => [known])[0]?.text === text, 'correct')

const baselines = [
  measure('HMAC-SHA256', () => createHmac('sha256', macKey).update(message).digest()),
  measure('Ed25519 verify', () => verify(null, message, pair.publicKey, signature)),
]
const rows = [
  measure('normalise typed text', () => normaliseTyped(answer)),
  measure('derive the five keys', () => deriveCodeKeys(device, crk)),
  measure('make a request code', () => createRequestCode(device, keys, asked)),
  measure('make a response code', () => createResponseCode(context, keys, params)),
  measure('verify an answer', () => verifyResponse(context, keys, answer)),
  measure('resolve, 33 counters', () => resolveRequest(parseRequestCode(text), [known])),
  measure('correct one symbol', () =>
    correctRequest(wrong, (devNo) => (devNo === known.devNo ? [known] : [])),
  ),
]
printTable(rows, baselines)
