import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { chartSpan, localDay, periodBounds, periodChoice, periodOf } from '../src/pages/reports/period.ts'
import { filterOf, periodText, readSearch } from '../src/pages/reports/search.ts'

const now = new Date(2026, 10, 22, 14, 30).getTime()
const midnight = (day: number) => new Date(2026, 10, day).toISOString()

describe('the period of a report', () => {
  it('begins with a whole day here, this one counted', () => {
    assert.deepEqual(periodBounds({ period: 'today' }, now), { from: midnight(22) })
    assert.deepEqual(periodBounds({ period: '7d' }, now), { from: midnight(16) })
    assert.deepEqual(periodBounds({ period: 'all' }, now), {})
  })

  it('has both exact days inside', () => {
    assert.deepEqual(periodBounds({ from: '2026-11-03', to: '2026-11-04' }, now), {
      from: midnight(3),
      to: midnight(5),
    })
  })

  it('comes back from the bounds that were saved', () => {
    const search = { from: '2026-11-03', to: '2026-11-04' }
    assert.deepEqual(periodOf(periodBounds(search, now)), search)
  })

  it('is thirty days for a word that nobody knows', () => {
    assert.equal(periodChoice({ period: 'fortnight' }), '30d')
    assert.equal(periodChoice({ period: '7d', from: '2026-01-01' }), 'exact')
  })

  it('draws to its last whole day, and never into the future', () => {
    assert.equal(chartSpan({ to: '2026-11-05T00:00:00.000Z' }, [], now).to, '2026-11-04')
    assert.equal(chartSpan({ to: '2027-01-01T00:00:00.000Z' }, [], now).to, localDay(now))
    assert.equal(chartSpan({}, [{ day: '2025-02-03' }], now).from, '2025-02-03')
  })
})

describe('the address of a report', () => {
  it('loses what it may not say', () => {
    const search = readSearch({
      mode: 'god',
      from: 'yesterday',
      completeness: 'complete',
      other: 'x',
      text: '',
    })
    assert.deepEqual(search, { completeness: 'complete' })
  })

  it('takes a number for the text that it is', () => {
    assert.deepEqual(readSearch({ text: 2274 }), { text: '2274' })
  })

  it('asks only for what the report has', () => {
    const search = readSearch({ period: 'all', state: 'denied', text: 'ana' })
    assert.deepEqual(filterOf(search, ['text'], true, now), { text: 'ana' })
  })

  it('is said in words', () => {
    const day = (text: string) => text
    assert.equal(periodText({ period: '90d' }, day), 'Last 90 days')
    assert.equal(periodText({ from: '2026-11-01', to: '2026-11-02' }, day), '2026-11-01 to 2026-11-02')
    assert.equal(periodText({ period: 'exact', to: '2026-11-02' }, day), 'Until 2026-11-02')
  })
})
