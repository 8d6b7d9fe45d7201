/** What every clock must do. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Clock } from './clock.ts'

export interface ClockWorld {
  readonly clock: Clock
  /** Lets so much time go by. */
  pass(ms: number): Promise<void>
}

export function clockContract(name: string, makeWorld: () => ClockWorld): void {
  describe(`the clock: ${name}`, () => {
    test('both clocks go forward together within one boot', async () => {
      const { clock, pass } = makeWorld()
      const before = clock.now()
      await pass(50)
      const after = clock.now()
      assert.equal(after.bootId, before.bootId)
      assert.ok(after.bootMs - before.bootMs >= 40)
      assert.ok(Math.abs(after.wallMs - before.wallMs - (after.bootMs - before.bootMs)) < 1_000)
    })

    test('an alarm rings once and never early', async () => {
      const { clock, pass } = makeWorld()
      const setBootMs = clock.now().bootMs
      const rings: number[] = []
      clock.after(60, () => rings.push(clock.now().bootMs - setBootMs))
      await pass(30)
      assert.deepEqual(rings, [])
      await pass(200)
      assert.equal(rings.length, 1)
      assert.ok((rings[0] ?? 0) >= 60)
    })

    test('a cancelled alarm never rings', async () => {
      const { clock, pass } = makeWorld()
      let rings = 0
      const alarm = clock.after(20, () => rings++)
      alarm.cancel()
      alarm.cancel()
      await pass(100)
      assert.equal(rings, 0)
    })

    test('an alarm for the past rings soon, but not inside the call that sets it', async () => {
      const { clock, pass } = makeWorld()
      let rings = 0
      clock.after(-5, () => rings++)
      assert.equal(rings, 0)
      await pass(50)
      assert.equal(rings, 1)
    })
  })
}
