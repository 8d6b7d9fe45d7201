import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recorderContract } from '../record.contract.ts'
import type { RecordingFact } from '../record.ts'
import { FakeRecorder } from './fake-recorder.ts'

recorderContract('fake', async () => {
  const recorder = new FakeRecorder()
  return {
    recorder,
    uid: 1000,
    otherUid: 1001,
    runElevated: async (uid, argv, exitCode) => recorder.ends(recorder.starts(uid, argv), exitCode, 0),
    close: async () => undefined,
  }
})

test('a fake recorder that is not available does not start, and says why', async () => {
  const recorder = new FakeRecorder()
  recorder.knobs.availability = {
    available: false,
    obstacle: 'audit-locked',
    message: 'Locked.',
    hint: 'Restart.',
  }
  await assert.rejects(
    recorder.start(1000, () => undefined),
    { code: 'audit-locked', message: 'Locked.', hint: 'Restart.' },
  )
  recorder.knobs.availability = { available: true, source: 'alone', exits: true, x32: false }
  recorder.knobs.failStart = true
  await assert.rejects(
    recorder.start(1000, () => undefined),
    { code: 'refused' },
  )
  assert.equal(recorder.isRecording(1000), false)
})

test('a gap is told to everybody who is recorded', async () => {
  const recorder = new FakeRecorder()
  const facts: RecordingFact[] = []
  await recorder.start(1000, (fact) => facts.push(fact))
  await recorder.start(1001, (fact) => facts.push(fact))
  recorder.misses({ fromMs: 1, toMs: 2, cause: 'overrun', detail: 'too many' })
  assert.equal(facts.length, 2)
})
