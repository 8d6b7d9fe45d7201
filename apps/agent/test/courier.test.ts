import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leafOf } from '@stint/chain'
import { deviceSessionMessage } from '@stint/code'
import { verifyDik } from './verify-dik.ts'
import { anna, World } from './world.ts'

const at = '2026-11-22T09:00:00.000Z'

async function receiptFor(world: World, upTo: number) {
  const entry = (await world.entries())[upTo - 1]
  return { upTo, leaf: entry ? leafOf(entry.header) : null, at }
}

test('the device proves itself for one courier key and nonce', async () => {
  const world = await World.enrolled()
  const [nonce, courierKey] = ['ab'.repeat(32), 'cd'.repeat(32)]
  const { sig } = await world.courier({ call: 'prove', nonce, courierKey })
  const [tenant, deviceId] = [world.organisation.tenant, world.organisation.deviceId].map((id) =>
    Buffer.from(id, 'hex'),
  )
  assert.ok(tenant && deviceId)
  const bytes = { nonce: Buffer.from(nonce, 'hex'), courierKey: Buffer.from(courierKey, 'hex') }
  const message = deviceSessionMessage({ tenant, deviceId, ...bytes })
  assert.ok(verifyDik(world.organisation.hello?.dik ?? '', message, sig))
  const fresh = new World()
  await fresh.start()
  assert.equal(await fresh.courierNo({ call: 'prove', nonce, courierKey }), 'not-enrolled')
})

test('EVID-3: a receipt is kept when its leaf is ours, noted once, and never asks for a receipt of itself', async () => {
  const world = await World.enrolled()
  await world.ask()
  assert.deepEqual((await world.courierState()).journal, { size: 3, received: 0 })
  await world.courier({ call: 'receipt', receipt: await receiptFor(world, 3) })
  assert.deepEqual((await world.courierState()).journal, { size: 4, received: 3 })
  await world.courier({ call: 'receipt', receipt: await receiptFor(world, 4) })
  assert.deepEqual((await world.courierState()).journal, { size: 4, received: 4 })
  await world.restart()
  assert.deepEqual((await world.courierState()).journal, { size: 4, received: 4 })
})

test('EVID-3: a receipt for what we never wrote is refused with journal-gap; a lower one is believed', async () => {
  const world = await World.enrolled()
  const good = await receiptFor(world, 2)
  assert.equal(
    await world.courierNo({ call: 'receipt', receipt: { ...good, leaf: '0'.repeat(64) } }),
    'journal-gap',
  )
  assert.equal(await world.courierNo({ call: 'receipt', receipt: { ...good, upTo: 1 } }), 'journal-gap')
  assert.equal(
    await world.courierNo({ call: 'receipt', receipt: { upTo: 9, leaf: null, at } }),
    'journal-gap',
  )
  await world.courier({ call: 'receipt', receipt: good })
  await world.courier({ call: 'receipt', receipt: { upTo: 0, leaf: null, at } })
  assert.equal((await world.courierState()).journal.received, 0)
})

test('the courier hears of every change, and the person of contact with the server', async () => {
  const world = await World.enrolled()
  const sizes: number[] = []
  world.agent.onCourierState(({ journal }) => sizes.push(journal.size))
  await world.courier({ call: 'contact', online: true })
  assert.equal((await world.status()).device.online, true)
  await world.ask(anna, { offline: true })
  assert.equal(sizes.at(-1), 3)
  await world.clock.pass(61_000)
  assert.equal((await world.status()).device.online, false)
  assert.ok((await world.status()).device.lastContactAt)
})

test('a device status names weaknesses in plain words, and people as they come and go', async () => {
  const world = await World.enrolled()
  const uids: number[][] = []
  world.agent.onPeople((now) => uids.push([...now]))
  world.os.deviceFacts = { ...world.os.deviceFacts, polkit: false }
  world.os.addAccount(1002, 'carla')
  await world.clock.pass(31_000)
  assert.deepEqual(uids, [
    [1000, 1001],
    [1000, 1001, 1002],
  ])
  const { status } = await world.courierState()
  assert.equal(status?.facts.users.length, 3)
  assert.match(status?.facts.weaknesses.join(' ') ?? '', /polkit/)
})

test('a call that is not as agreed is a fault under its own number', async () => {
  const world = await World.enrolled()
  const reply = await world.agent.courierCall({ id: 7, call: 'journal', from: -1, limit: 10 })
  assert.ok(!reply.ok && 'fault' in reply && reply.id === 7)
  assert.equal(reply.fault.code, 'malformed')
})
