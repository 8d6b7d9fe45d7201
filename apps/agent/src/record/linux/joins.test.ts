import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type Exit, ExitJoin, readExit } from './exits.ts'
import { SerialWatch } from './serials.ts'

describe('numbers of events', () => {
  test('a row without a break loses nothing', () => {
    const watch = new SerialWatch()
    for (let serial = 100; serial < 200; serial++) watch.see(serial, serial, 0)
    assert.deepEqual(watch.lost(10_000, true), [])
  })

  test('any order within the grace loses nothing', () => {
    const serials = Array.from({ length: 40 }, (_, at) => at + 11)
    fc.assert(
      fc.property(fc.shuffledSubarray(serials, { minLength: serials.length }), (shuffled) => {
        const watch = new SerialWatch()
        watch.see(10, 0, 0)
        for (const serial of shuffled) watch.see(serial, serial, 500)
        assert.deepEqual(watch.lost(1_400), [])
        assert.deepEqual(watch.lost(10_000), [])
      }),
    )
  })

  test('what stays missing is told once, with how many and between which times', () => {
    const watch = new SerialWatch()
    watch.see(10, 1_000, 0)
    watch.see(15, 1_200, 0)
    watch.see(12, 1_100, 10)
    assert.equal(watch.waiting, true)
    assert.deepEqual(watch.lost(999), [])
    assert.deepEqual(watch.lost(1_000), [{ count: 3, fromMs: 1_000, toMs: 1_200 }])
    assert.deepEqual(watch.lost(9_000, true), [])
    assert.equal(watch.waiting, false)
  })

  test('at the end nothing is waited for', () => {
    const watch = new SerialWatch()
    watch.see(10, 1_000, 0)
    watch.see(12, 1_200, 0)
    assert.deepEqual(watch.lost(1, true), [{ count: 1, fromMs: 1_000, toMs: 1_200 }])
  })
})

const program = { id: '1.000:1', pid: 70, auid: 1000, startedAtMs: 5_000 }
const exit = (changes: Partial<Exit> = {}): Exit => ({
  pid: 70,
  status: 3 << 8,
  endedAtMs: 5_100,
  ...changes,
})
const ended = {
  kind: 'ended',
  id: '1.000:1',
  pid: 70,
  auid: 1000,
  exitCode: 3,
  signal: null,
  endedAtMs: 5_100,
}

describe('starts and ends', () => {
  test('come together in either order', () => {
    const startFirst = new ExitJoin()
    assert.deepEqual(startFirst.started(program), [])
    assert.deepEqual(startFirst.ended(exit()), [ended])
    const endFirst = new ExitJoin()
    assert.deepEqual(endFirst.ended(exit()), [])
    assert.deepEqual(endFirst.started(program), [ended])
  })

  test('each program of a process that replaced itself ends, in either order', () => {
    const second = { ...program, id: '1.001:2', startedAtMs: 5_050 }
    const startFirst = new ExitJoin()
    startFirst.started(program)
    startFirst.started(second)
    assert.deepEqual(startFirst.ended(exit()), [ended, { ...ended, id: second.id }])
    const endFirst = new ExitJoin()
    endFirst.ended(exit())
    assert.deepEqual(
      [...endFirst.started(program), ...endFirst.started(second)],
      [ended, { ...ended, id: second.id }],
    )
  })

  test('an end does not belong to a later process with the same number', () => {
    const join = new ExitJoin()
    join.ended(exit({ endedAtMs: 3_900 }))
    assert.deepEqual(join.started(program), [])
    assert.deepEqual(join.ended(exit()), [ended])
    assert.deepEqual(join.ended(exit({ endedAtMs: 6_000 })), [])
  })

  test('clocks that differ a little are allowed for', () => {
    const join = new ExitJoin()
    join.ended(exit({ endedAtMs: 4_100 }))
    assert.equal(join.started(program).length, 1)
  })

  test('ends of others are forgotten after ten seconds', () => {
    const join = new ExitJoin()
    join.ended(exit())
    join.forget(5_100 + 10_000)
    assert.deepEqual(join.started(program), [])
  })

  test('a signal is told as a signal', () => {
    const join = new ExitJoin()
    join.started(program)
    assert.deepEqual(join.ended(exit({ status: 9 })), [{ ...ended, exitCode: null, signal: 9 }])
    const coreDumped = 0x80 | 11
    const second = new ExitJoin()
    second.started(program)
    assert.deepEqual(second.ended(exit({ status: coreDumped })), [{ ...ended, exitCode: null, signal: 11 }])
  })
})

describe('messages of the process connector', () => {
  function message(kind: number, pid: number, tgid: number): Buffer {
    const bytes = Buffer.alloc(52)
    bytes.writeUInt32LE(kind, 20)
    bytes.writeBigUInt64LE(2_000_000_000n, 28)
    bytes.writeUInt32LE(pid, 36)
    bytes.writeUInt32LE(tgid, 40)
    bytes.writeUInt32LE(7 << 8, 44)
    return bytes
  }

  test('an end of a process is read with its time', () => {
    const found = readExit(message(0x8000_0000, 70, 70), 2_500_000_000n, 9_000)
    assert.deepEqual(found, { pid: 70, status: 7 << 8, endedAtMs: 8_500 })
  })

  test('an end later than the reading of the clocks keeps its own time', () => {
    const found = readExit(message(0x8000_0000, 70, 70), 1_900_000_000n, 9_000)
    assert.equal(found?.endedAtMs, 9_100)
  })

  test('ends of threads, other events and cut messages are passed over', () => {
    assert.equal(readExit(message(0x8000_0000, 71, 70), 0n, 0), null)
    assert.equal(readExit(message(2, 70, 70), 0n, 0), null)
    assert.equal(readExit(message(0x8000_0000, 70, 70).subarray(0, 40), 0n, 0), null)
  })
})
