import assert from 'node:assert/strict'
import { test } from 'node:test'
import { corpusOf, fuzz, TARGETS } from './code.fuzz.ts'
import { mutate, seededRandom } from './mutate.ts'

/** FUZZ_SECONDS=n runs each target for n seconds from FUZZ_SEED (or 1); without it a short run of fixed length. */
const seconds = Number(process.env.FUZZ_SECONDS ?? 0)
const seed = Number(process.env.FUZZ_SEED ?? 1)
const SHORT_RUN = 3000

for (const target of TARGETS) {
  test(`${target.name}: only a CodeError ever leaves the decoder, and what it takes is what is written`, async (t) => {
    assert.ok(corpusOf(target).length >= 3)
    const untilNs = process.hrtime.bigint() + BigInt(seconds) * 1_000_000_000n
    const more = (tried: number) => (seconds > 0 ? process.hrtime.bigint() < untilNs : tried < SHORT_RUN)
    const { tried, accepted } = await fuzz(target, seed, more)
    t.diagnostic(`${tried} texts, ${accepted} taken`)
    assert.ok(accepted > 0, 'the corpus must hold texts that are taken')
    assert.ok(accepted < tried, 'and mutations that are refused')
  })
}

test('the same seed gives the same texts', () => {
  const texts = (from: number) => {
    const random = seededRandom(from)
    return Array.from({ length: 50 }, () => mutate(['abc', 'def'], random))
  }
  assert.deepEqual(texts(7), texts(7))
  assert.notDeepEqual(texts(7), texts(8))
})

test('a decoder that breaks is found, with the text that broke it', async () => {
  const broken = {
    name: 'request-code',
    decode: (text: string) => {
      if (text.includes('!')) throw new RangeError('broken')
    },
  }
  await assert.rejects(
    fuzz(broken, 1, (tried) => tried < 5000),
    /request-code, seed 1, text ".*!/,
  )
})
