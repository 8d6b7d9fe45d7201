import {
  codeOf,
  deviceJson,
  laptop,
  seeded,
  sessionRequest,
  textOf,
  type VectorCase,
  type VectorFile,
} from './fixtures.ts'
import { type Code, parseRequest, type Request, requestDigits, requestText } from './request.ts'
import { type Known, type Resolution, resolve, suggest } from './resolve.ts'
import { alphabet, normalise } from './symbols.ts'

const appDigest = seeded('application')
const next = { ...laptop, epoch: 6, crk: seeded('crk of epoch 6') }

const known: Known = {
  epochs: [laptop, next],
  users: { 0: 'EXAMPLE\\bob', 1: 'alice@example.org', 3: 'zo\u00eb@example.org' },
  typed: ['carol@example.org', 'karol@example.org'],
  pols: [117, 118],
  last: 36n,
}

const given = {
  devices: known.epochs.map(deviceJson),
  users: known.users,
  typed: known.typed,
  pols: known.pols,
  last: Number(known.last),
}

function negative(id: string, why: string, text: string): VectorCase {
  const parsed = parseRequest(text)
  return { id, why, in: { text }, out: { result: 'result' in parsed ? parsed.result : 'ok' } }
}

const withBits = (width: 75 | 100, change: (value: bigint) => bigint): string => {
  const request = width === 75 ? sessionRequest : { ...sessionRequest, kind: 1, appDigest }
  return requestText({ bits: change(codeOf(laptop, request).bits), width })
}

export function requestNegativeFile(): VectorFile {
  const text = textOf(laptop, sessionRequest)
  const digits = requestDigits(codeOf(laptop, sessionRequest))
  const last = digits.at(-1) === '0' ? '1' : '0'
  const tooLarge: Code = { bits: 1n << 75n, width: 75 }
  return {
    name: 'request-negative.json',
    note: 'typed request codes that are refused, or just not, before any key is used',
    vectors: [
      negative('request-good', 'the symbol form, as a contrast', text),
      negative('request-good-digits', 'the digit form, as a contrast', digits),
      negative('request-good-lower-case', 'lower case and spaces', text.toLowerCase().replaceAll('-', ' ')),
      negative(
        'request-ver-1',
        'bit ver is kept for a longer code',
        withBits(75, (b) => b | (1n << 74n)),
      ),
      negative(
        'request-ver-1-long',
        'bit ver, 20 symbols',
        withBits(100, (b) => b | (1n << 99n)),
      ),
      negative(
        'request-kind-1-short',
        'one application needs 20 symbols',
        withBits(75, (b) => b | (1n << 72n)),
      ),
      negative(
        'request-kind-0-long',
        'only one application has 20 symbols',
        withBits(100, (b) => b & ~(3n << 97n)),
      ),
      negative('request-empty', 'nothing typed', ''),
      negative('request-14', 'one symbol missing', text.slice(0, -1)),
      negative('request-16', 'one symbol too many', `${text}0`),
      negative('request-stranger', 'a character that stands for no symbol', text.replace('2', '!')),
      negative('request-digits-damm', 'the Damm digit does not fit', digits.slice(0, -1) + last),
      negative('request-digits-2-75', 'a value that needs 76 bits', requestDigits(tooLarge)),
      negative('request-digits-letter', 'a letter in the digit form', `A${digits.slice(1)}`),
      negative('request-digits-23', 'one digit missing', digits.slice(0, -1)),
      negative(
        'request-too-long',
        'more than 256 code points, even if all but 15 mean nothing',
        text + ' '.repeat(256),
      ),
    ],
  }
}

const outOf = (r: Resolution): object =>
  r.result === 'match'
    ? { result: r.result, ...r.match, counter: Number(r.match.counter), wentBack: r.wentBack }
    : { result: r.result }

function resolveCase(id: string, why: string, text: string): VectorCase {
  return { id, why, in: { text }, out: outOf(resolve(text, known)) }
}

export function resolveFile(): VectorFile {
  const of = (r: Partial<Request>, device = laptop): string => textOf(device, { ...sessionRequest, ...r })
  return {
    name: 'resolve.json',
    note: 'a server with two epochs, two policy serials and last counter 36; see spec/request-code.md, Resolving',
    given,
    vectors: [
      resolveCase('resolve-next', 'the counter after the last', of({})),
      resolveCase(
        'resolve-same-counter',
        'a counter that was seen: state went back, or the same request',
        of({ counter: 36n }),
      ),
      resolveCase('resolve-oldest', 'last − 31', of({ counter: 5n })),
      resolveCase('resolve-too-old', 'last − 32', of({ counter: 4n })),
      resolveCase('resolve-farthest', 'last + 1024', of({ counter: 1060n })),
      resolveCase('resolve-too-far', 'last + 1025', of({ counter: 1061n })),
      resolveCase('resolve-older-policy', 'the device still runs policy 117', of({ pol: 117 })),
      resolveCase('resolve-unknown-policy', 'a policy that was never delivered', of({ pol: 119 })),
      resolveCase('resolve-new-epoch', 'the heal was not confirmed yet', of({}, next)),
      resolveCase(
        'resolve-old-epoch-gone',
        'e mod 4 names no key the server holds',
        of({}, { ...laptop, epoch: 7 }),
      ),
      resolveCase(
        'resolve-typed-name',
        'place 14: the second name that the directory gave',
        of({ userSlot: 14, userId: 'karol@example.org' }),
      ),
      resolveCase(
        'resolve-typed-name-unknown',
        'place 14: a name the directory did not give',
        of({ userSlot: 14, userId: 'mallory@example.org' }),
      ),
      resolveCase('resolve-nobody', 'place 15', of({ userSlot: 15, userId: '', kind: 2 })),
      resolveCase('resolve-empty-place', 'a place of the user table that is empty', of({ userSlot: 2 })),
      resolveCase(
        'resolve-other-user',
        'the place of one user and the name of another',
        of({ userId: 'EXAMPLE\\bob' }),
      ),
      resolveCase(
        'resolve-nfd',
        'a name in the other normal form',
        of({ userSlot: 3, userId: 'zoe\u0308@example.org' }),
      ),
      resolveCase('resolve-application', 'an unknown program still resolves', of({ kind: 1, appDigest })),
      resolveCase('resolve-unknown-device', 'no such device', of({}, { ...laptop, devNo: 5 })),
      resolveCase('resolve-digits', 'the digit form', requestDigits(codeOf(laptop, sessionRequest))),
    ],
  }
}

function correctionCase(id: string, why: string, typed: string): VectorCase {
  const suggestions = suggest(typed, known).map(({ text, match }) => ({
    text,
    counter: Number(match.counter),
    userId: match.userId,
  }))
  return { id, why, in: { text: typed }, out: { suggestions } }
}

/** Another symbol for each place, so that every place is wrong once. */
function replacements(text: string): VectorCase[] {
  return [...text].map((old, i) => {
    const symbol = alphabet.charAt((alphabet.indexOf(old) + 7 * (i + 1)) % 32)
    const wrong = symbol === old ? alphabet.charAt((alphabet.indexOf(old) + 1) % 32) : symbol
    const typed = text.slice(0, i) + wrong + text.slice(i + 1)
    return correctionCase(`correct-place-${i + 1}`, `symbol ${i + 1} is ${wrong} instead of ${old}`, typed)
  })
}

function exchanges(text: string): VectorCase[] {
  return [...text.slice(1)].flatMap((right, i) => {
    const left = text.charAt(i)
    if (left === right) return []
    const typed = text.slice(0, i) + right + left + text.slice(i + 2)
    return [correctionCase(`correct-swap-${i + 1}`, `symbols ${i + 1} and ${i + 2} are exchanged`, typed)]
  })
}

export function correctionFile(): VectorFile {
  const text = normalise(textOf(laptop, sessionRequest)) ?? ''
  const application = normalise(textOf(laptop, { ...sessionRequest, kind: 1, appDigest })) ?? ''
  const twoWrong = `${text.slice(0, 8)}${text.slice(10, 12)}${text.slice(8, 10)}${text.slice(12)}`
  return {
    name: 'correction.json',
    note: 'one wrong symbol or one exchange in a request code that does not resolve; the server of resolve.json',
    given,
    vectors: [
      ...replacements(text),
      ...exchanges(text),
      correctionCase('correct-sound', 'K heard as J, both of one sound class', text.replace('K', 'J')),
      correctionCase(
        'correct-application',
        'an error in the application tag is found by T',
        `${application.slice(0, 19)}${application.endsWith('0') ? '1' : '0'}`,
      ),
      correctionCase('correct-two-errors', 'two errors: no suggestion', twoWrong),
    ],
  }
}
