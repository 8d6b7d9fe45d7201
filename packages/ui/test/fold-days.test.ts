import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { dayFullText, foldDays } from '../src/charts/fold-days.ts'

describe('days of a chart', () => {
  it('stand without a hole, also where nothing was counted', () => {
    const { step, points } = foldDays([{ day: '2026-02-28', counts: { n: 3 } }], '2026-02-27', '2026-03-01')
    assert.equal(step, 'day')
    assert.deepEqual(points, [
      { day: '2026-02-27', counts: {} },
      { day: '2026-02-28', counts: { n: 3 } },
      { day: '2026-03-01', counts: {} },
    ])
  })

  it('become weeks from Monday where they would be too many, and nothing is counted twice or lost', () => {
    const counted = [
      { day: '2026-01-04', counts: { a: 1 } },
      { day: '2026-01-05', counts: { a: 2, b: 1 } },
      { day: '2026-01-11', counts: { a: 4 } },
    ]
    const { step, points } = foldDays(counted, '2026-01-01', '2026-06-30')
    assert.equal(step, 'week')
    assert.deepEqual(points.slice(0, 3), [
      { day: '2025-12-29', counts: { a: 1 } },
      { day: '2026-01-05', counts: { a: 6, b: 1 } },
      { day: '2026-01-12', counts: {} },
    ])
  })

  it('become months over years', () => {
    const { step, points } = foldDays([{ day: '2026-03-31', counts: { a: 5 } }], '2024-01-15', '2026-03-31')
    assert.equal(step, 'month')
    assert.equal(points.length, 27)
    assert.deepEqual(points.at(-1), { day: '2026-03-01', counts: { a: 5 } })
  })

  it('leave out what lies outside of the span', () => {
    const { points } = foldDays([{ day: '2026-05-01', counts: { a: 9 } }], '2026-05-02', '2026-05-02')
    assert.deepEqual(points, [{ day: '2026-05-02', counts: {} }])
  })

  it('are said in full for whoever cannot see the column', () => {
    assert.equal(dayFullText('2026-11-22', 'day'), 'Sun, 22 Nov 2026')
    assert.equal(dayFullText('2026-11-16', 'week'), 'Week from Mon, 16 Nov 2026')
    assert.equal(dayFullText('2026-11-01', 'month'), 'Nov 2026')
  })
})
