import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRequestCode } from '@stint/code'
import { anna, bert, World } from './world.ts'

const reason = 'Install the printer'
const asking = (more: Record<string, unknown> = {}) => ({ call: 'request', mode: 'session', reason, ...more })
const policyOf = async (world: World, changes: Parameters<World['organisation']['policy']>[0]) => {
  const message = { type: 'policy', policy: world.organisation.policy(changes) }
  assert.deepEqual(await world.courier({ call: 'deliver', message }), { done: true })
}

test('a computer that is not enrolled refuses with not-enrolled', async () => {
  const world = new World()
  await world.start()
  assert.equal(await world.no(anna, asking()), 'not-enrolled')
  assert.equal((await world.status()).device.enrolled, false)
})

test('EVID-2: a request is in the journal and on the disk before its code is shown', async () => {
  const world = await World.enrolled()
  const shown = await world.ask()
  assert.match(shown.requestCode, /^[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{5}$/)
  assert.equal(shown.triesLeft, 5)
  await world.restart()
  assert.equal((await world.requestFact()).requestCode, shown.requestCode)
  assert.equal((await world.status()).request?.requestCode, shown.requestCode)
})

test('the code names device, user and counter: the slot of the policy, and 14 for a user that it does not know', async () => {
  const world = await World.enrolled()
  await policyOf(world, { users: [{ slot: 3, userId: `uid:${anna}:anna` }] })
  const first = parseRequestCode((await world.ask(anna)).requestCode)
  const second = parseRequestCode((await world.ask(bert)).requestCode)
  assert.deepEqual([first.devNo, first.userSlot, first.counterLow], [world.organisation.devNo, 3, 1])
  assert.deepEqual([second.userSlot, second.counterLow], [14, 2])
})

test('LIMIT-7: two requests at once become one: the second is refused with request-open', async () => {
  const world = await World.enrolled()
  const replies = await Promise.all([world.reply(anna, asking()), world.reply(anna, asking())])
  assert.deepEqual(replies.map(({ ok }) => ok).sort(), [false, true])
  assert.equal(await world.no(anna, asking()), 'request-open')
  assert.equal((await world.facts('request.created')).length, 1)
  assert.ok((await world.reply(bert, asking())).ok)
})

test('policy refuses by name: reason, ticket, ceiling, mode, codes by telephone', async () => {
  const world = await World.enrolled()
  assert.equal(await world.no(anna, asking({ reason: '  too short  ' })), 'reason-required')
  assert.equal(await world.no(anna, asking({ reason: 'x'.repeat(251) })), 'reason-required')
  assert.equal(await world.no(anna, asking({ minutes: 241 })), 'minutes-above-ceiling')
  assert.equal(await world.no(anna, asking({ mode: 'application' })), 'mode-not-available')
  await policyOf(world, { ticketRequired: true, offlineCodes: false })
  assert.equal(await world.no(anna, asking()), 'ticket-required')
  assert.equal(await world.no(anna, asking({ ticket: ' ' })), 'ticket-required')
  assert.equal(await world.no(anna, asking({ ticket: 'T-1', offline: true })), 'offline-codes-disabled')
  assert.equal((await world.ask(anna, { ticket: ' T-1 ' })).ticket, 'T-1')
})

test('whom the system does not know is refused with not-eligible, gone or unreachable', async () => {
  const world = await World.enrolled()
  assert.equal(await world.no(4711, asking()), 'not-eligible')
  world.os.knobs.directoryUnreachable = true
  assert.equal(await world.no(anna, asking()), 'not-eligible')
})

test('LIMIT-13: twenty requests in a day, then too-many-requests; a day of powered-on time later again', async () => {
  const world = await World.enrolled()
  for (let i = 0; i < 20; i++) {
    await world.ask()
    await world.ok(anna, { call: 'withdraw' })
  }
  assert.equal(await world.no(anna, asking()), 'too-many-requests')
  world.clock.turnWall(48 * 3_600_000)
  assert.equal(await world.no(anna, asking()), 'too-many-requests')
  await world.restart()
  assert.equal(await world.no(anna, asking()), 'too-many-requests')
  await world.clock.pass(24 * 3_600_000)
  assert.ok((await world.reply(anna, asking())).ok)
})

test('a withdrawn request is void everywhere: its answer is refused, and a new one has another code', async () => {
  const world = await World.enrolled()
  const before = await world.ask()
  const { text } = world.organisation.response(await world.requestFact())
  assert.deepEqual(await world.ok(anna, { call: 'withdraw' }), { requestId: before.requestId })
  assert.equal(await world.no(anna, { call: 'answer', text }), 'expired')
  assert.equal(await world.no(anna, { call: 'withdraw' }), 'no-request')
  assert.equal((await world.status()).lastDecision?.state, 'withdrawn')
  assert.notEqual((await world.ask()).requestCode, before.requestCode)
  const [voided] = await world.facts('request.void')
  assert.deepEqual([voided?.body.requestId, voided?.body.reason], [before.requestId, 'withdrawn'])
})

test('LIMIT-14: a request runs out by powered-on time, whatever the wall clock says', async () => {
  const world = await World.enrolled()
  await policyOf(world, { answerByMinutes: 10 })
  await world.ok(anna, { call: 'watch' })
  await world.ask()
  world.clock.turnWall(3_600_000)
  assert.equal((await world.status()).request?.state, 'pending')
  const { text } = world.organisation.response(await world.requestFact())
  await world.clock.pass(10 * 60_000 + 30_000)
  assert.equal((await world.status()).lastDecision?.state, 'expired')
  assert.equal(await world.no(anna, { call: 'answer', text }), 'expired')
  assert.ok(world.events.some(({ notice }) => notice === 'expired'))
  assert.equal((await world.facts('request.void'))[0]?.body.reason, 'expired')
})

test('sent is what the courier said within two seconds, and never claimed without it', async () => {
  const world = await World.enrolled()
  const stop = world.agent.onCourierState((state) => {
    for (const { requestId } of state.unsent) void world.courier({ call: 'request-sent', requestId })
  })
  assert.equal((await world.ask(anna)).sent, true)
  assert.deepEqual((await world.courierState()).unsent, [])
  stop()
  assert.equal((await world.ask(bert)).sent, false)
  assert.equal((await world.courierState()).unsent[0]?.userName, 'bert')
})

test('a courier that says nothing delays the code by two seconds, not longer, and --offline not at all', async () => {
  const world = await World.enrolled()
  world.agent.onCourierState(() => undefined)
  let shown = 0
  const waiting = world.ask(anna).then((view) => {
    shown += 1
    return view
  })
  await world.clock.pass(1_900)
  assert.equal(shown, 0)
  await world.clock.pass(200)
  assert.equal((await waiting).sent, false)
  assert.equal((await world.ask(bert, { offline: true })).sent, false)
})

test('without codes by telephone an unsent request stays open with its code, and says that it is not sent', async () => {
  const world = await World.enrolled()
  await policyOf(world, { offlineCodes: false })
  const shown = await world.ask()
  assert.deepEqual([shown.sent, shown.state, shown.requestCode.length], [false, 'pending', 17])
  assert.equal((await world.status()).policy.offlineCodes, false)
})

test('a call that is not as agreed is a fault, and names no content', async () => {
  const world = await World.enrolled()
  assert.equal(await world.no(anna, { call: 'request', mode: 'session' }), 'fault:malformed')
  assert.equal(await world.no(anna, { call: 'request', mode: 'session', reason, uid: 0 }), 'fault:malformed')
  const reply = await world.agent.userCall(anna, 'nonsense secret', () => undefined)
  assert.ok(!reply.ok && 'fault' in reply && reply.id === 0 && !reply.fault.message.includes('secret'))
})

test('a full disk refuses a request with a fault, and the person can ask again when there is space', async () => {
  const world = await World.enrolled()
  world.disk.full = true
  assert.equal(await world.no(anna, asking()), 'fault:disk-full')
  world.disk.full = false
  assert.equal((await world.status()).request, null)
  assert.ok((await world.reply(anna, asking())).ok)
  assert.equal((await world.facts('request.created')).length, 1)
})
