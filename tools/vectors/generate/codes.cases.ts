import { bits, toHex } from './bytes.ts'
import {
  codeHex,
  codeOf,
  deviceJson,
  halfHour,
  laptop,
  requestJson,
  seeded,
  sessionRequest,
  type VectorCase,
  type VectorFile,
} from './fixtures.ts'
import type { Device } from './keys.ts'
import { parseRequest, type Request, requestDigits, requestText } from './request.ts'
import { answerPayload, minutes, type Params, render, untilSignOut } from './response.ts'
import { wordLists } from './words.ts'

interface Variant {
  readonly id: string
  readonly why: string
  readonly device?: Partial<Device>
  readonly request?: Partial<Request>
  readonly params?: Partial<Params>
}

const appDigest = seeded('application')

const variants: Variant[] = [
  { id: 'code-plain', why: 'the example of the documents' },
  { id: 'code-epoch-0', why: 'epoch 0', device: { epoch: 0 } },
  { id: 'code-epoch-7', why: 'epoch 7 is shown as 3', device: { epoch: 7 } },
  { id: 'code-pepper', why: 'pepper mode', device: { pepper: seeded('pepper') } },
  { id: 'code-devno-1', why: 'the smallest device number', device: { devNo: 1 } },
  { id: 'code-devno-max', why: 'the largest device number', device: { devNo: 4_194_303 } },
  { id: 'code-counter-1', why: 'the first request of a device', request: { counter: 1n } },
  { id: 'code-counter-32', why: 'five low bits of the counter are zero', request: { counter: 32n } },
  {
    id: 'code-counter-2-32',
    why: 'the counter needs more than 32 bits',
    request: { counter: 4_294_967_296n },
  },
  { id: 'code-counter-max', why: 'the last counter there is', request: { counter: 9_007_199_254_740_991n } },
  { id: 'code-nonce-0', why: 'the smallest nonce', request: { nonce: 0 } },
  { id: 'code-nonce-max', why: 'the largest nonce', request: { nonce: 524_287 } },
  { id: 'code-pol-0', why: 'the smallest policy serial', request: { pol: 0 } },
  { id: 'code-pol-max', why: 'the largest policy serial', request: { pol: 4_294_967_295 } },
  { id: 'code-user-place-0', why: 'the first place of the user table', request: { userSlot: 0 } },
  { id: 'code-user-place-13', why: 'the last place of the user table', request: { userSlot: 13 } },
  {
    id: 'code-user-unknown',
    why: 'place 14: a user the server does not know yet',
    request: { userSlot: 14, userId: 'uid:1002:new' },
  },
  {
    id: 'code-user-none',
    why: 'place 15: nobody is signed in, the user is the empty text',
    request: { userSlot: 15, userId: '' },
  },
  { id: 'code-user-nfc', why: 'ë as one code point', request: { userId: 'zo\u00eb@example.org' } },
  {
    id: 'code-user-nfd',
    why: 'ë as e and a combining mark: the same codes as code-user-nfc',
    request: { userId: 'zoe\u0308@example.org' },
  },
  { id: 'code-user-hangul-nfc', why: 'a composed Hangul name', request: { userId: 'upn:\ud55c\uae00' } },
  {
    id: 'code-user-hangul-nfd',
    why: 'the same name in single letters: the same codes as code-user-hangul-nfc',
    request: { userId: 'upn:\u1112\u1161\u11ab\u1100\u1173\u11af' },
  },
  { id: 'code-user-singleton', why: 'U+212B ANGSTROM SIGN is Å in NFC', request: { userId: 'upn:\u212bsa' } },
  {
    id: 'code-user-compatibility',
    why: 'NFC keeps the ligature ﬁ: names are not NFKC',
    request: { userId: 'upn:\ufb01' },
  },
  {
    id: 'code-user-beyond-bmp',
    why: 'a name outside the basic plane',
    request: { userId: 'upn:\ud835\udd38' },
  },
  { id: 'code-user-case', why: 'names are not case-folded', request: { userId: 'Alice@example.org' } },
  { id: 'code-app', why: 'one application: 20 symbols', request: { kind: 1, appDigest } },
  {
    id: 'code-app-pepper',
    why: 'one application with pepper',
    device: { pepper: seeded('pepper') },
    request: { kind: 1, appDigest },
  },
  { id: 'code-slot-1', why: 'the second approver has its own key', params: { slot: 1 } },
  { id: 'code-keep-processes', why: 'end is 0', params: { end: false } },
]

const validDurations = [...minutes.keys(), untilSignOut]

function codeCase(v: Variant): VectorCase {
  const device = { ...laptop, ...v.device }
  const request = { ...sessionRequest, ...v.request }
  const params = { ...halfHour, ...v.params }
  const code = codeOf(device, request)
  const answer = render(answerPayload(device, request, code, params), code)
  return {
    id: v.id,
    why: v.why,
    in: { ...deviceJson(device), ...requestJson(request), params },
    out: { request: requestText(code), response: answer.text, digits: answer.digits },
  }
}

export function codesFile(): VectorFile {
  return {
    name: 'codes.json',
    note: 'everything from keys to spoken answer in one case; digits are those of the response',
    vectors: [
      ...variants.map(codeCase),
      ...validDurations.map((dur) =>
        codeCase({ id: `code-dur-${dur}`, why: `dur ${dur}: ${durationName(dur)}`, params: { dur } }),
      ),
      ...[1, 2, 3, 4, 5, 6, 7].map((profile) =>
        codeCase({ id: `code-profile-${profile}`, why: `profile ${profile}`, params: { profile } }),
      ),
    ],
  }
}

function durationName(dur: number): string {
  if (dur === untilSignOut) return 'until sign-out'
  const value = minutes[dur]
  return value === null || value === undefined ? 'policy default' : `${value} minutes`
}

function requestCase(id: string, why: string, r: Partial<Request>): VectorCase {
  const request = { ...sessionRequest, ...r }
  const code = codeOf(laptop, request)
  const parsed = parseRequest(requestDigits(code))
  if (!('fields' in parsed)) throw new Error(`${id}: does not parse`)
  const { kind, dev, epochLow, userSlot, ctrLow, nonce, tag, app } = parsed.fields
  return {
    id,
    why,
    in: requestJson(request),
    out: {
      bits: codeHex(code),
      nbits: code.width,
      text: requestText(code),
      digits: requestDigits(code),
      fields: {
        kind,
        dev,
        epochLow,
        userSlot,
        ctrLow,
        nonce,
        tag: Number(tag),
        ...(app === null ? {} : { app: Number(app) }),
      },
    },
  }
}

export function requestsFile(): VectorFile {
  return {
    name: 'requests.json',
    note: 'request codes of every kind, both written forms, and their fields; see spec/request-code.md',
    given: { device: deviceJson(laptop) },
    vectors: [
      requestCase('request-session', 'kind 0', {}),
      requestCase('request-application', 'kind 1 carries an application tag', { kind: 1, appDigest }),
      requestCase('request-recovery', 'kind 2', { kind: 2 }),
      requestCase('request-maintenance', 'kind 3', { kind: 3 }),
      requestCase('request-recovery-nobody', 'kind 2 at the sign-in screen', {
        kind: 2,
        userSlot: 15,
        userId: '',
      }),
    ],
  }
}

/** The two ends of the payload, and one in between, in all three forms and all ten word lists. */
export function renderingsFile(): VectorFile {
  const code = codeOf(laptop, sessionRequest)
  const payloads: [string, string, bigint][] = [
    ['render-zero', 'the smallest payload keeps its leading zeros', 0n],
    ['render-max', 'the largest payload is 2^45 − 1', (1n << 45n) - 1n],
    ['render-example', 'the example of the documents', 0x068070af3a23n],
    ['render-one', 'only the last bit', 1n],
  ]
  return {
    name: 'renderings.json',
    note: 'one payload in all its written forms; wordText has one entry for each BIP-39 list, normalised to NFC',
    given: { request: requestText(code) },
    vectors: payloads.map(([id, why, payload]) => {
      const forms = render(payload, code)
      const wordText = Object.fromEntries(
        Object.entries(wordLists).map(([name, list]) => [
          name,
          forms.words
            .map((word) => list[word] ?? '')
            .join(' ')
            .normalize('NFC'),
        ]),
      )
      return { id, why, in: { payload: toHex(bits(payload, 45)) }, out: { ...forms, wordText } }
    }),
  }
}
