import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CrashPoint } from '../src/os/fake/fake-os.ts'
import type { MemoryDisk } from './memory-disk.ts'
import { anna, World } from './world.ts'

/** What a person does: asks, is answered, works, gives it back. Stops where the agent dies. */
async function story(world: World, until: { done: string }): Promise<void> {
  await world.ok(anna, { call: 'request', mode: 'session', reason: 'Install the printer' })
  until.done = 'asked'
  const { text } = world.organisation.response(await world.requestFact(), 15)
  until.done = 'answering'
  await world.ok(anna, { call: 'answer', text })
  until.done = 'raised'
  world.recorder.starts(anna, ['/usr/bin/id'])
  await world.clock.pass(300)
  await world.ok(anna, { call: 'end' })
  await world.clock.pass(0)
  until.done = 'ended'
}

async function dies(world: World): Promise<string> {
  const until = { done: 'nothing' }
  const steps = story(world, until).catch(() => undefined)
  for (let i = 0; i < 40 && world.power.on && until.done !== 'ended'; i++) {
    await Promise.race([steps, new Promise((resolve) => setImmediate(resolve))])
    await world.clock.pass(500)
  }
  world.kill()
  await steps
  return until.done
}

/** Whatever the crash left, this holds when the agent is back and time has passed. */
async function checkAfterwards(world: World, label: string): Promise<void> {
  await world.clock.pass(0)
  const facts = await world.allFacts()
  const of = (type: string) => facts.filter((fact) => fact.type === type)
  const open = (await world.status()).session
  if (world.os.canAct(anna)) assert.ok(open, `${label}: rights without a session that is shown`)
  assert.equal(of('session.start').length, of('grant.admitted').length, `${label}: every grant has its start`)
  assert.ok(of('grant.admitted').length <= 1, `${label}: a use counted twice`)
  assert.ok(of('request.created').length <= 1, `${label}: a request told of twice`)
  assert.ok(of('session.end').length <= of('session.start').length, `${label}: an end without a start`)
  assert.ok(world.os.calls.filter((call) => call.startsWith('raise')).length <= 1, `${label}: raised twice`)
  if (!open)
    assert.equal(of('session.end').length, of('session.start').length, `${label}: a start without an end`)
  const wasRaised = world.os.calls.some((call) => call.startsWith('raise'))
  if (wasRaised)
    assert.equal(of('grant.admitted').length, 1, `${label}: rights without a grant in the journal`)
  await world.clock.pass(20 * 60_000)
  assert.ok(!world.os.canAct(anna), `${label}: rights beyond the deadline`)
  assert.equal((await world.status()).session, null, `${label}: a session beyond the deadline`)
  const after = await world.allFacts()
  const ends = after.filter(({ type }) => type === 'session.end').length
  assert.equal(ends, of('session.start').length, `${label}: every start has one end`)
  assert.equal(await world.verifySeals(), (await world.entries()).length, `${label}: all of it is sealed`)
  sealedBeforeRights(
    after.map(({ type }) => type),
    wasRaised,
    label,
  )
  const again = await world.reply(anna, { call: 'request', mode: 'session', reason: 'Once more please' })
  const stillOpen = !again.ok && 'refused' in again && again.refused.code === 'request-open'
  assert.ok(again.ok || stillOpen, `${label}: nobody can ask any more: ${JSON.stringify(again)}`)
}

/** E7 `raised-unsealed` of spec: evidence. A session that never came up may be told of without. */
function sealedBeforeRights(types: readonly string[], wasRaised: boolean, label: string): void {
  const between = types.slice(types.indexOf('grant.admitted'), types.indexOf('session.start'))
  if (wasRaised) assert.ok(between.includes('seal.rotate'), `${label}: raised before its grant was sealed`)
}

async function stepsOfStory(): Promise<{ from: number; to: number }> {
  const world = await World.enrolled()
  const from = world.disk.steps
  await story(world, { done: '' })
  return { from, to: world.disk.steps }
}

for (const after of ['the process dies', 'the power goes'] as const) {
  for (const when of ['before', 'torn', 'after'] as const) {
    test(`END-2, EVID-2, EVID-9: ${after} ${when === 'torn' ? 'in the middle of' : when} any durable step: nothing is lost, doubled or left up`, async () => {
      const { from, to } = await stepsOfStory()
      assert.ok(to - from > 8, 'the story has durable steps')
      for (let step = from + 1; step <= to; step++) {
        const world = await World.enrolled()
        world.disk.cutAt = { step, when }
        const done = await dies(world)
        const label = `step ${step - from}, ${when}, ${done}`
        if (after === 'the power goes') await world.reboot()
        else await world.restart()
        await checkAfterwards(world, label)
      }
    })
  }
}

for (const point of ['raise', 'lower', 'endProcesses'] as const satisfies CrashPoint[]) {
  test(`the process dies right after the system did: ${point}`, async () => {
    const world = await World.enrolled()
    world.os.knobs.crashAfter = point
    const done = await dies(world)
    await world.restart()
    if (point === 'raise') {
      assert.ok(!world.os.canAct(anna), 'a crash between raising and recording it is repaired by lowering')
      assert.equal((await world.facts('session.end'))[0]?.body.reason, 'raise-failed')
    }
    await checkAfterwards(world, `${point}, ${done}`)
  })
}

test('END-5: the process dies at any durable step of its own start, after a crash with rights up', async () => {
  for (let step = 1; step <= 4; step++) {
    const world = await World.enrolled()
    world.os.knobs.crashAfter = 'raise'
    await dies(world)
    world.os.knobs.crashAfter = null
    world.power = { on: true }
    world.disk = world.disk.rebooted(world.power)
    world.disk.cutAt = { step, when: 'after' }
    await world.start().catch(() => undefined)
    await world.clock.pass(10)
    await world.restart()
    await checkAfterwards(world, `start, step ${step}`)
  }
})

test('END-4: an end that the journal could not take at first is in it once when it can', async () => {
  const world = await World.enrolled()
  await world.raised()
  world.disk.full = true
  world.disk.fullFor = '.jsonl'
  await world.ok(anna, { call: 'end' })
  await world.clock.pass(60_000)
  assert.ok(!world.os.canAct(anna))
  world.disk.full = false
  await world.clock.pass(60_000)
  assert.equal((await world.facts('session.end')).length, 1)
  await world.restart()
  assert.equal((await world.facts('session.end')).length, 1)
})

test('what a crashed agent left recording is cleared at the next start', async () => {
  const world = await World.enrolled()
  const before = world.recorder.recoveries
  await world.restart()
  assert.equal(world.recorder.recoveries, before + 1)
})

test('END-5: a recorder that cannot clear up does not keep rights from being lowered', async () => {
  const world = await World.enrolled()
  world.os.knobs.crashAfter = 'raise'
  await dies(world)
  world.recorder.knobs.failRecover = true
  await world.restart()
  assert.ok(!world.os.canAct(anna))
  assert.ok(world.errors.some((line) => line.startsWith('what recording left behind could not be cleared')))
})

test('LIMIT-1: a try that was counted stays counted when the power goes before the verdict', async () => {
  const world = await World.enrolled()
  await world.ask()
  const fact = await world.requestFact()
  const bad = world.organisation.response({ ...fact, policySerial: fact.policySerial + 1 }).text
  for (let left = 4; left >= 0; left--) {
    world.disk.cutAt = { step: world.disk.steps + 1, when: 'after' }
    await world.reply(anna, { call: 'answer', text: bad })
    await world.reboot()
    if (left > 0) assert.equal((await world.status()).request?.triesLeft, left)
  }
  await world.clock.pass(31_000)
  assert.equal((await world.status()).lastDecision?.state, 'void')
  assert.equal((await world.facts('request.void'))[0]?.body.reason, 'too-many-wrong')
})

test('LIMIT-1: a try is counted before it is compared, also when it is the right one', async () => {
  const world = await World.enrolled()
  await world.ask()
  const { text } = world.organisation.response(await world.requestFact())
  world.disk.cutAt = { step: world.disk.steps + 1, when: 'after' }
  assert.ok(!(await world.reply(anna, { call: 'answer', text })).ok)
  await world.reboot()
  const { request } = await world.status()
  assert.deepEqual([request?.state, request?.triesLeft], ['pending', 4])
  await world.ok(anna, { call: 'answer', text })
})

test('counters never go back: a request that was cut before it was shown keeps its number', async () => {
  const world = await World.enrolled()
  const first = world.disk.steps + 1
  world.disk.cutAt = { step: first, when: 'after' }
  await world.reply(anna, { call: 'request', mode: 'session', reason: 'Install the printer' })
  await world.reboot()
  const cut = await world.requestFact()
  await world.ok(anna, { call: 'withdraw' })
  await world.ask()
  assert.equal((await world.requestFact()).counter, cut.counter + 1)
})

test('LIMIT-15: a computer without its state is not enrolled, and its old answers raise nobody', async () => {
  const world = await World.enrolled()
  await world.ask()
  const { text } = world.organisation.response(await world.requestFact())
  world.kill()
  world.disk.files.delete('/state/state.json')
  await world.restart()
  assert.equal(await world.no(anna, { call: 'answer', text }), 'not-enrolled')
  assert.equal(
    await world.no(anna, { call: 'request', mode: 'session', reason: 'Install the printer' }),
    'not-enrolled',
  )
  assert.ok(!world.os.canAct(anna))
})

test('LIMIT-15, EVID-12: state that cannot be read, or a journal with its end missing, stops the start with a fault', async () => {
  const broken = async (spoil: (disk: MemoryDisk) => void) => {
    const world = await World.enrolled()
    await world.ask()
    world.kill()
    spoil(world.disk)
    return world.restart().then(
      () => 'started',
      (error: { code: string }) => error.code,
    )
  }
  assert.equal(
    await broken((disk) => disk.files.set('/state/state.json', Buffer.from('{"v":1'))),
    'state-unreadable',
  )
  assert.equal(
    await broken((disk) => disk.files.set('/state/state.json', Buffer.from('{"v":2}'))),
    'state-unreadable',
  )
  const cutJournal = (disk: MemoryDisk) => {
    const path = [...disk.files.keys()].find((name) => name.endsWith('.jsonl')) ?? ''
    disk.files.set(path, new Uint8Array())
  }
  assert.equal(await broken(cutJournal), 'journal-damaged')
})
