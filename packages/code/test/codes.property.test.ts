import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  ALPHABET,
  createRequestCode,
  createResponseCode,
  decodeResponse,
  parseRequestCode,
  parseResponseCode,
  type RequestFacts,
  type ResponseParams,
  requestDigits,
  requestText,
  resolveRequest,
  responseDigits,
  responseText,
  responseWords,
  verifyResponse,
  WORD_LISTS,
} from '../src/index.ts'
import { toSymbols } from '../src/symbols.ts'
import { alice, context, device, devNo, keys, request } from './fixture.ts'

const facts: fc.Arbitrary<RequestFacts> = fc
  .record({
    devNo: fc.nat(2 ** 22 - 1),
    userSlot: fc.nat(15),
    userId: fc.string({ unit: 'grapheme', maxLength: 40 }).filter((name) => name.isWellFormed()),
    counter: fc.nat(Number.MAX_SAFE_INTEGER),
    nonce: fc.nat(2 ** 19 - 1),
    pol: fc.nat(2 ** 32 - 1),
    appDigest: fc.option(fc.uint8Array({ minLength: 32, maxLength: 32 }), { nil: undefined }),
    other: fc.constantFrom('session' as const, 'recovery' as const, 'maintenance' as const),
  })
  .map(({ appDigest, other, ...rest }) =>
    appDigest ? { ...rest, kind: 'application', appDigest } : { ...rest, kind: other },
  )

const params: fc.Arbitrary<ResponseParams> = fc.record({
  dur: fc.oneof(fc.integer({ min: 0, max: 21 }), fc.constant(31)),
  end: fc.boolean(),
  profile: fc.nat(7),
  slot: fc.constantFrom(0 as const, 1 as const),
})

test('a request code says what it was made of, in both written forms', () => {
  fc.assert(
    fc.property(facts, (asked) => {
      const code = createRequestCode(device, keys, asked)
      assert.equal(code.kind, asked.kind)
      assert.equal(code.devNo, asked.devNo)
      assert.equal(code.userSlot, asked.userSlot)
      assert.equal(code.nonce, asked.nonce)
      assert.equal(code.counterLow, asked.counter % 32)
      for (const form of [requestText(code), requestDigits(code)])
        assert.deepEqual(parseRequestCode(form), code)
    }),
  )
})

test('a response code verifies in every written form, with its parameters', () => {
  fc.assert(
    fc.property(params, fc.constantFrom(...WORD_LISTS), (granted, list) => {
      const code = createResponseCode(context, keys, granted)
      const forms = [
        responseText(code, request),
        responseDigits(code, request),
        responseWords(code, request, list).join(' '),
      ]
      for (const form of forms) {
        const verified = verifyResponse(context, keys, form, list)
        assert.equal(verified.verdict, 'ok', form)
        assert.deepEqual(verified.verdict === 'ok' && verified.params, { ...granted })
      }
    }),
  )
})

test('CODE-3: one flipped bit of an answer never verifies, check refitted or not', () => {
  fc.assert(
    fc.property(params, fc.nat(44), (granted, bit) => {
      const code = createResponseCode(context, keys, granted)
      const payload = code.payload ^ (1n << BigInt(bit))
      const dur = Number(payload >> 40n)
      fc.pre(dur <= 21 || dur === 31)
      const refitted = responseText(decodeResponse(payload), request)
      assert.equal(verifyResponse(context, keys, refitted).verdict, 'bad')
    }),
    { numRuns: 300 },
  )
})

test('CODE-6: one changed symbol of an answer is always a typing error, never a guess', () => {
  const code = createResponseCode(context, keys, { dur: 6, end: true, profile: 0, slot: 0 })
  const text = responseText(code, request).replace('-', '')
  for (let at = 0; at < text.length; at++) {
    for (const symbol of ALPHABET) {
      if (symbol === text[at]) continue
      const changed = text.slice(0, at) + symbol + text.slice(at + 1)
      assert.equal(verifyResponse(context, keys, changed).verdict, 'typo', changed)
    }
  }
})

test('CODE-6: two exchanged symbols at any distance are always a typing error', () => {
  const code = createResponseCode(context, keys, { dur: 6, end: true, profile: 0, slot: 0 })
  const symbols = Array.from(responseText(code, request).replace('-', ''))
  for (let a = 0; a < symbols.length; a++) {
    for (let b = a + 1; b < symbols.length; b++) {
      if (symbols[a] === symbols[b]) continue
      const swapped = symbols.with(a, symbols[b] ?? '').with(b, symbols[a] ?? '')
      assert.equal(verifyResponse(context, keys, swapped.join('')).verdict, 'typo')
    }
  }
})

test('CODE-6: one changed digit, or two neighbouring digits exchanged, is always a typing error', () => {
  fc.assert(
    fc.property(params, fc.nat(14), fc.integer({ min: 1, max: 9 }), (granted, at, by) => {
      const digits = Array.from(
        responseDigits(createResponseCode(context, keys, granted), request).replaceAll(' ', ''),
      )
      const other = String((Number(digits[at]) + by) % 10)
      assert.equal(verifyResponse(context, keys, digits.with(at, other).join('')).verdict, 'typo')
      const next = digits[at + 1]
      if (next === undefined || next === digits[at]) return
      const swapped = digits.with(at, next).with(at + 1, digits[at] ?? '')
      assert.equal(verifyResponse(context, keys, swapped.join('')).verdict, 'typo')
    }),
  )
})

test('CODE-8: one changed symbol of a request code is noticed: it never resolves to the same device and counter', () => {
  const known = {
    ...device,
    devNo,
    epochs: [{ epoch: 5, keys }],
    users: { 1: alice },
    policies: [118],
    lastCounter: 36,
  }
  const text = requestText(request).replaceAll('-', '')
  let resolved = 0
  for (let at = 0; at < text.length; at++) {
    for (const symbol of ALPHABET) {
      if (symbol === text[at]) continue
      const changed = text.slice(0, at) + symbol + text.slice(at + 1)
      const read = readOrUndefined(changed)
      if (read && resolveRequest(read, [known]).result !== 'no-match' && read.devNo === devNo) resolved += 1
    }
  }
  assert.equal(resolved, 0)
})

function readOrUndefined(text: string) {
  try {
    return parseRequestCode(text)
  } catch {
    return undefined
  }
}

test('CODE-2: what a decoder takes is what the encoder writes, after the documented normalisation', () => {
  const symbolsOf = (length: number) =>
    fc.string({ unit: fc.constantFrom(...ALPHABET), minLength: length, maxLength: length })
  fc.assert(
    fc.property(symbolsOf(10), (typed) => {
      try {
        const read = parseResponseCode(typed, request)
        assert.equal(responseText(read, request).replace('-', ''), typed)
      } catch (error) {
        assert.equal(error instanceof Error && error.name, 'CodeError')
      }
    }),
    { numRuns: 2000 },
  )
  fc.assert(
    fc.property(fc.constantFrom(15, 20).chain(symbolsOf), (typed) => {
      const read = readOrUndefined(typed)
      if (read) assert.equal(requestText(read).replaceAll('-', ''), typed)
    }),
    { numRuns: 2000 },
  )
})

test('the symbols of a value are its bits, five at a time', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 75n - 1n }), (value) => {
      assert.equal(
        BigInt(
          `0b${toSymbols(value, 75)
            .map((symbol) => symbol.toString(2).padStart(5, '0'))
            .join('')}`,
        ),
        value,
      )
    }),
  )
})
