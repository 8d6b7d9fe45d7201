import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anna, World } from './world.ts'

test('a request, its spoken answer, a session and its end stand in the journal in this order', async () => {
  const world = await World.enrolled()
  const session = await world.raised()
  assert.ok(world.os.canAct(anna))
  assert.equal(session.endReason, null)
  const ended = await world.ok<typeof session>(anna, { call: 'end' })
  assert.equal(ended.endReason, 'ended-by-user')
  assert.ok(!world.os.canAct(anna))
  await world.clock.pass(0)
  assert.deepEqual(await world.types(), [
    'policy.applied',
    'boot',
    'request.created',
    'seal.rotate',
    'grant.admitted',
    'seal.rotate',
    'session.start',
    'session.end',
    'seal.rotate',
    'system.changed',
    'seal.rotate',
  ])
  const [end] = await world.facts('session.end')
  assert.deepEqual([end?.body.reason, end?.body.proven], ['ended-by-user', true])
  assert.deepEqual(world.errors, [])
})
