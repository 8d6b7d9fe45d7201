import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusal, story } from './world.ts'

test(
  'GATE-9: a computer that was never enrolled grants nothing, and the server knows nothing of it',
  story(async (world) => {
    await world.newComputer('strange-laptop', ['alice'])
    const alice = world.person('alice')

    assert.equal(await refusal(alice.asks()), 'not-enrolled')
    assert.equal(await refusal(alice.enters('ABCDE-FGHJK')), 'not-enrolled')
    assert.equal((await alice.status()).device.enrolled, false)
    assert.equal(await refusal(world.carol.hears('ABCDE-FGHJK-MNPQR')), 'unknown-device')
    assert.deepEqual(await world.owner.devices(), [])
  }),
)

test(
  'KEY-9: an enrolment token for one computer enrols one computer, and the second is told why not',
  story(async (world) => {
    const token = await world.owner.enrollmentToken({ uses: 1 })
    const first = await world.newComputer('first-laptop', ['alice'], token)
    const second = await world.newComputer('second-laptop', ['bob'], token)

    assert.deepEqual([(await first.state()).state, (await second.state()).state], ['enrolled', 'unenrolled'])
    assert.match(second.faults.splice(0).join(), /token-used/)
    assert.equal(await refusal(world.person('bob').asks()), 'not-enrolled')
    assert.deepEqual(
      (await world.owner.devices()).map(({ name }) => name),
      ['first-laptop'],
    )
    await world.carol.approves(await world.person('alice').asks())
    assert.equal(world.person('alice').isAdministrator, true)
  }),
)

test(
  'KEY-14: revoking a computer ends the session on it at once; it asks for nothing more and no code of it is answered',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice', 'bob')
    const [alice, bob] = [world.person('alice'), world.person('bob')]
    const bobs = await bob.asks()
    await world.carol.approves(await alice.asks(), { minutes: 60 })
    assert.equal(alice.isAdministrator, true)
    const deviceId = await laptop.deviceId()
    await world.owner.revokes(deviceId)

    assert.equal(alice.isAdministrator, false)
    assert.equal((await alice.lastSession())?.endReason, 'ended-by-administrator')
    assert.equal((await alice.status()).device.enrolled, false)
    assert.equal(await refusal(alice.asks()), 'device-revoked')
    assert.equal((await bob.status()).request, null)
    assert.equal(await refusal(world.carol.approves(bobs)), 'device-revoked')
    assert.equal(await refusal(world.carol.hears(bobs.requestCode)), 'unknown-device')
    assert.equal((await world.owner.device(deviceId)).state, 'revoked')
  }),
)

test(
  'KEY-14: a computer that was revoked while it had no network learns of it when it comes back',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    const deviceId = await laptop.deviceId()
    laptop.network.cut()
    const { requestCode } = await alice.asks('Install the printer driver', { offline: true })
    await world.owner.revokes(deviceId)
    assert.equal(await refusal(world.carol.hears(requestCode)), 'unknown-device')

    laptop.network.mend()
    await world.clock.pass({ minutes: 6 })
    assert.equal((await laptop.state()).state, 'revoked')
    assert.equal((await alice.status()).request, null)
    assert.equal(await refusal(alice.asks()), 'device-revoked')
    assert.deepEqual(await world.carol.sessions(), [])
  }),
)

test(
  'KEY-13 EVID-5: two computers with one identity are both stopped, and an administrator is asked to look',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice')
    const deviceId = await laptop.deviceId()
    const copy = laptop.copyOfDisk()
    const alice = world.person('alice')
    await world.carol.approves(await alice.asks())
    await alice.endsSession()
    await world.clock.pass({ minutes: 1 })
    const clone = await world.clone('stolen-copy', ['alice'], copy)
    const thief = world.person('alice', clone)
    const asked = thief.asks().then(
      ({ sent }) => sent,
      (error) => error.code,
    )

    assert.equal(await asked, false)
    await world.clock.pass({ minutes: 1 })
    const device = await world.owner.device(deviceId)
    assert.deepEqual([device.state, device.online], ['suspended', false])
    const open = (await world.carol.requests()).filter(({ state }) => state === 'pending')
    for (const { id } of open)
      assert.equal(await refusal(world.carol.approves({ requestId: id })), 'device-suspended')
    const request = await alice.asks()
    assert.equal(request.sent, false)
    const heard = await world.carol.hears(request.requestCode)
    assert.equal(await refusal(world.carol.answers(heard)), 'device-suspended')
    assert.deepEqual([alice.isAdministrator, thief.isAdministrator], [false, false])
    const suspended = (await world.owner.ledger()).filter(({ type }) => type === 'device.suspended')
    assert.equal(suspended.length, 1)

    world.scraps(clone)
    await world.owner.releases(deviceId)
    await world.clock.pass({ minutes: 6 })
    assert.equal((await alice.status()).request?.sent, true)
    await world.carol.approves({ requestId: heard.request?.id ?? '' })
    assert.deepEqual([alice.isAdministrator, (await world.carol.sessions()).length], [true, 2])
  }),
)

test(
  'KEY-4: keys are new after an answer was used and again after the session, in which they could be read',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    const epochs = async () => (await laptop.facts('key.healed')).map(({ epoch }) => epoch)
    await world.carol.approves(await alice.asks())
    assert.deepEqual(await epochs(), [1])
    await alice.endsSession()
    assert.deepEqual(await epochs(), [1, 2])

    const { requestCode } = await alice.asks()
    const { text } = await world.carol.answers(await world.carol.hears(requestCode))
    await alice.enters(text)
    assert.equal(alice.isAdministrator, true)
    assert.equal((await laptop.state()).status?.epoch, 3)
    const healed = (await world.owner.ledger()).filter(({ type }) => type === 'device.healed')
    assert.equal(healed.length, 3)
  }),
)

test(
  'KEY-4 CODE-4: the end of one session does not void what somebody else has asked; new keys wait for it',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice', 'bob')
    const [alice, bob] = [world.person('alice'), world.person('bob')]
    const request = await bob.asks()
    await world.carol.approves(await alice.asks())
    await alice.endsSession()
    await world.clock.pass({ minutes: 2 })
    assert.equal((await bob.status()).request?.requestId, request.requestId)
    assert.deepEqual(await laptop.facts('key.healed'), [])

    const { text } = await world.carol.answers(await world.carol.hears(request.requestCode))
    await bob.enters(text)
    assert.equal(bob.isAdministrator, true)
    assert.equal((await laptop.facts('key.healed')).length, 1)
  }),
)

test(
  'GATE-10: a changed policy reaches the computer, and an older one delivered again does not come back',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    await world.owner.sets({ minutesCeiling: 30, minutesDefault: 10 })
    const deviceId = await laptop.deviceId()
    const { status } = await laptop.state()
    assert.equal((await alice.status()).policy.minutesCeiling, 30)
    assert.equal((await world.owner.device(deviceId)).policySerial, status?.policySerial)

    await world.owner.sets({ minutesCeiling: 60 })
    assert.equal((await alice.status()).policy.minutesCeiling, 60)
    const [old] = (await world.server.messagesTo(deviceId)).filter(({ type }) => type === 'policy')
    assert.deepEqual(await laptop.delivered(old ?? {}), { done: false })
    assert.equal((await alice.status()).policy.minutesCeiling, 60)
    assert.equal(
      await refusal(alice.asks('Install the printer driver', { minutes: 61 })),
      'minutes-above-ceiling',
    )
    const request = await alice.asks('Install the printer driver', { minutes: 60 })
    assert.equal(await refusal(world.carol.approves(request, { minutes: 61 })), 'ceiling')
  }),
)
