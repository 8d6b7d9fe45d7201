import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { PAUSE_FORGOTTEN_AFTER_MS, pauseKeys, remainingPauseMs } from './pause.ts'

test('a pause never shrinks with more failures, and is never longer than a quarter of an hour', () => {
  fc.assert(
    fc.property(
      fc.nat(200),
      fc.nat(20 * 60_000),
      fc.constantFrom('account' as const, 'address' as const),
      (failures, passed, kind) => {
        const at = (count: number) => remainingPauseMs(kind, { failures: count, last_at: 0 }, passed)
        assert.ok(at(failures + 1) >= at(failures))
        assert.ok(at(failures) <= 15 * 60_000)
      },
    ),
  )
})

test('an account has five free tries, an address twenty, and a quiet day forgets', () => {
  assert.deepEqual(
    [
      remainingPauseMs('account', { failures: 4, last_at: 0 }, 0),
      remainingPauseMs('account', { failures: 5, last_at: 0 }, 0),
    ],
    [0, 15_000],
  )
  assert.deepEqual(
    [
      remainingPauseMs('address', { failures: 19, last_at: 0 }, 0),
      remainingPauseMs('address', { failures: 20, last_at: 0 }, 0),
    ],
    [0, 15_000],
  )
  assert.equal(remainingPauseMs('account', { failures: 99, last_at: 0 }, PAUSE_FORGOTTEN_AFTER_MS + 1), 0)
})

test('neither an address of a person nor one of a network is stored', () => {
  const { account, address } = pauseKeys('ada@example.org', '192.0.2.7')
  assert.match(account.key, /^[0-9a-f]{64}$/)
  assert.notEqual(account.key, address.key)
})
