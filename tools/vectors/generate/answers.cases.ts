import { bits, toHex } from './bytes.ts'
import { emergencyText, emergencyVerifier, parseEmergency } from './emergency.ts'
import {
  alice,
  codeOf,
  deviceJson,
  halfHour,
  laptop,
  requestJson,
  seeded,
  sessionRequest,
  textOf,
  type VectorCase,
  type VectorFile,
} from './fixtures.ts'
import { settings, settingsJson } from './limiter.cases.ts'
import type { Request } from './request.ts'
import { answerPayload, type Params, parseResponse, recoveryText, render, unpackParams } from './response.ts'
import { alphabet } from './symbols.ts'
import { Trace } from './trace.ts'

/** `typed` against the code of `sessionRequest`, when the endpoint keeps `kept` with it. */
function negative(id: string, why: string, typed: string, kept: Request = sessionRequest): VectorCase {
  const code = codeOf(laptop, sessionRequest)
  const parsed = parseResponse(typed, code)
  const right =
    'payload' in parsed && answerPayload(laptop, kept, code, unpackParams(parsed.payload)) === parsed.payload
  const result = 'result' in parsed ? parsed.result : right ? 'ok' : 'bad'
  return {
    id,
    why,
    in: { request: textOf(laptop, sessionRequest), ...requestJson(kept), text: typed },
    out: { result },
  }
}

const answerTo = (request: Request, params: Params = halfHour, error = 0n, device = laptop): string => {
  const code = codeOf(device, request)
  return render(answerPayload(device, request, code, params) ^ error, code).text
}

/** The right answer with other parameter bits under the same tag, and a check that fits. */
const altered = (change: bigint): string => answerTo(sessionRequest, halfHour, change << 35n)

export function responseNegativeFile(): VectorFile {
  const { digits } = render(
    answerPayload(laptop, sessionRequest, codeOf(laptop, sessionRequest), halfHour) ^ 1n,
    codeOf(laptop, sessionRequest),
  )
  return {
    name: 'response-negative.json',
    note: 'one answer against one open request, without any state; classes that need state are in limiter.json',
    given: { device: deviceJson(laptop) },
    vectors: [
      negative('answer-right', 'the right answer, as a contrast', answerTo(sessionRequest)),
      negative(
        'answer-first-bit',
        'the first bit of the tag is wrong',
        answerTo(sessionRequest, halfHour, 1n << 34n),
      ),
      negative('answer-last-bit', 'the last bit of the tag is wrong', answerTo(sessionRequest, halfHour, 1n)),
      negative('answer-digits-wrong', 'a wrong tag in digits', digits),
      negative('answer-longer', 'dur raised, check refitted', altered(1n << 5n)),
      negative('answer-keep-processes', 'end cleared, check refitted', altered(1n << 4n)),
      negative('answer-profile', 'another profile, check refitted', altered(1n << 1n)),
      negative('answer-slot', 'the tag of slot 0 under slot 1', altered(1n)),
      negative('answer-other-user', 'the same request of another user', answerTo(sessionRequest), {
        ...sessionRequest,
        userId: 'EXAMPLE\\bob',
      }),
      negative('answer-other-policy', 'the same request under another policy', answerTo(sessionRequest), {
        ...sessionRequest,
        pol: 119,
      }),
      negative(
        'answer-other-epoch',
        'an answer with the keys of the next epoch',
        answerUnderOtherKey({ ...laptop, epoch: 6 }),
      ),
      negative(
        'answer-other-device',
        'an answer of another device that shares the CRK',
        answerUnderOtherKey({ ...laptop, deviceId: seeded('other device', 16) }),
      ),
      negative(
        'answer-no-pepper',
        'an answer made without the pepper',
        answerUnderOtherKey({ ...laptop, pepper: seeded('pepper') }),
      ),
      negative('answer-other-counter', 'the same request under another counter', answerTo(sessionRequest), {
        ...sessionRequest,
        counter: 69n,
      }),
    ],
  }
}

/** A tag made by `device` for the very bits of our request, with a check that fits. */
function answerUnderOtherKey(device: typeof laptop): string {
  const code = codeOf(laptop, sessionRequest)
  return render(answerPayload(device, sessionRequest, code, halfHour), code).text
}

function recoveryCase(id: string, why: string, r: Partial<Request>): VectorCase {
  const request = { ...sessionRequest, kind: 2, ...r }
  const code = codeOf(laptop, request)
  return {
    id,
    why,
    in: requestJson(request),
    out: { request: textOf(laptop, request), text: recoveryText(laptop, request, code) },
  }
}

const flip = (typed: string): string => `${typed.slice(0, -1)}${typed.endsWith('0') ? '1' : '0'}`

export function recoveryFile(): VectorFile {
  const trace = (kind = 2): Trace => new Trace(settings).create('alice', kind)
  const other = recoveryText(
    laptop,
    { ...sessionRequest, kind: 2 },
    codeOf(laptop, { ...sessionRequest, kind: 2 }),
  )
  return {
    name: 'recovery.json',
    note: 'recovery and maintenance codes, then traces as in limiter.json. See spec/recovery-code.md',
    given: settingsJson,
    vectors: [
      recoveryCase('recovery', 'kind 2', {}),
      recoveryCase('recovery-nobody', 'at the sign-in screen', { userSlot: 15, userId: '' }),
      recoveryCase('maintenance', 'kind 3 has its own label', { kind: 3 }),
      trace().pass(10).recover('alice').recover('alice').done('recovery-once', 'good once'),
      trace()
        .pass(9)
        .recover('alice')
        .pass(1)
        .recover('alice')
        .done('recovery-after-start', 'not within 10 s of the start'),
      trace()
        .pass(10)
        .recover('alice', (text) => wrongTag(text))
        .pass(9)
        .recover('alice')
        .pass(1)
        .recover('alice')
        .done('recovery-gap', 'one comparison in 10 s; a wrong code does not close the request'),
      trace()
        .pass(10)
        .recover('alice', flip)
        .recover('alice')
        .done('recovery-typo', 'a typing error starts no wait'),
      trace()
        .pass(10)
        .recover('alice', (text) => text.slice(1))
        .done('recovery-format', '15 symbols'),
      trace().pass(43_200).recover('alice').done('recovery-expired', 'older than its time to live'),
      trace()
        .pass(10)
        .recover('alice', () => other)
        .done('recovery-other-request', 'the answer to another request: its check is seeded otherwise'),
      trace(3).pass(10).recover('alice').done('maintenance-once', 'a maintenance code in a trace'),
    ],
  }
}

/** A wrong tag under a check that fits: α^5 + α^2 + 1 = 0, so these three changes cancel in the check. */
function wrongTag(typed: string): string {
  const symbols = [...typed.replaceAll('-', '')]
  for (const power of [0, 2, 5]) {
    const place = symbols.length - 1 - power
    symbols[place] = alphabet.charAt(alphabet.indexOf(symbols[place] ?? '') ^ 1)
  }
  return symbols.join('')
}

function emergencyCase(
  id: string,
  why: string,
  e: { lid: number; idx: number; secret: bigint; userId?: string; salt?: string },
): VectorCase {
  const userId = e.userId ?? alice.userId
  const salt = seeded(`${e.salt ?? id} salt`, 16)
  return {
    id,
    why,
    in: { lid: e.lid, idx: e.idx, secret: toHex(bits(e.secret, 65)), salt: toHex(salt), userId },
    out: {
      text: emergencyText(e.lid, e.idx, e.secret),
      verifier: toHex(emergencyVerifier(laptop.deviceId, userId, e.lid, e.idx, e.secret, salt)),
    },
  }
}

function typedEmergency(id: string, why: string, typed: string): VectorCase {
  const parsed = parseEmergency(typed)
  const out =
    'result' in parsed
      ? parsed
      : { lid: parsed.list, idx: parsed.index, secret: toHex(bits(parsed.secret, 65)) }
  return { id, why, in: { text: typed }, out }
}

export function emergencyFile(): VectorFile {
  const largest = (1n << 65n) - 1n
  const printed = '936N-J95Y-5Y05-N212'
  return {
    name: 'emergency.json',
    note: 'printed codes and what the device keeps of them: argon2id, m 65536 KiB, t 3, p 1, 16 bytes. See spec/emergency-list.md',
    given: { deviceId: toHex(laptop.deviceId) },
    vectors: [
      emergencyCase('emergency-smallest', 'list 0, the first code, secret 0', { lid: 0, idx: 1, secret: 0n }),
      emergencyCase('emergency-largest', 'list 31, the last code, all 65 bits', {
        lid: 31,
        idx: 31,
        secret: largest,
      }),
      emergencyCase('emergency-nfc', 'a name as one code point', {
        lid: 1,
        idx: 1,
        secret: 1n,
        userId: 'zo\u00eb',
        salt: 'name',
      }),
      emergencyCase('emergency-nfd', 'the same name with a combining mark: the same verifier', {
        lid: 1,
        idx: 1,
        secret: 1n,
        userId: 'zoe\u0308',
        salt: 'name',
      }),
      typedEmergency('emergency-typed', 'as printed', printed),
      typedEmergency(
        'emergency-typed-lower',
        'small letters without hyphens',
        printed.toLowerCase().replaceAll('-', ''),
      ),
      typedEmergency('emergency-typed-wrong', 'one symbol wrong', printed.replace('J', 'K')),
      typedEmergency('emergency-typed-swap', 'two neighbours exchanged', printed.replace('93', '39')),
      typedEmergency('emergency-typed-short', 'one symbol missing', printed.slice(0, -1)),
      typedEmergency(
        'emergency-index-0',
        'i = 0 is reserved, even with a fitting check',
        emergencyText(9, 0, 5n),
      ),
    ],
  }
}
