import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { completenessOf } from './completeness.ts'

const whole = {
  recording: 'kernel-audit',
  gaps: 0,
  processes: 3,
  processesReported: 3,
  endReason: 'expired',
} as const

describe('a recording', () => {
  test('is complete when all that was counted arrived', () => assert.equal(completenessOf(whole), 'complete'))
  test('is not known to be before the end was reported', () =>
    assert.equal(completenessOf({ ...whole, processesReported: null, endReason: null }), 'not-yet-reported'))
  for (const [why, change] of [
    ['there is a gap', { gaps: 1 }],
    ['fewer arrived than were counted', { processes: 2 }],
    ['more arrived than were counted', { processes: 4 }],
    ['nothing was recorded at all', { recording: 'The kernel has no audit.' }],
    ['the computer gave up lowering', { endReason: 'lowering-abandoned' }],
  ] as const)
    test(`is incomplete when ${why}`, () =>
      assert.equal(completenessOf({ ...whole, ...change }), 'incomplete'))
})
