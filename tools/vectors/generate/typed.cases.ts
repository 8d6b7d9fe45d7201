import { bits, toHex } from './bytes.ts'
import {
  codeHex,
  codeOf,
  halfHour,
  laptop,
  sessionRequest,
  textOf,
  type VectorCase,
  type VectorFile,
} from './fixtures.ts'
import { answerPayload, type Params, parseResponse, render, unpackParams } from './response.ts'
import { aliasTable, alphabet, answerSeed, checkSymbol, dammDigit, group, normalise } from './symbols.ts'
import { type ListName, wordLists } from './words.ts'

const code = codeOf(laptop, sessionRequest)
const seed = answerSeed(code.bits, code.width)
const right = answerPayload(laptop, sessionRequest, code, halfHour)
const forms = render(right, code)

const spaces = [
  0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20, 0x85, 0xa0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005,
  0x2006, 0x2007, 0x2008, 0x2009, 0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000,
]
const formats = [0xad, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x202a, 0x202c, 0x2060, 0x2066, 0x2069, 0xfeff]
const dashes = [
  0x2d, 0x58a, 0x5be, 0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212, 0x2e3a, 0x301c, 0x3030, 0xfe58,
  0xfe63, 0xff0d,
]
const dots = [
  0x2e, 0x2c, 0x3a, 0x2f, 0x5f, 0xb7, 0x2022, 0x2027, 0x30fb, 0xff0e, 0xff0c, 0xff1a, 0xff0f, 0xff3f, 0xff65,
]

const name = (codePoint: number): string => `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`

function normaliseCase(id: string, why: string, typed: string): VectorCase {
  const symbols = normalise(typed)
  return { id, why, in: { text: typed }, out: symbols === null ? { result: 'format' } : { symbols } }
}

const dropCases = (kind: string, points: number[]): VectorCase[] =>
  points.map((point) =>
    normaliseCase(
      `drop-${kind}-${name(point)}`,
      `${name(point)} is dropped`,
      `6G${String.fromCodePoint(point)}1`,
    ),
  )

function aliasCases(): VectorCase[] {
  return [...aliasTable.keys()].flatMap((alias) => {
    const point = alias.codePointAt(0) ?? 0
    return [
      normaliseCase(`alias-${name(point)}`, `${name(point)} is a look-alike`, alias),
      normaliseCase(`alias-lower-${name(point)}`, `the small letter of ${name(point)}`, alias.toLowerCase()),
    ]
  })
}

export function normaliseFile(): VectorFile {
  return {
    name: 'normalise.json',
    note: 'typed text to symbols; see spec/symbols.md, Normalisation',
    vectors: [
      normaliseCase('alphabet', 'every symbol stands for itself', alphabet),
      normaliseCase('alphabet-lower', 'small letters', alphabet.toLowerCase()),
      normaliseCase(
        'alphabet-full-width',
        'full-width forms',
        [...alphabet].map((c) => String.fromCodePoint((c.codePointAt(0) ?? 0) + 0xfee0)).join(''),
      ),
      normaliseCase('empty', 'nothing is no symbols, not an error', ''),
      ...aliasCases(),
      ...dropCases('space', spaces),
      ...dropCases('format', formats),
      ...dropCases('dash', dashes),
      ...dropCases('dot', dots),
      ...[0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0x1d7d8, 0xff10, 0x1e950].map((zero) =>
        normaliseCase(
          `digits-${name(zero)}`,
          `the ten digits from ${name(zero)}`,
          Array.from({ length: 10 }, (_, i) => String.fromCodePoint(zero + i)).join(''),
        ),
      ),
      normaliseCase('circled', 'a circled digit is a digit in NFKC', '\u2460\u2461'),
      normaliseCase('superscript', 'a superscript is a digit in NFKC', '\u00b2\u00b3'),
      normaliseCase('ligature', 'a ligature is two letters in NFKC', '\ufb00'),
      normaliseCase('sharp-s', 'ß has the capital SS', '\u00df'),
      normaliseCase('dotless-i', 'ı has the capital I, in every locale', '\u0131'),
      normaliseCase('dotted-capital-i', 'İ stands for no symbol', '\u0130'),
      normaliseCase('accent', 'a letter with an accent stands for no symbol', '\u00c9'),
      normaliseCase('cyrillic-ze', 'Cyrillic З looks like 3 and sounds like Z: refused', '\u0417'),
      normaliseCase('roman-numeral', 'Ⅷ is VIII in NFKC', '\u2167'),
      normaliseCase('han-digit', '一 is no decimal digit', '\u4e00'),
      normaliseCase('emoji', 'no symbol', '\u{1f511}'),
      normaliseCase('plus', 'a plus sign is not dropped', '6+G'),
      normaliseCase('newline-paste', 'a pasted code with line ends', '\r\n6G1RA-\r\nYEH30\r\n'),
      normaliseCase('limit-256', '256 code points are looked at', `6${' '.repeat(255)}`),
      normaliseCase('limit-257', '257 are not', `6${' '.repeat(256)}`),
    ],
  }
}

export function checksFile(): VectorFile {
  const samples = [
    '0',
    '1',
    'Z',
    '00000000000000',
    '6G1RAYEH3',
    'ZZZZZZZZZ',
    '936NJ95Y5Y05N21',
    alphabet.slice(0, 30),
  ]
  const seeds = [0, 1, 16, 24, 31]
  const requests = [
    sessionRequest,
    { ...sessionRequest, counter: 38n },
    { ...sessionRequest, counter: 39n },
    { ...sessionRequest, nonce: 1 },
  ]
  return {
    name: 'checks.json',
    note: 'check symbols, check digits and seeds on their own; see spec/symbols.md',
    vectors: [
      ...samples.flatMap((symbols) =>
        seeds.map((start) => ({
          id: `gf32-${symbols}-${start}`,
          why: `GF(32) check symbol with seed ${start}`,
          in: { symbols, seed: start },
          out: { check: checkSymbol(symbols, start) },
        })),
      ),
      ...['0', '9', '572', '07148716112419', '35184372088831'].flatMap((digits) =>
        [0, 1, 4, 9].map((start) => ({
          id: `damm-${digits}-${start}`,
          why: `Damm digit with start value ${start}`,
          in: { digits, start },
          out: { check: dammDigit(digits, start) },
        })),
      ),
      ...requests.map((request, i) => {
        const c = codeOf(laptop, request)
        return {
          id: `seed-${i + 1}`,
          why: 'the seed of every answer to this request',
          in: { request: textOf(laptop, request), bits: codeHex(c), nbits: c.width },
          out: { seed: answerSeed(c.bits, c.width) },
        }
      }),
    ],
  }
}

function answerCase(id: string, why: string, text: string, list: ListName = 'english'): VectorCase {
  const parsed = parseResponse(text, code, list)
  const out =
    'result' in parsed
      ? { result: parsed.result }
      : { payload: toHex(bits(parsed.payload, 45)), params: unpackParams(parsed.payload) }
  return { id, why, in: { text, list }, out }
}

const spoken = (list: ListName): string[] =>
  forms.words.map((word) => (wordLists[list][word] ?? '').normalize('NFC'))

const full = (text: string): string =>
  [...text]
    .map((c) => (c === ' ' ? '\u3000' : String.fromCodePoint((c.codePointAt(0) ?? 0) + 0xfee0)))
    .join('')

export function typedAnswersFile(): VectorFile {
  const english = spoken('english')
  const swapped = [english[1], english[0], ...english.slice(2)].join(' ')
  const { text, digits } = forms
  return {
    name: 'typed-answers.json',
    note: 'what a person may type for one answer, and what is not it; no key is needed. See spec/response-code.md, Reading one',
    given: { request: textOf(laptop, sessionRequest), seed },
    vectors: [
      answerCase('typed-symbols', 'as written', text),
      answerCase('typed-lower-aliases', 'small letters, l for 1, o for 0, two spaces', '6glra  yeh3o'),
      answerCase('typed-full-width', 'full-width symbols and hyphen', full(text)),
      answerCase('typed-cyrillic', 'А and Н typed with a Cyrillic keyboard', '6G1R\u0410 YE\u041d3\u041e'),
      answerCase(
        'typed-greek',
        'Α, Υ, Ε and Η typed with a Greek keyboard',
        '6G1R\u0391 \u03a5\u0395\u03973\u039f',
      ),
      answerCase('typed-en-dash', 'a word processor made the hyphen a dash', text.replace('-', '\u2013')),
      answerCase('typed-no-break', 'no-break spaces and a zero-width space', '6G1RA\u00a0YEH\u200b30'),
      answerCase('typed-digits', 'the digit form', digits),
      answerCase('typed-digits-dashes', 'digits with hyphens', digits.replaceAll(' ', '-')),
      answerCase(
        'typed-digits-arabic',
        'digits of the Arabic script',
        [...digits].map((c) => (c === ' ' ? c : String.fromCodePoint(0x660 + Number(c)))).join(''),
      ),
      answerCase('typed-words', 'the words form', english.join(' ')),
      answerCase(
        'typed-words-first-four',
        'four letters are enough',
        english.map((word) => word.slice(0, 4)).join(' '),
      ),
      answerCase('typed-words-capitals', 'capitals and commas', english.join(', ').toUpperCase()),
      answerCase('typed-words-full-width', 'full-width letters', full(english.join(' '))),
      answerCase('typed-words-spanish', 'another list, with accents', spoken('spanish').join(' '), 'spanish'),
      answerCase(
        'typed-words-french-plain',
        'accents left out',
        spoken('french')
          .join(' ')
          .normalize('NFD')
          .replace(/\p{Mn}/gu, ''),
        'french',
      ),
      answerCase(
        'typed-words-french-nfd',
        'accents as combining marks',
        spoken('french').join(' ').normalize('NFD'),
        'french',
      ),
      answerCase(
        'typed-words-japanese',
        'kana with ideographic spaces',
        spoken('japanese').join('\u3000'),
        'japanese',
      ),
      answerCase('typed-words-korean', 'composed Hangul', spoken('korean').join(' '), 'korean'),
      answerCase(
        'typed-words-chinese',
        'Chinese without spaces',
        spoken('chinese_simplified').join(''),
        'chinese_simplified',
      ),
      answerCase(
        'typed-words-other-list',
        'words of a list the device does not use',
        spoken('spanish').join(' '),
      ),
      answerCase('typed-words-swapped', 'two words exchanged', swapped),
      answerCase(
        'typed-words-short',
        'three letters of a longer word',
        [english[0]?.slice(0, 3), ...english.slice(1)].join(' '),
      ),
      answerCase(
        'typed-words-misspelt',
        'a beginning that goes wrong after four letters',
        [`${english[0]?.slice(0, 4)}zz`, ...english.slice(1)].join(' '),
      ),
      answerCase('typed-words-four', 'four words', english.slice(1).join(' ')),
      answerCase('typed-wrong-symbol', 'one symbol wrong', text.replace('A', 'B')),
      answerCase('typed-swap', 'two neighbours exchanged', text.replace('G1', '1G')),
      answerCase('typed-groups-swapped', 'the two groups exchanged', text.split('-').reverse().join('-')),
      answerCase('typed-9', 'one symbol missing', text.slice(0, -1)),
      answerCase('typed-11', 'one symbol too many', `${text}0`),
      answerCase('typed-empty', 'nothing', ''),
      answerCase('typed-only-spaces', 'nothing but separators', ' - - '),
      answerCase(
        'typed-request',
        'the request code in the box for the answer',
        textOf(laptop, sessionRequest),
      ),
      answerCase('typed-15-letters', '15 symbols that are not all digits', 'A'.repeat(15)),
      answerCase('typed-digit-wrong', 'one digit wrong', `1${digits.slice(1)}`),
      answerCase('typed-digits-2-45', '2^45 with a fitting check digit', fitDigits(1n << 45n)),
      answerCase(
        'typed-digits-max',
        'the largest 14 digits with a fitting check digit',
        fitDigits(99_999_999_999_999n),
      ),
      answerCase('typed-digits-14', 'one digit missing', digits.slice(0, -1)),
      answerCase('typed-long', '257 code points', text + ' '.repeat(246)),
      answerCase(
        'typed-other-request',
        'the answer to another request: its check is seeded otherwise',
        otherAnswer(),
      ),
      ...[22, 23, 24, 25, 26, 27, 28, 29, 30].flatMap((dur) => reservedCases(dur)),
    ],
  }
}

function fitDigits(value: bigint): string {
  const digits = value.toString().padStart(14, '0')
  return group(digits + dammDigit(digits, seed % 10), 5, ' ')
}

function otherAnswer(): string {
  const request = { ...sessionRequest, counter: 40n, nonce: 99 }
  const other = codeOf(laptop, request)
  return render(answerPayload(laptop, request, other, halfHour), other).text
}

function reservedCases(dur: number): VectorCase[] {
  const params: Params = { ...halfHour, dur }
  const written = render(answerPayload(laptop, sessionRequest, code, params), code)
  const words = written.words.map((word) => wordLists.english[word]).join(' ')
  return [
    answerCase(`reserved-dur-${dur}`, `dur ${dur} is reserved, even with a right tag`, written.text),
    answerCase(`reserved-dur-${dur}-digits`, `dur ${dur} in digits`, written.digits),
    answerCase(`reserved-dur-${dur}-words`, `dur ${dur} in words`, words),
  ]
}
