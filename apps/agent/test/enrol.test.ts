import assert from 'node:assert/strict'
import { test } from 'node:test'
import { enrolHelloMessage, jcs, verifyEnrolHello } from '@stint/code'
import { Fault } from '@stint/elevation'
import type { EnrolHello, EnrolWelcome } from '@stint/wire/device'
import { readToken } from '../src/enrol/token.ts'
import { verifyDik } from './verify-dik.ts'
import { anna, World } from './world.ts'

const bytes = (hex: string) => Buffer.from(hex, 'hex')
const hasCode = (code: string) => (error: unknown) => error instanceof Fault && error.code === code

async function enrolling() {
  const world = new World()
  await world.start(world.organisation.token())
  const { hello } = await world.courier({ call: 'enrol-hello' })
  return { world, hello: hello as EnrolHello }
}

test('the hello proves the token and the device identity', async () => {
  const { world, hello } = await enrolling()
  const { tenant, psk } = world.organisation
  const fields = {
    tenant: bytes(tenant),
    tokenId: bytes(hello.tokenId),
    dik: bytes(hello.dik),
    dxk: bytes(hello.dxk),
    eD: bytes(hello.eD),
    nD: bytes(hello.nD),
    facts: Buffer.from(jcs(hello.facts)),
  }
  verifyEnrolHello(fields, bytes(psk), bytes(hello.mac))
  assert.ok(verifyDik(hello.dik, enrolHelloMessage(fields), hello.sig))
  assert.deepEqual(
    hello.facts.users.map(({ userId }) => userId),
    ['uid:1000:anna', 'uid:1001:bert'],
  )
  const state = await world.courierState()
  assert.deepEqual([state.state, state.serverUrl], ['enrolling', 'https://stint.example.org'])
})

test('an enrolment goes on where a restart stopped it: the same hello, then the same confirmation', async () => {
  const { world, hello } = await enrolling()
  await world.restart()
  assert.deepEqual((await world.courier({ call: 'enrol-hello' })).hello, hello)
  const welcome = world.organisation.welcome(hello)
  const { confirm } = await world.courier({ call: 'enrol-welcome', welcome })
  await world.restart()
  const offer = await world.courier({ call: 'enrol-hello' })
  assert.deepEqual(offer.confirm, confirm)
  assert.equal(confirm.confirmD, world.organisation.expectedConfirmation)
  assert.equal((await world.courierState()).state, 'enrolling')
  await world.courier({ call: 'enrolled' })
  await world.restart()
  const state = await world.courierState()
  assert.deepEqual([state.state, state.deviceId], ['enrolled', welcome.deviceId])
  assert.deepEqual(await world.types(), ['policy.applied', 'boot', 'seal.rotate'])
})

test('an enrolment survives a power cut at every durable step', async () => {
  for (let step = 1; step <= 9; step++) {
    for (const when of ['before', 'torn', 'after'] as const) {
      const world = new World()
      world.disk.cutAt = { step, when }
      const token = world.organisation.token()
      const enrol = async () => {
        const { hello, confirm } = await world.courier({ call: 'enrol-hello' })
        if (!confirm)
          await world.courier({ call: 'enrol-welcome', welcome: world.organisation.welcome(hello) })
        await world.courier({ call: 'enrolled' })
      }
      await world
        .start(token)
        .then(enrol, () => undefined)
        .catch(() => undefined)
      if (!world.power.on) await world.reboot()
      if ((await world.courierState()).state === 'unenrolled') {
        world.kill()
        world.power = { on: true }
        world.disk = world.disk.rebooted(world.power)
        await world.start(token)
      }
      if ((await world.courierState()).state === 'enrolling') await enrol()
      assert.equal((await world.courierState()).state, 'enrolled', `step ${step} ${when}`)
      world.disk.cutAt = null
      const types = await world.types()
      assert.equal(types.filter((type) => type === 'policy.applied').length, 1, `step ${step} ${when}`)
      await world.raised()
    }
  }
})

test('KEY-9: a welcome is refused by name unless bundle, policy, signature and key agreement all fit', async () => {
  const { world, hello } = await enrolling()
  const { organisation } = world
  const good = organisation.welcome(hello)
  const refusal = (changes: Partial<EnrolWelcome>) =>
    world.courierNo({ call: 'enrol-welcome', welcome: { ...good, ...changes } })
  assert.equal(
    await refusal({ trust: organisation.trust.replace('policy-1', 'policy-2') }),
    'wrong-signature',
  )
  assert.equal(await refusal({ policy: organisation.policy({}, organisation.answerKey) }), 'wrong-signature')
  assert.equal(await refusal({ policy: organisation.policy({ dev: '9'.repeat(32) }) }), 'not-here')
  assert.equal(await refusal({ confirmS: '0'.repeat(64) }), 'wrong-signature')
  assert.equal(await refusal({ sigS: '0'.repeat(128) }), 'wrong-signature')
  assert.equal(await refusal({ eS: '0'.repeat(64) }), 'wrong-signature')
  assert.equal(await refusal({ nS: '7'.repeat(32) }), 'wrong-signature')
  assert.equal(await refusal({ devNo: 1 }), 'wrong-signature')
  assert.equal((await world.courierState()).state, 'enrolling')
  assert.ok((await world.courier({ call: 'enrol-welcome', welcome: good })).confirm)
})

test('a refused enrolment is over until another token comes', async () => {
  const { world } = await enrolling()
  await world.courier({ call: 'enrol-refused', code: 'token-used', message: 'Used up.' })
  assert.equal((await world.courierState()).state, 'unenrolled')
  world.kill()
  world.power = { on: true }
  world.disk = world.disk.rebooted(world.power)
  await world.start(world.organisation.token())
  assert.equal((await world.courierState()).state, 'enrolling')
})

test('a token is ignored by a computer that is enrolled', async () => {
  const world = await World.enrolled()
  const before = (await world.courierState()).deviceId
  world.kill()
  world.power = { on: true }
  world.disk = world.disk.rebooted(world.power)
  await world.start(world.organisation.token())
  assert.equal((await world.courierState()).deviceId, before)
})

test('what is no token, or one that has run out, is a fault by name', () => {
  const token = new World().organisation.token(1_000)
  assert.throws(() => readToken('stint-enroll.nonsense', 0), hasCode('bad-token'))
  assert.throws(() => readToken(token.slice(6), 0), hasCode('bad-token'))
  assert.throws(() => readToken(token, 1_000_001), hasCode('token-expired'))
  assert.equal(readToken(` ${token}\n`, 999_000).exp, 1_000)
})

test('KEY-14: a revoked computer is enrolled anew with a journal of its own', async () => {
  const world = await World.enrolled()
  await world.ask()
  await world.courier({ call: 'deliver', message: { type: 'revoked' } })
  world.kill()
  world.power = { on: true }
  world.disk = world.disk.rebooted(world.power)
  await world.start(world.organisation.token())
  const { hello } = await world.courier({ call: 'enrol-hello' })
  await world.courier({ call: 'enrol-welcome', welcome: world.organisation.welcome(hello) })
  await world.courier({ call: 'enrolled' })
  assert.deepEqual(await world.types(), ['policy.applied', 'boot', 'seal.rotate'])
  await world.raised()
  assert.equal((await world.requestFact()).counter, 1)
})

test('a clock that was turned while a computer is being enrolled does not stop it', async () => {
  const { world } = await enrolling()
  await world.clock.pass(31_000)
  await world.courier({ call: 'enrol-refused', code: 'token-used', message: 'Used up.' })
  world.clock.turnWall(-3_600_000)
  await world.restart()
  world.clock.turnWall(-3_600_000)
  await world.clock.pass(31_000)
  assert.deepEqual(
    world.errors.filter((error) => !error.startsWith('the server refused')),
    [],
  )
})

test('GATE-10: a policy is taken when its signature, device and a rising serial say so, and noted', async () => {
  const world = await World.enrolled()
  const { organisation } = world
  const old = organisation.policy({ minutesCeiling: 60 })
  const fresh = organisation.policy({ minutesCeiling: 30 })
  const deliver = async (policy: string) =>
    (await world.courier({ call: 'deliver', message: { type: 'policy', policy } })).done
  assert.equal(await deliver(fresh), true)
  assert.equal(await deliver(old), false)
  assert.equal(await deliver(fresh), false)
  assert.equal(await deliver(organisation.policy({ dev: '9'.repeat(32) })), false)
  assert.equal(await deliver(organisation.policy({ iss: '9'.repeat(32) })), false)
  assert.equal(await deliver(organisation.policy({}, organisation.answerKey)), false)
  assert.equal(await deliver(organisation.jws({ v: 1 }, 'stint-policy+json', organisation.policyKey)), false)
  assert.equal(await deliver(organisation.jws({ v: 1 }, 'stint-answer+json', organisation.policyKey)), false)
  assert.equal((await world.status()).policy.minutesCeiling, 30)
  await world.restart()
  assert.equal((await world.status()).policy.minutesCeiling, 30)
  assert.equal((await world.facts('policy.applied')).length, 2)
})

test('GATE-10: a kept policy that is not signed stops the start', async () => {
  const world = await World.enrolled()
  world.kill()
  const path = '/state/state.json'
  const state = JSON.parse(Buffer.from(world.disk.files.get(path) ?? []).toString())
  const { organisation } = world
  state.policy = organisation.policy(
    { minutesCeiling: 10_080 },
    { ...organisation.answerKey, kid: 'policy-1' },
  )
  world.disk.files.set(path, Buffer.from(JSON.stringify(state)))
  await assert.rejects(world.restart(), hasCode('policy-unreadable'))
})

test('KEY-4: keys are renewed after a use; both sides hold the same new ones, and the next request uses them', async () => {
  const world = await World.enrolled()
  assert.equal((await world.courierState()).healWanted, false)
  assert.deepEqual(await world.courier({ call: 'heal-hello' }), { hello: null, confirm: null })
  await world.raised()
  await world.ok(anna, { call: 'end' })
  await world.clock.pass(0)
  assert.equal((await world.courierState()).healWanted, true)
  const { hello } = await world.courier({ call: 'heal-hello' })
  assert.equal(hello.epoch, 1)
  const { confirm } = await world.courier({ call: 'heal-answer', answer: world.organisation.heal(hello) })
  assert.equal(confirm.confirmD, world.organisation.expectedConfirmation)
  await world.restart()
  assert.deepEqual(await world.courier({ call: 'heal-hello' }), { hello: null, confirm })
  await world.courier({ call: 'healed', epoch: 1 })
  assert.equal((await world.courierState()).healWanted, false)
  assert.equal((await world.courierState()).status?.epoch, 1)
  await world.raised()
  assert.equal((await world.requestFact()).epoch, 1)
  assert.equal((await world.facts('key.healed'))[0]?.body.epoch, 1)
})

test('a heal that proves nothing changes nothing, and is made again', async () => {
  const world = await World.enrolled()
  await world.courier({ call: 'deliver', message: { type: 'heal' } })
  const { hello } = await world.courier({ call: 'heal-hello' })
  const { crk, epoch } = world.organisation
  const answer = world.organisation.heal(hello)
  const refusal = (changes: object) =>
    world.courierNo({ call: 'heal-answer', answer: { ...answer, ...changes } })
  assert.equal(await refusal({ confirmS: '0'.repeat(64) }), 'wrong-signature')
  assert.equal(await refusal({ sigS: '0'.repeat(128) }), 'wrong-signature')
  assert.equal(await refusal({ epoch: 2 }), 'conflict')
  await world.restart()
  assert.equal(await refusal({}), 'conflict')
  Object.assign(world.organisation, { crk, epoch })
  const again = await world.courier({ call: 'heal-hello' })
  assert.notEqual(again.hello.eD, hello.eD)
  await world.courier({ call: 'heal-answer', answer: world.organisation.heal(again.hello) })
  assert.equal((await world.courierState()).status?.epoch, 1)
})

test('while a request is open keys are renewed only when the server asks, and then the request is over', async () => {
  const world = await World.enrolled()
  await world.raised()
  await world.ok(anna, { call: 'end' })
  await world.clock.pass(0)
  await world.ask()
  assert.deepEqual(await world.courier({ call: 'heal-hello' }), { hello: null, confirm: null })
  await world.courier({ call: 'deliver', message: { type: 'heal' } })
  assert.ok((await world.courier({ call: 'heal-hello' })).hello)
  const { lastDecision } = await world.status()
  assert.deepEqual([lastDecision?.state, lastDecision?.note.includes('renewed')], ['void', true])
})
