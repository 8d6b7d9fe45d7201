import assert from 'node:assert/strict'
import { test } from 'node:test'
import { patternMistake } from '@stint/elevation'
import fc from 'fast-check'
import { Value } from 'typebox/value'
import { settingShapes } from './policy.ts'

test('REC-6: a signed policy carries a pattern exactly if it has no mistake', () => {
  const piece = fc.constantFrom('{secret}', ' ', '*', '--password', '=', '{', 'secret}')
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 8 }), (pieces) => {
      const pattern = pieces.join('')
      assert.equal(Value.Check(settingShapes.redact, [pattern]), patternMistake(pattern) === null, pattern)
    }),
    { numRuns: 3_000 },
  )
})
