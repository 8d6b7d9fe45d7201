/**
 * The agent's process fails, or its disk does, at every change of a file from the first guess to the last receipt.
 * Then it is started again, and nothing may be lost, doubled, forgotten or left up.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { diskErrors, type Fault, type FaultPlan, type Step } from './agent/fault-plan.ts'
import { anna } from './faulty-computer.ts'
import { asked, everythingIsInOrder, type Heard, oneSession, type Scene } from './one-session.ts'

const skip = process.getuid?.() === 0 ? false : 'skipped: the agent runs as root'
const lanes = 2
/**
 * Deaths are tried at every step always. Of the steps at which a disk can fail, one in so many, each error shifted
 * against the others so that all kinds of steps are met; all of them by `npm run faults`.
 */
const oneIn = process.argv.includes('--every-step') ? 1 : 3

describe('faults at every durable step', { skip }, () => {
  let scene: Scene
  let steps: readonly Step[]

  before(async () => {
    scene = await asked()
    const whole = { ...scene, computer: scene.computer.copy() }
    try {
      assert.equal(await whole.computer.start(), 'ready')
      await whole.computer.plan(null)
      const heard = await oneSession(whole)
      assert.deepEqual(heard.words, ['bad', 'bad', 'ok', 'ok'])
      steps = await whole.computer.steps()
      await whole.computer.restart()
      await everythingIsInOrder(whole, heard)
    } finally {
      await whole.computer.close()
    }
  })
  after(() => scene?.computer.close())

  /** Each step that `isOne` in turn, two at a time; says at which step what did not hold. */
  async function atEvery(isOne: (step: Step) => boolean, fault: Fault, lasting: boolean): Promise<void> {
    const all = steps.flatMap((step, i) => (isOne(step) ? [i + 1] : []))
    assert.ok(all.length > 8, 'there are such steps')
    const numbers = all.filter((_, i) => fault.startsWith('kill') || (i + shiftOf(fault)) % oneIn === 0)
    const wrong: string[] = []
    let next = 0
    const lane = async () => {
      for (let at = numbers[next++]; at !== undefined; at = numbers[next++]) {
        const { kind, file } = steps[at - 1] ?? assert.fail()
        const label = `step ${at} of ${steps.length} (${kind} ${file})`
        await failsAt({ step: at, fault, lasting }).catch((error: Error) =>
          wrong.push(`${label}: ${error.stack}`),
        )
      }
    }
    await Promise.all(Array.from({ length: lanes }, lane))
    assert.deepEqual(wrong, [])
    process.stderr.write(`${fault}${lasting ? ', lasting' : ''}: ${numbers.length} of ${all.length} steps\n`)
  }

  async function failsAt(plan: FaultPlan): Promise<void> {
    const computer = scene.computer.copy()
    const here = { ...scene, computer }
    try {
      assert.equal(await computer.start(), 'ready', computer.log)
      await computer.plan(plan)
      const heard = await oneSession(here)
      computer.log += `heard: ${heard.words.join(', ')}\n`
      if (plan.fault.startsWith('kill')) await computer.died()
      else await endsOnABrokenDisk(here, heard)
      await computer.restart()
      await everythingIsInOrder(here, heard)
    } catch (error) {
      if (error instanceof Error) error.message += `\n${computer.log}`
      throw error
    } finally {
      await computer.close()
    }
  }

  /** A process that lives on: rights that were up are down, also while nothing can be written; then the disk heals. */
  async function endsOnABrokenDisk({ computer }: Scene, heard: Heard): Promise<void> {
    if (heard.raised) assert.ok(!computer.os.canAct(anna), 'the end needs no disk')
    await computer.plan(null)
    await computer.pass(60_000)
  }

  const shiftOf = (fault: Fault) => (diskErrors as readonly string[]).indexOf(fault)
  const every = () => true
  /** Killed after any other step is killed before the next one: nothing happens in between. */
  const ends = ({ kind, file }: Step) =>
    kind === 'sync-folder' || (kind === 'sync' && file.endsWith('.jsonl'))
  const begins = ({ kind, file }: Step) => kind === 'create' || (kind === 'write' && file.endsWith('.jsonl'))
  const writes = ({ kind }: Step) => kind === 'write'

  test('END-2, END-5, EVID-2, LIMIT-1: killed before any change of a file', () =>
    atEvery(every, 'kill', false))
  test('END-2, END-5, EVID-2, LIMIT-1: killed when a file has just become durable', () =>
    atEvery(ends, 'kill-after', false))
  test('END-2, END-5, EVID-2, LIMIT-1: killed in the middle of any write', () =>
    atEvery(writes, 'kill-torn', false))
  for (const error of diskErrors)
    test(`LIMIT-12, END-2, END-4: ${error} at any change of a file, once`, () => atEvery(every, error, false))
  test('LIMIT-12, END-2, END-4: ENOSPC from any change of a file on, until somebody mends it', () =>
    atEvery(every, 'ENOSPC', true))
  for (const error of ['EIO', 'EROFS'] as const)
    test(`LIMIT-12, END-2, END-4: ${error} from any write of a whole on, until somebody mends it`, () =>
      atEvery(begins, error, true))
})
