import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { dayMs, hourMs } from '../../clock.ts'
import { type DueTime, isZone, lastPeriod, localDayText, nextDue } from './due-times.ts'

const berlin = { zone: 'Europe/Berlin' } as const
const at = (iso: string) => Date.parse(iso)
const shown = (due: DueTime, after: string) => {
  const { name, dueAtMs, fromMs, toMs } = nextDue(due, at(after))
  return [name, ...[dueAtMs, fromMs, toMs].map((ms) => new Date(ms).toISOString().slice(0, 16))]
}

describe('when a report is due', () => {
  test('daily: at the next such time, for the whole day before', () => {
    const due = { every: 'daily', time: '07:00', ...berlin } as const
    assert.deepEqual(shown(due, '2026-11-22T05:59:59Z'), [
      '2026-11-22',
      '2026-11-22T06:00',
      '2026-11-20T23:00',
      '2026-11-21T23:00',
    ])
    assert.deepEqual(shown(due, '2026-11-22T06:00:00Z')[0], '2026-11-23')
  })

  test('weekly: seven local days, also over a change of clocks', () => {
    const due = { every: 'weekly', weekday: 1, time: '08:30', ...berlin } as const
    // Clocks went back on Sunday 25 October 2026: 169 hours.
    assert.deepEqual(shown(due, '2026-10-25T12:00:00Z'), [
      '2026-10-26',
      '2026-10-26T07:30',
      '2026-10-18T22:00',
      '2026-10-25T23:00',
    ])
  })

  test('monthly: the month before, also in January', () => {
    const due = { every: 'monthly', day: 2, time: '00:00', ...berlin } as const
    assert.deepEqual(shown(due, '2026-12-31T12:00:00Z'), [
      '2027-01-02',
      '2027-01-01T23:00',
      '2026-11-30T23:00',
      '2026-12-31T23:00',
    ])
  })

  test('a time that the clocks leave out is taken at the end of the jump', () => {
    const due = { every: 'daily', time: '02:30', ...berlin } as const
    // 29 March 2026: from 2:00 to 3:00, so 2:30 never is.
    assert.deepEqual(shown(due, '2026-03-28T12:00:00Z'), [
      '2026-03-29',
      '2026-03-29T01:00',
      '2026-03-27T23:00',
      '2026-03-28T23:00',
    ])
    assert.equal(shown(due, '2026-03-29T01:00:00Z')[0], '2026-03-30')
  })

  test('a time that comes twice is taken the first time, once', () => {
    const due = { every: 'daily', time: '02:30', ...berlin } as const
    assert.equal(shown(due, '2026-10-24T12:00:00Z')[1], '2026-10-25T00:30')
    // The second 2:30 is at 1:30 UTC; it is not due again.
    assert.equal(shown(due, '2026-10-25T00:30:00Z')[0], '2026-10-26')
  })

  test('days of 23 and 25 hours are covered whole', () => {
    const due = { every: 'daily', time: '07:00', ...berlin } as const
    const hours = (after: string) => {
      const { fromMs, toMs } = nextDue(due, at(after))
      return (toMs - fromMs) / hourMs
    }
    assert.deepEqual([hours('2026-03-29T12:00:00Z'), hours('2026-10-25T12:00:00Z')], [23, 25])
  })

  test('where clocks jump at midnight the day begins at the end of the jump', () => {
    const due = { every: 'daily', time: '00:00', zone: 'America/Santiago' } as const
    assert.equal(shown(due, '2026-09-05T12:00:00Z')[1], '2026-09-06T04:00')
  })

  test('periods follow each other without hole or overlap, in any zone, for two years', () => {
    const zones = [
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
      'Africa/Casablanca',
    ]
    const time = fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
    const two = (n: number) => String(n).padStart(2, '0')
    fc.assert(
      fc.property(fc.constantFrom(...zones), time, fc.integer({ min: 0, max: 700 }), (zone, [h, m], days) => {
        const due = { every: 'daily', time: `${two(h)}:${two(m)}`, zone } as const
        const one = nextDue(due, at('2026-01-01T00:00:00Z') + days * dayMs)
        const next = nextDue(due, one.dueAtMs)
        assert.equal(next.fromMs, one.toMs)
        assert.notEqual(next.name, one.name)
        assert.deepEqual(nextDue(due, one.dueAtMs - 1), one)
      }),
      { numRuns: 200 },
    )
  })

  test('the last whole period needs no due time, and days have the names of the zone', () => {
    const due = { every: 'monthly', day: 28, time: '07:00', ...berlin } as const
    const { fromMs, toMs } = lastPeriod(due, at('2026-11-22T09:00:00Z'))
    assert.deepEqual(
      [localDayText(fromMs, due.zone), localDayText(toMs - 1, due.zone)],
      ['2026-10-01', '2026-10-31'],
    )
    assert.deepEqual([isZone('Europe/Berlin'), isZone('Europe/Entenhausen')], [true, false])
  })
})
