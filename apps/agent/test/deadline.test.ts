import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ClockWatch } from '../src/session/clock-watch.ts'
import { elapsedMs, endsAtBootMs, endsAtWallMs, remainingMs } from '../src/session/deadline.ts'

const anchor = { bootId: 'b-1', bootMs: 50_000, wallMs: 1_000_000, seconds: 900 }
const later = (bootBy: number, wallBy: number) => {
  return { bootId: 'b-1', bootMs: anchor.bootMs + bootBy, wallMs: anchor.wallMs + wallBy }
}

test('END-3: the larger of the two clocks counts: neither turning back nor standing still lengthens a session', () => {
  assert.equal(elapsedMs(anchor, later(600_000, 600_000)), 600_000)
  assert.equal(elapsedMs(anchor, later(600_000, -5_000_000)), 600_000)
  assert.equal(elapsedMs(anchor, later(0, 700_000)), 700_000)
  assert.equal(remainingMs(anchor, later(900_001, 0)), 0)
  assert.deepEqual([endsAtBootMs(anchor), endsAtWallMs(anchor)], [950_000, 1_900_000])
})

test('END-3: in another boot a session is over, whatever the times say', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), (bootBy, wallBy) => {
      const now = { ...later(bootBy, wallBy), bootId: 'b-2' }
      assert.equal(remainingMs(anchor, now), 0)
    }),
  )
})

test('END-3: time left never grows while time since boot does, however the wall clock is turned', () => {
  fc.assert(
    fc.property(
      fc.nat(2_000_000),
      fc.nat(2_000_000),
      fc.integer(),
      fc.integer(),
      (first, more, turn, turnAgain) => {
        const early = remainingMs(anchor, later(first, first))
        assert.ok(remainingMs(anchor, later(first + more, turn)) <= early)
        assert.ok(remainingMs(anchor, later(first + more, turnAgain)) <= anchor.seconds * 1000)
      },
    ),
  )
})

test('a turned clock is told once, with its size; sleep and small drift are not', () => {
  const watch = new ClockWatch(null)
  assert.equal(watch.check(later(0, 0)), 0)
  assert.equal(watch.check(later(30_000, 34_000)), 0)
  assert.equal(watch.check(later(60_000, 0)), -64_000)
  assert.equal(watch.check(later(90_000, 30_000)), 0)
  assert.equal(watch.check(later(120_000, 90_000)), 30_000)
  assert.equal(watch.check(later(7_200_000, 7_170_000)), 0)
})

test('across a boot only a time before the highest one seen is a turned clock, and it is told once', () => {
  const kept = { bootId: 'b-0', bootMs: 9, wallMs: 5_000_000, highWallMs: 6_000_000 }
  const watch = new ClockWatch(kept)
  assert.equal(watch.check({ bootId: 'b-1', bootMs: 1, wallMs: 5_500_000 }), -500_000)
  const again = new ClockWatch(watch.mark)
  assert.equal(again.check({ bootId: 'b-2', bootMs: 1, wallMs: 5_600_000 }), 0)
  const forward = new ClockWatch(kept)
  assert.equal(forward.check({ bootId: 'b-1', bootMs: 1, wallMs: 99_000_000 }), 0)
})
