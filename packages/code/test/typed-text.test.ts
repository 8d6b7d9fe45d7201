import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ANSWER_LENGTHS,
  chargeResponse,
  echoTyping,
  elapse,
  emptyLimiter,
  limitedUser,
  normaliseTyped,
  openRequest,
  parseEmergencyCode,
  parseRequestCode,
  REQUEST_LENGTHS,
  recogniseAnswer,
  recogniseRequest,
  requestText,
  spell,
  startLimiter,
  verifyAnswerToken,
  verifyResponse,
} from '../src/index.ts'
import { wordAt, wordPosition } from '../src/word-lists.ts'
import { ANSWER, alice, context, keys, request } from './fixture.ts'

const verdict = (typed: string) => verifyResponse(context, keys, typed).verdict

test('every dash and every space between symbols is dropped', () => {
  let tried = 0
  for (let point = 0; point <= 0x10ffff; point++) {
    if (point >= 0xd800 && point <= 0xdfff) continue
    const character = String.fromCodePoint(point)
    if (!/^[\p{Pd}\p{Z}\t\n\v\f\r\u2212\p{Cf}]$/u.test(character)) continue
    tried += 1
    assert.equal(verdict(ANSWER.replace('-', character)), 'ok', `U+${point.toString(16)}`)
  }
  assert.ok(tried > 150)
})

test('look-alikes, full-width letters and digits of every script read as the symbol', () => {
  assert.equal(verdict('６Ｇ１ＲＡ－ＹＥＨ３０'), 'ok')
  assert.equal(verdict('6g\u04c0\u0433a yeh3o'), 'format', 'a Cyrillic г looks like no symbol')
  assert.equal(verdict('6G\u0406R\u0410 \u0423\u0415\u041d3\u041e'), 'ok', 'Cyrillic')
  assert.equal(verdict('6G\u0399R\u0391 \u03a5\u0395\u03973\u039f'), 'ok', 'Greek')
  for (let point = 0x80; point <= 0x1ffff; point++) {
    const character = String.fromCodePoint(point)
    if (!/^\p{Nd}$/u.test(character)) continue
    const digit = normaliseTyped(character)
    assert.match(digit, /^[0-9]$/, `U+${point.toString(16)}`)
    if (digit === '9') assert.equal(normaliseTyped(String.fromCodePoint(point - 9)), '0')
  }
})

test('a wrong length is format, whatever the length', () => {
  for (let length = 0; length <= 256; length++) {
    const typed = 'A'.repeat(length)
    if (length !== 10) assert.equal(verdict(typed), 'format', String(length))
    if (length !== 15 && length !== 20) assert.equal(recogniseRequest(typed), 'format', String(length))
  }
})

test('a megabyte of anything is refused without being looked at', async () => {
  const million = 1_000_000
  const texts = ['A', ' ', '-', '\u0301', '\ufdfa', '９', '.', 'eyJ.', 'cross ', '\ud800'].map((unit) =>
    unit.repeat(million / unit.length),
  )
  const started = process.cpuUsage()
  for (const typed of texts) {
    assert.equal(verdict(typed), 'format')
    assert.equal(recogniseRequest(typed), 'format')
    assert.equal(recogniseAnswer(typed, { request }).kind, 'unreadable')
    assert.equal(echoTyping(typed, REQUEST_LENGTHS).length, 'long')
    assert.throws(() => parseEmergencyCode(typed), { code: 'format' })
    await assert.rejects(
      verifyAnswerToken(typed, () => undefined),
      { code: 'token-size' },
    )
  }
  const { user } = process.cpuUsage(started)
  assert.ok(user < 2_000_000, `${user} µs: normalising ten megabytes would take far longer`)
})

test('256 code points are looked at, 257 are not, also when they take two units each', () => {
  assert.equal(verdict(ANSWER.padEnd(256, ' ')), 'ok')
  assert.equal(verdict(ANSWER.padEnd(257, ' ')), 'format')
  assert.equal(normaliseTyped('\u{1d7d8}'.repeat(256)), '0'.repeat(256))
  assert.throws(() => normaliseTyped('\u{1d7d8}'.repeat(257)), { code: 'format' })
})

test('a lone surrogate is refused, not replaced', () => {
  assert.equal(verdict(`${ANSWER}\ud800`), 'format')
})

test('text that cannot be a code is never counted as a guess', () => {
  const bind = () => ({ code: requestText(request), epoch: 5, pol: 118, userId: alice })
  let limiter = openRequest(startLimiter({ ...emptyLimiter(), counter: 36 }, 0), 0, {
    user: 'uid:1000',
    kind: 'session',
    dual: false,
    bind,
  }).limiter
  const typed = [
    '',
    'A',
    '6G1RB-YEH30',
    'Ж',
    'A'.repeat(1_000_000),
    '17148 71611 24199',
    'P'.repeat(10),
    '9'.repeat(15),
  ]
  for (const [minute, text] of typed.entries()) {
    const answer = recogniseAnswer(text, { request })
    assert.ok(answer.kind === 'unreadable' || answer.kind === 'response')
    const reading = answer.kind === 'response' ? answer.reading : 'format'
    assert.equal(typeof reading, 'string', text.slice(0, 20))
    const charge = chargeResponse(
      limiter,
      minute * 60_000,
      'uid:1000',
      typeof reading === 'string' ? reading : reading.params,
    )
    assert.ok(charge.verdict === 'format' || charge.verdict === 'typo')
    limiter = elapse(charge.limiter, minute * 60_000)
  }
  assert.equal(limitedUser(limiter.state, 'uid:1000').failures, 0)
  assert.equal(limiter.state.failures, 0)
})

test('no error says what was typed', () => {
  for (const typed of ['SECRETSECRET', '6G1RB-YEH30', '9'.repeat(24)]) {
    for (const parse of [parseRequestCode, parseEmergencyCode]) {
      assert.throws(
        () => parse(typed),
        (error: Error) => !error.message.includes(typed) && !String(error.stack).includes(typed),
      )
    }
  }
})

test('four letters tell the words of every Latin list apart', () => {
  for (const list of ['english', 'spanish', 'french', 'italian', 'czech', 'portuguese'] as const) {
    for (let position = 0; position < 2048; position++) {
      const plain = wordAt(list, position)
        .normalize('NFKD')
        .replace(/\p{Mn}/gu, '')
      assert.equal(wordPosition(list, plain.slice(0, 4)), position, plain)
    }
  }
})

test('an input box echoes symbols with their words and the length, and no judgement', () => {
  assert.deepEqual(echoTyping('6g1', ANSWER_LENGTHS), {
    form: 'symbols',
    length: 'short',
    missing: 7,
    symbols: [
      { symbol: '6', word: 'Six' },
      { symbol: 'G', word: 'Golf' },
      { symbol: '1', word: 'One' },
    ],
  })
  const right = echoTyping(ANSWER, ANSWER_LENGTHS)
  const wrong = echoTyping('6G1RB-YEH30', ANSWER_LENGTHS)
  assert.deepEqual({ ...wrong, symbols: [] }, { ...right, symbols: [] })
  assert.equal(right.length, 'complete')
  assert.equal(echoTyping('cross bring fu', ANSWER_LENGTHS).form, 'words')
  assert.deepEqual(echoTyping('cross bring fury', ANSWER_LENGTHS).missing, 2)
  assert.equal(echoTyping('6G1RA-YEH30-0000000', ANSWER_LENGTHS).length, 'long')
  assert.equal(echoTyping('', REQUEST_LENGTHS).form, 'empty')
  assert.equal(echoTyping('!', REQUEST_LENGTHS).form, 'unreadable')
})

test('a code is spelled with the words of the radio alphabet', () => {
  assert.deepEqual(
    spell('6G1RA-YEH30').map(({ word }) => word),
    ['Six', 'Golf', 'One', 'Romeo', 'Alfa', 'Yankee', 'Echo', 'Hotel', 'Three', 'Zero'],
  )
  assert.throws(() => spell('U'), { code: 'argument' })
})
