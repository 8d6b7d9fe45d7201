import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { defaultPolicy } from './policy.ts'
import { patternMistake, redactionOf } from './redaction.ts'

const defaults = redactionOf(defaultPolicy.redact)

/** Command lines as people type them, and what may be written of them with the default patterns. */
const lines: readonly (readonly [string, readonly string[], readonly string[], number])[] = [
  ['after an equals sign', ['mysql', '--password=hunter2'], ['mysql', '--password=[redacted]'], 1],
  ['in the next word', ['x', '--token', 'abc', 'y'], ['x', '--token', '[redacted]', 'y'], 1],
  ['with blanks in it', ['x', '--secret=a b c'], ['x', '--secret=[redacted]'], 1],
  ['in a variable', ['env', 'PGPASSWORD=a', 'psql'], ['env', 'PGPASSWORD=[redacted]', 'psql'], 1],
  ['in an address', ['curl', 'https://me:p@ss@h/x'], ['curl', 'https://me:[redacted]@h/x'], 1],
  [
    'in a command line',
    ['sh', '-c', 'mysql --password=x db'],
    ['sh', '-c', 'mysql --password=[redacted] db'],
    1,
  ],
  [
    'in a command line, in the next word and quoted',
    ['sh', '-c', `cd /x && m --password 'a b'; ls "-l"`],
    ['sh', '-c', `cd /x && m --password '[redacted]'; ls "-l"`],
    1,
  ],
  [
    'in a command line in a command line',
    ['sh', '-c', `ssh h "sh -c 'A_TOKEN=x run --passwd=\\"y z\\"'"`],
    ['sh', '-c', `ssh h "sh -c 'A_TOKEN=[redacted] run --passwd=\\"[redacted]\\"'"`],
    2,
  ],
  ['in a variable with blanks', ['env', 'A_TOKEN=x y', 'z'], ['env', 'A_TOKEN=[redacted]', 'z'], 1],
  ['in a variable before a command', ['sh', '-ec', 'A_TOKEN=x y'], ['sh', '-ec', 'A_TOKEN=[redacted] y'], 1],
  ['twice', ['--token=a', 'x', '--token=b'], ['--token=[redacted]', 'x', '--token=[redacted]'], 2],
  ['nowhere', ['ls', '--password', ''], ['ls', '--password', ''], 0],
  ['nowhere: a word on its own', ['sh', '-c', 'x --token; ls'], ['sh', '-c', 'x --token; ls'], 0],
  ['nowhere: another option', ['x', '--no-password=1'], ['x', '--no-password=1'], 0],
]

describe('REC-6: secrets on command lines', () => {
  for (const [where, args, written, redacted] of lines)
    test(`are taken out: ${where}`, () =>
      assert.deepEqual(defaults.redactArgs(args), { args: written, redacted }))

  test('a pattern may have its secret in the first of two words', () => {
    const redaction = redactionOf(['-p{secret} login'])
    assert.deepEqual(redaction.redactArgs(['-pabc', 'login', '-pabc']), {
      args: ['-p[redacted]', 'login', '-pabc'],
      redacted: 1,
    })
  })

  test('a secret that two patterns find is one secret', () => {
    const redaction = redactionOf(['--key={secret}', '*={secret}', '--*={secret}'])
    assert.deepEqual(redaction.redactArgs(['--key=abc']), { args: ['--key=[redacted]'], redacted: 1 })
  })

  for (const [pattern, reason] of [
    ['--password', 'Write {secret} where the secret stands.'],
    ['{secret} {secret}', 'Write {secret} only once.'],
    ['a b {secret}', 'Write one word, or two words with one blank between them.'],
    ['--password  {secret}', 'Write one word, or two words with one blank between them.'],
    [' {secret}', 'Write one word, or two words with one blank between them.'],
  ] as const) {
    test(`a pattern is refused: ${JSON.stringify(pattern)}`, () => {
      assert.equal(patternMistake(pattern), reason)
      assert.throws(() => redactionOf([pattern]), { name: 'TypeError', message: `not a pattern: ${reason}` })
    })
  }

  test('the default patterns have no mistake', () => {
    assert.deepEqual(
      defaultPolicy.redact.map(patternMistake),
      defaultPolicy.redact.map(() => null),
    )
  })
})

/** Says the same as the docstring, by trying every place. */
function naive(pattern: string, word: string): string {
  const [before = '', after = ''] = pattern.split('{secret}')
  for (let from = 0; from < word.length; from++) {
    if (!naiveFits(before, word.slice(0, from))) continue
    for (let to = word.length; to > from; to--)
      if (naiveFits(after, word.slice(to))) return `${word.slice(0, from)}[redacted]${word.slice(to)}`
    return word
  }
  return word
}

function naiveFits(glob: string, text: string): boolean {
  if (glob === '') return text === ''
  if (glob[0] !== '*') return glob[0] === text[0] && naiveFits(glob.slice(1), text.slice(1))
  for (let skip = 0; skip <= text.length; skip++) if (naiveFits(glob.slice(1), text.slice(skip))) return true
  return false
}

describe('matching', () => {
  const glob = fc.string({ unit: fc.constantFrom('a', 'b', '=', '*'), maxLength: 5 })
  const word = fc.string({ unit: fc.constantFrom('a', 'b', '='), maxLength: 12 })

  test('of one word agrees with a matcher that tries every place', () => {
    fc.assert(
      fc.property(glob, glob, word, (before, after, text) => {
        const pattern = `${before}{secret}${after}`
        assert.equal(redactionOf([pattern]).redactArgs([text]).args[0], naive(pattern, text))
      }),
      { numRuns: 5_000 },
    )
  })

  test('of two words agrees with it too', () => {
    fc.assert(
      fc.property(glob, glob, glob, word, word, (first, before, after, one, two) => {
        fc.pre(first !== '')
        const [, written] = redactionOf([`${first} ${before}{secret}${after}`]).redactArgs([one, two]).args
        assert.equal(written, naiveFits(first, one) ? naive(`${before}{secret}${after}`, two) : two)
      }),
      { numRuns: 5_000 },
    )
  })

  test('leaves a command line as it was, outside of its secrets', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (args) => {
        const { args: written, redacted } = redactionOf(['\u0007never\u0007={secret}']).redactArgs(args)
        assert.deepEqual([written, redacted], [args, 0])
      }),
    )
  })

  test('of 256 KiB against 100 patterns takes no more than a moment, however they are made', () => {
    const patterns = Array.from({ length: 98 }, (_, at) => `*a*a*a*a*${at}=*a*{secret}*a*a*a*b`)
    const redaction = redactionOf([...patterns, '*a*{secret}*ab*', '--password={secret}'])
    const whole = 'a'.repeat(1 << 18)
    const quoted = `${'"a '.repeat(40_000)}=`
    const many = Array.from({ length: 1 << 17 }, () => 'a')
    for (const args of [[whole], [quoted], many, [`${whole.slice(1)}=`], ['a '.repeat(1 << 17)]]) {
      const startedMs = performance.now()
      redaction.redactArgs([...args, '--password=x'])
      const tookMs = performance.now() - startedMs
      assert.ok(tookMs < 3_000, `${tookMs} ms`)
    }
  })
})
