import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type RecordedProcess, whoRan } from './during.ts'

let seq = 0
const process = (
  pid: number,
  parentPid: number,
  program: string,
  startedAt: number,
  endedAt: number | null,
): RecordedProcess => ({ seq: seq++, pid, parentPid, program, startedAt, endedAt })

const recording = [
  process(10, 1, 'sudo', 100, null),
  process(11, 10, 'bash', 110, null),
  process(12, 11, 'useradd', 200, 220),
  process(13, 11, 'sh', 300, null),
  process(13, 11, 'vi', 305, 400),
]
const names = (at: number) => whoRan(recording)(at).map(({ program }) => program)

describe('who may have done what was done at a moment', () => {
  test('nobody before the first program', () => assert.deepEqual(names(99), []))
  test('the program that ran, not those that waited for it', () => assert.deepEqual(names(210), ['useradd']))
  test('from its first to its last millisecond', () =>
    assert.deepEqual([names(200), names(220)], [['useradd'], ['useradd']]))
  test('the shell, where what it had started was over', () => assert.deepEqual(names(221), ['bash']))
  test('the program that a process became, from then on', () =>
    assert.deepEqual([names(304), names(305)], [['sh'], ['vi']]))
  test('not the program that it had been, when it is over', () => assert.deepEqual(names(401), ['bash']))
  test('five, the newest first, where more ran side by side', () => {
    const many = Array.from({ length: 7 }, (_, n) => process(50 + n, 1, `p${n}`, n, null))
    assert.deepEqual(
      whoRan(many)(10).map(({ program }) => program),
      ['p6', 'p5', 'p4', 'p3', 'p2'],
    )
  })
})
