import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as realTime } from 'node:timers/promises'
import { clockContract } from './clock.contract.ts'
import { SetClock } from './fake/set-clock.ts'
import { SystemClock } from './system-clock.ts'

clockContract('set', () => {
  const clock = new SetClock()
  return { clock, pass: (ms) => clock.pass(ms) }
})

// The one place where real time must pass: the claim is about real time.
clockContract('system', () => ({ clock: new SystemClock(), pass: (ms) => realTime(ms) }))

test('the system clock names this boot as the kernel does', () => {
  assert.match(
    new SystemClock().now().bootId,
    /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
  )
})

test('alarms of the set clock ring in the order of their time, at their time', () => {
  const clock = new SetClock({ bootMs: 0 })
  const rings: string[] = []
  clock.after(20, () => rings.push(`b${clock.now().bootMs}`))
  clock.after(10, () => {
    rings.push(`a${clock.now().bootMs}`)
    clock.after(5, () => rings.push(`c${clock.now().bootMs}`))
  })
  clock.advance(100)
  assert.deepEqual(rings, ['a10', 'c15', 'b20'])
  assert.equal(clock.now().bootMs, 100)
})

test('turning the wall clock moves neither time since boot nor alarms', () => {
  const clock = new SetClock()
  const before = clock.now()
  let rings = 0
  clock.after(1_000, () => rings++)
  clock.turnWall(3_600_000)
  assert.equal(clock.now().bootMs, before.bootMs)
  assert.equal(clock.now().wallMs, before.wallMs + 3_600_000)
  assert.equal(rings, 0)
})

test('a reboot changes the boot id, starts time since boot again and forgets alarms', () => {
  const clock = new SetClock()
  const before = clock.now()
  clock.after(1_000, () => assert.fail('the process is gone'))
  clock.reboot(30_000)
  const after = clock.now()
  assert.notEqual(after.bootId, before.bootId)
  assert.equal(after.bootMs, 0)
  assert.equal(after.wallMs, before.wallMs + 30_000)
  clock.advance(10_000)
})
