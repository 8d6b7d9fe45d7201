import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Recorded, verdictOf } from './verdict.ts'

const span = { seals: true, isSealed: true, isTroubled: false }
const whole: Recorded = {
  ...{ recording: 'kernel-audit', gaps: 0, processes: 3, processesReported: 3 },
  ...{ endReason: 'expired', span },
}
const live: Recorded = {
  ...whole,
  processesReported: null,
  endReason: null,
  span: { ...span, isSealed: false },
}

describe('the record of a session', () => {
  test('is complete when all that was counted arrived and is sealed', () =>
    assert.deepEqual(verdictOf(whole), { completeness: 'complete', lacks: [] }))
  test('is not known to be before the end was reported', () =>
    assert.equal(verdictOf(live).completeness, 'not-yet-reported'))
  test('is not known to be before the seal behind the end arrived', () =>
    assert.equal(
      verdictOf({ ...whole, span: { ...span, isSealed: false } }).completeness,
      'not-yet-reported',
    ))
  test('waits for no seal of a computer that named no key to seal with', () =>
    assert.equal(
      verdictOf({ ...whole, span: { ...span, seals: false, isSealed: false } }).completeness,
      'complete',
    ))
  for (const [why, change, lacks] of [
    ['there is a gap', { gaps: 1 }, []],
    ['a finding is about it', { span: { ...span, isTroubled: true } }, []],
    ['fewer processes arrived than were counted', { processes: 2 }, ['processes-missing']],
    ['more processes arrived than were counted', { processes: 4 }, ['processes-added']],
    ['nothing was recorded at all', { recording: 'The kernel has no audit.' }, ['not-recorded']],
    ['the computer gave up lowering', { endReason: 'lowering-abandoned' }, ['lowering-abandoned']],
    ['its journal has no grant for it', { span: null }, ['no-grant']],
  ] as const)
    test(`is incomplete when ${why}`, () =>
      assert.deepEqual(verdictOf({ ...whole, ...change }), { completeness: 'incomplete', lacks }))
  for (const [why, change] of [
    ['a gap', { gaps: 1 }],
    ['a finding', { span: { ...span, isTroubled: true, isSealed: false } }],
  ] as const)
    test(`is incomplete at once by ${why}, before its end is known`, () =>
      assert.equal(verdictOf({ ...live, ...change }).completeness, 'incomplete'))
})
