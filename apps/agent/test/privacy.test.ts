import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anna, bert, World } from './world.ts'

test('REC-4: arguments of a person are in the journal only, and nothing of a session is shown to anybody else', async () => {
  const world = await World.enrolled()
  const { sessionId } = await world.raised(anna)
  await world.ok(bert, { call: 'watch' })
  world.recorder.starts(anna, ['/usr/bin/mysql', 'from hunter2'])
  await world.clock.pass(300)
  const shown = async (uid: number) =>
    JSON.stringify([
      await world.status(uid),
      await world.ok(uid, { call: 'history', limit: 10 }),
      world.events,
    ])
  for (const when of ['live', 'ended']) {
    assert.ok(!(await shown(bert)).includes(sessionId), when)
    assert.ok((await shown(anna)).includes(sessionId), when)
    for (const uid of [anna, bert]) assert.ok(!(await shown(uid)).includes('hunter2'), when)
    if (when === 'live') await world.ok(anna, { call: 'end' })
    await world.clock.pass(1_000)
  }
  const [process] = await world.facts('process.elevated')
  assert.deepEqual(process?.body.args, ['/usr/bin/mysql', 'from hunter2'])
  assert.ok(!world.errors.some((line) => line.includes('hunter2')))
})
