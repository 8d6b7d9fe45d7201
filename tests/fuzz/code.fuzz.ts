import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  ANSWER_LENGTHS,
  CodeError,
  echoTyping,
  emergencyText,
  jcs,
  normaliseTyped,
  parseEmergencyCode,
  parseRecoveryCode,
  parseRequestCode,
  parseResponseCode,
  recogniseAnswer,
  recoveryText,
  requestDigits,
  requestText,
  responseDigits,
  responseText,
  responseWords,
  verifyAnswerToken,
} from '@stint/code'
import { base64url } from 'jose'
import { mutate, seededRandom } from './mutate.ts'

/**
 * One target per decoder of typed text. A target takes any text; it throws an AssertionError when a decoder takes
 * what its encoder would not write, and anything but a CodeError that a decoder throws is a find.
 */
export interface Target {
  readonly name: string
  readonly decode: (text: string) => void | Promise<void>
}

const request = parseRequestCode('2NK6Y-8JNWX-18W2A')
const recovery = parseRequestCode('ANK6Y-8M003-3HC9K')
// The public key of RFC 8032, test 1, which signed the committed tokens.
const testKey = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }

export const TARGETS: readonly Target[] = [
  {
    name: 'request-code',
    decode(text) {
      const read = parseRequestCode(text)
      const forms = [requestText(read), requestDigits(read)].map(normaliseTyped)
      assert.ok(forms.includes(normaliseTyped(text)))
    },
  },
  {
    name: 'response-code',
    decode(text) {
      const { form, ...read } = parseResponseCode(text, request)
      if (form !== 'words') assert.equal(normaliseTyped(text), normaliseTyped(written(form, read)))
    },
  },
  {
    name: 'digits',
    decode(text) {
      const { form, ...read } = parseResponseCode(text, request)
      if (form === 'digits') assert.equal(normaliseTyped(text), normaliseTyped(responseDigits(read, request)))
    },
  },
  {
    name: 'words',
    decode(text) {
      const { form, ...read } = parseResponseCode(text, request)
      if (form !== 'words') return
      const again = parseResponseCode(responseWords(read, request, 'english').join(' '), request)
      assert.deepEqual({ ...again }, { ...read, form })
      assert.ok(text.length <= 512)
    },
  },
  {
    name: 'token',
    async decode(text) {
      const payload = await verifyAnswerToken(text, (kid) => (kid === 'answer-1' ? testKey : undefined))
      assert.equal(text.replace(/[ \t\r\n]/g, '').split('.')[1], base64url.encode(jcs({ ...payload })))
    },
  },
  {
    name: 'emergency-code',
    decode(text) {
      assert.equal(normaliseTyped(text), normaliseTyped(emergencyText(parseEmergencyCode(text))))
    },
  },
  {
    name: 'recovery-code',
    decode(text) {
      const read = parseRecoveryCode(text, recovery)
      assert.equal(normaliseTyped(text), normaliseTyped(recoveryText(read, recovery)))
    },
  },
  {
    name: 'normalise',
    decode(text) {
      const answer = recogniseAnswer(text, { request, recovery })
      assert.ok(answer.kind.length > 0)
      assert.ok(echoTyping(text, ANSWER_LENGTHS).missing >= 0)
      const symbols = normaliseTyped(text)
      assert.match(symbols, /^[0-9A-HJKMNP-TV-Z]*$/)
      assert.equal(normaliseTyped(symbols), symbols)
    },
  },
]

function written(form: 'symbols' | 'digits', read: Parameters<typeof responseText>[0]): string {
  return form === 'symbols' ? responseText(read, request) : responseDigits(read, request)
}

/** The committed texts of a target: one text per file, taken without its last line feed. */
export function corpusOf(target: Target): string[] {
  const folder = join(import.meta.dirname, 'corpus', target.name)
  return globSync('*.txt', { cwd: folder })
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8').replace(/\n$/, ''))
}

export interface FuzzResult {
  readonly tried: number
  readonly accepted: number
}

/** Runs one target on its corpus, then on mutations of it, until `more(tried)` is false. Throws on a find. */
export async function fuzz(
  target: Target,
  seed: number,
  more: (tried: number) => boolean,
): Promise<FuzzResult> {
  const corpus = corpusOf(target)
  const random = seededRandom(seed)
  let accepted = 0
  let tried = 0
  for (; tried < corpus.length || more(tried); tried++) {
    const text = corpus[tried] ?? mutate(corpus, random)
    try {
      await target.decode(text)
      accepted += 1
    } catch (error) {
      if (error instanceof CodeError) continue
      throw new Error(`${target.name}, seed ${seed}, text ${JSON.stringify(text)}`, { cause: error })
    }
  }
  return { tried, accepted }
}
