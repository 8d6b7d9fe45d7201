import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anna, World } from './world.ts'

const shorter = { minutesCeiling: 10, minutesDefault: 10 }

/** The policy shortens Anna's session, and the system takes its time over it. */
async function shortening(world: World): Promise<{ letGo: () => void; delivered: Promise<unknown> }> {
  const real = world.os.raise.bind(world.os)
  let letGo = (): void => undefined
  const reached = new Promise<void>((begun) => {
    Object.assign(world.os, {
      raise: async (order: Parameters<typeof real>[0]) => {
        begun()
        await new Promise<void>((resolve) => {
          letGo = resolve
        })
        return real(order)
      },
    })
  })
  const policy = world.organisation.policy({ offlineCodes: true, ...shorter })
  const delivered = world.courier({ call: 'deliver', message: { type: 'policy', policy } })
  await reached
  return { letGo, delivered }
}

test('END-4, END-14: an end in the middle of a shortening leaves no rights behind it', async () => {
  const world = await World.enrolled()
  await world.raised(anna, 60)
  const { letGo, delivered } = await shortening(world)
  const ended = world.ok(anna, { call: 'end' })
  await world.clock.pass(0)
  letGo()
  await Promise.all([ended, delivered])
  await world.clock.pass(60_000)
  assert.equal(world.os.canAct(anna), false)
  assert.deepEqual(await world.os.raisedSessions(), [])
  const ends = (await world.facts('session.end')).map(({ body }) => [body.reason, body.proven])
  assert.deepEqual(ends, [['ended-by-user', true]])
  assert.equal((await world.status()).session, null)
})

test('END-5: rights of ours that no record explains are taken away while the agent runs, too', async () => {
  const world = await World.enrolled()
  const { wallMs, bootMs } = world.clock.now()
  const day = 24 * 60 * 60_000
  await world.os.raise({
    sessionId: 'planted',
    uid: anna,
    endsAtWallMs: wallMs + day,
    endsAtBootMs: bootMs + day,
  })
  await world.clock.pass(30_000)
  assert.equal(world.os.canAct(anna), false)
  assert.ok(world.errors.some((line) => line.includes('rights without a record were found')))
})
