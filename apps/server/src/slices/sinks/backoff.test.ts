import assert from 'node:assert/strict'
import { test } from 'node:test'
import { minuteMs } from '../../clock.ts'
import { backoffMs } from './backoff.ts'

const lowest = (length: number) => new Uint8Array(length)
const highest = (length: number) => new Uint8Array(length).fill(255)

test('waits grow twofold from five seconds to a quarter of an hour', () => {
  const waits = [1, 2, 3, 8, 9, 50, 5000].map((failures) => backoffMs(failures, highest))
  assert.deepEqual(waits, [5_000, 10_000, 20_000, 640_000, 15 * minuteMs, 15 * minuteMs, 15 * minuteMs])
})

test('chance takes up to half of a wait', () => {
  assert.equal(backoffMs(1, lowest), 2_500)
  assert.equal(backoffMs(20, lowest), 7.5 * minuteMs)
})
