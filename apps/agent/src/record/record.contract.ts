/** What every recorder must do. Runs against the fake always and against the real system where it may. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { ElevatedProcess, ProcessEnded, Recorder, RecordingFact } from './record.ts'

export interface RecorderWorld {
  readonly recorder: Recorder
  readonly uid: number
  readonly otherUid: number
  /** The person runs a program elevated, from start to end. The last argument makes it exit with this code. */
  runElevated(uid: number, argv: readonly string[], exitCode: number): Promise<void>
  close(): Promise<void>
}

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: a suite of tests that share one computer
export function recorderContract(
  name: string,
  makeWorld: () => Promise<RecorderWorld>,
  skip: string | false = false,
): void {
  // biome-ignore lint/complexity/noExcessiveLinesPerFunction: as above
  describe(`the recorder: ${name}`, { skip }, () => {
    let world: RecorderWorld
    before(async () => {
      world = await makeWorld()
    })
    after(async () => {
      await world?.close()
    })
    const programs = (facts: readonly RecordingFact[], marker: string): readonly ElevatedProcess[] =>
      facts.filter((fact) => fact.kind === 'process').filter(({ argv }) => argv.includes(marker))
    const endOf = (facts: readonly RecordingFact[], id: string): readonly ProcessEnded[] =>
      facts.filter((fact) => fact.kind === 'ended').filter((fact) => fact.id === id)

    test('recording is available here', async () => {
      assert.equal((await world.recorder.available()).available, true)
    })

    test('a program is recorded once, with its arguments and its end', async () => {
      const facts: RecordingFact[] = []
      const recording = await world.recorder.start(world.uid, (fact) => facts.push(fact))
      await world.runElevated(world.uid, ['one', 'two words', ''], 7)
      await recording.stop()
      const [found, ...more] = programs(facts, 'two words')
      assert.equal(more.length, 0)
      assert.deepEqual(found?.argv.slice(-3), ['one', 'two words', ''])
      assert.equal(found?.auid, world.uid)
      assert.equal(found?.uid, 0)
      const [ended] = endOf(facts, found?.id ?? '')
      assert.deepEqual([ended?.exitCode, ended?.signal, ended?.auid], [7, null, world.uid])
      assert.deepEqual(
        facts.filter(({ kind }) => kind === 'gap'),
        [],
      )
    })

    test('nothing is recorded before the start, after the stop, or of others', async () => {
      const facts: RecordingFact[] = []
      await world.runElevated(world.uid, ['before'], 0)
      const recording = await world.recorder.start(world.uid, (fact) => facts.push(fact))
      await world.runElevated(world.otherUid, ['not mine'], 0)
      await recording.stop()
      await recording.stop()
      await world.runElevated(world.uid, ['after'], 0)
      assert.deepEqual(facts, [])
    })

    test('two persons at once are kept apart, and one can stop first', async () => {
      const mine: RecordingFact[] = []
      const theirs: RecordingFact[] = []
      const first = await world.recorder.start(world.uid, (fact) => mine.push(fact))
      const second = await world.recorder.start(world.otherUid, (fact) => theirs.push(fact))
      await world.runElevated(world.uid, ['mine'], 0)
      await first.stop()
      await world.runElevated(world.otherUid, ['theirs'], 0)
      await second.stop()
      assert.deepEqual([programs(mine, 'mine').length, programs(mine, 'theirs').length], [1, 0])
      assert.deepEqual([programs(theirs, 'mine').length, programs(theirs, 'theirs').length], [0, 1])
    })
  })
}
