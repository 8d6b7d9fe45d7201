import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { foldTimeline, type TimelineEntry } from '../src/lists/fold-timeline.ts'

const second = (s: number) => new Date(Date.UTC(2026, 10, 22, 9, 17, s)).toISOString()
const gap = (from: number, to: number, cause = 'buffer full'): TimelineEntry => ({
  at: second(to),
  where: 'computer',
  type: 'recording.gap',
  who: 'train-laptop',
  text: `Nothing is known between ${second(from)} and ${second(to)}: ${cause}`,
})

describe('a timeline', () => {
  it('folds gaps of one cause within seconds into one line from the first to the last', () => {
    const [line, ...rest] = foldTimeline([gap(1, 2), gap(4, 5), gap(9, 10)])
    assert.deepEqual(rest, [])
    assert.equal(line?.count, 3)
    assert.equal(line?.at, second(2))
    assert.equal(line?.text, `Nothing is known between ${second(1)} and ${second(10)}: buffer full`)
  })

  it('keeps apart what has another cause, another place, or came later', () => {
    const elsewhere: TimelineEntry = { ...gap(4, 5), where: 'server' }
    const lines = foldTimeline([gap(1, 2), gap(3, 4, 'worker died'), elsewhere, gap(20, 21)])
    assert.deepEqual(
      lines.map(({ count }) => count),
      [1, 1, 1, 1],
    )
  })

  it('keeps apart what says something else: each wrong code is a line', () => {
    const wrong = (s: number, left: number): TimelineEntry => ({
      ...gap(s, s),
      type: 'code.wrong',
      text: `A wrong code was entered; ${left} tries left.`,
    })
    assert.equal(foldTimeline([wrong(1, 2), wrong(2, 1)]).length, 2)
  })
})
