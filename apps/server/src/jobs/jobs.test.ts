import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import { SetClock } from '../../test/set-clock.ts'
import { startJobs } from './jobs.ts'

const log = pino({ level: 'silent' })
const settled = () => new Promise((resolve) => setImmediate(resolve))

test('a job runs at once and on its alarm, never beside itself, and stopping waits for it', async () => {
  const clock = new SetClock()
  let runs = 0
  let finish: () => void = () => undefined
  const run = () => {
    runs += 1
    return new Promise<void>((resolve) => {
      finish = resolve
    })
  }
  const jobs = startJobs([{ name: 'slow', everyMs: 1000, run }], clock, log)
  clock.pass(1000)
  assert.equal(runs, 1)
  finish()
  await settled()
  clock.pass(1000)
  assert.equal(runs, 2)
  let isStopped = false
  const stopped = jobs.stop().then(() => {
    isStopped = true
  })
  await settled()
  assert.equal(isStopped, false)
  finish()
  await stopped
  clock.pass(5000)
  assert.equal(runs, 2)
})

test('a job that fails runs again', async () => {
  const clock = new SetClock()
  let runs = 0
  const run = async () => {
    runs += 1
    throw new Error('no')
  }
  const jobs = startJobs([{ name: 'broken', everyMs: 1000, run }], clock, log)
  await settled()
  clock.pass(1000)
  await jobs.stop()
  assert.equal(runs, 2)
})
