import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { anna, World } from './world.ts'

const beatMs = 30_000

/** An answer is typed; `meanwhile` happens while its grant is on the way to the disk and no rights are up yet. */
async function answeredWhile(meanwhile: (world: World) => unknown): Promise<World> {
  const world = await World.enrolled()
  await world.ask()
  const { text } = world.organisation.response(await world.requestFact(), 15)
  const { disk } = world
  const append = disk.append.bind(disk)
  disk.append = async (path, offset, content) => {
    disk.append = append
    void meanwhile(world)
    for (let i = 0; i < 20; i++) await turn()
    await append(path, offset, content)
  }
  await world.reply(anna, { call: 'answer', text })
  await world.clock.pass(0)
  return world
}

for (const [name, meanwhile] of [
  ['its person ends it', (world: World) => world.reply(anna, { call: 'end' })],
  ['the regular look comes by', (world: World) => world.clock.pass(beatMs)],
] as const)
  test(`END-2, END-4: while a grant is written and ${name}, no rights go up without a record`, async () => {
    const world = await answeredWhile(meanwhile)
    const { session } = await world.status()
    assert.equal(world.os.canAct(anna), session !== null, 'rights are up if and only if the record says so')
    const ends = await world.facts('session.end')
    assert.equal(ends.length, world.os.canAct(anna) ? 0 : 1, 'nobody with rights has an end in the journal')
    if (session) await world.ok(anna, { call: 'end' })
    assert.ok(!world.os.canAct(anna))
  })

test('END-6: an answer that was being admitted when the computer was revoked does not stay', async () => {
  const world = await answeredWhile((busy) => busy.courier({ call: 'deliver', message: { type: 'revoked' } }))
  await world.clock.pass(beatMs)
  assert.ok(!world.os.canAct(anna))
  assert.equal((await world.facts('session.end')).at(-1)?.body.reason, 'ended-by-administrator')
})

test('END-5, END-6: a power cut right after the revocation is durable does not leave its session alive', async () => {
  const world = await World.enrolled()
  await world.raised()
  world.disk.cutAt = { step: world.disk.steps + 1, when: 'after' }
  await world.agent.courierCall({ id: 1, call: 'deliver', message: { type: 'revoked' } })
  assert.ok(!world.power.on)
  await world.restart()
  await world.clock.pass(0)
  assert.equal((await world.courierState()).state, 'revoked')
  assert.ok(!world.os.canAct(anna))
  assert.equal((await world.facts('session.end')).at(-1)?.body.reason, 'ended-by-administrator')
})
