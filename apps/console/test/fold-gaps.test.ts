import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { foldGaps } from '../src/pages/session/fold-gaps.ts'

const second = (s: number) => new Date(Date.UTC(2026, 10, 22, 9, 17, s)).toISOString()
const gap = (from: number, to: number, cause = 'full') => ({ from: second(from), to: second(to), cause })

describe('gaps of a record', () => {
  it('of one cause, seconds apart, are one with a count', () => {
    assert.deepEqual(foldGaps([gap(1, 2), gap(5, 6), gap(7, 9)]), [{ ...gap(1, 9), count: 3 }])
  })

  it('are told apart by cause also when they take turns', () => {
    assert.deepEqual(foldGaps([gap(1, 2), gap(2, 3, 'died'), gap(4, 5)]), [
      { ...gap(1, 5), count: 2 },
      { ...gap(2, 3, 'died'), count: 1 },
    ])
  })

  it('more than ten seconds apart stay two; one inside another does not shorten it', () => {
    assert.deepEqual(foldGaps([gap(1, 9), gap(2, 3), gap(20, 21)]), [
      { ...gap(1, 9), count: 2 },
      { ...gap(20, 21), count: 1 },
    ])
  })
})
