import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { spokenTimes } from '../src/time/spoken-times.ts'

describe('times in a sentence', () => {
  it('are found between the words', () => {
    assert.deepEqual(spokenTimes('Raised, until 2026-11-22T09:17:18.637Z.'), [
      { text: 'Raised, until ' },
      { text: '2026-11-22T09:17:18.637Z', at: Date.UTC(2026, 10, 22, 9, 17, 18, 637) },
      { text: '.' },
    ])
  })

  it('are none where the digits are no time', () => {
    const sentence = 'At 2026-99-22T09:17:18Z nothing'
    assert.equal(
      spokenTimes(sentence).some((part) => 'at' in part),
      false,
    )
  })

  it('leave every character of the sentence where it was', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    )
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const sentence = pieces.join(' ')
        assert.equal(
          spokenTimes(sentence)
            .map(({ text }) => text)
            .join(''),
          sentence,
        )
      }),
    )
  })
})
