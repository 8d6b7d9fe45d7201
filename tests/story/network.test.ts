import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusal, story } from './world.ts'

test(
  'EVID-3 EVID-8: a session outlives the network, ends in time, and its journal arrives later, once',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    await world.carol.approves(await alice.asks(), { minutes: 15 })
    const { session } = await alice.status()
    assert.ok(session)
    alice.runs('apt', 'update')
    await world.clock.pass({ minutes: 1 })
    laptop.network.cut()
    alice.runs('apt', 'install', 'printer-driver')
    await world.clock.pass({ minutes: 20 })
    assert.equal(alice.isAdministrator, false)
    assert.equal((await alice.status()).device.online, false)
    assert.equal((await world.carol.session(session)).summary.state, 'live')
    assert.deepEqual(await world.carol.programs(session), ['apt update'])

    laptop.network.mend()
    await world.clock.pass({ minutes: 6 })
    const { summary } = await world.carol.session(session)
    assert.deepEqual([summary.endReason, summary.completeness], ['expired', 'complete'])
    assert.deepEqual(await world.carol.programs(session), ['apt update', 'apt install printer-driver'])
    assert.equal((await alice.status()).device.online, true)
  }),
)

test(
  'EVID-3 EVID-8: an upload whose receipt is lost is sent again and stored once',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    await world.carol.approves(await alice.asks())
    const { session } = await alice.status()
    assert.ok(session)
    laptop.network.losesAnswerTo('/journal')
    await alice.endsSession()
    await world.clock.pass({ minutes: 1 })
    assert.equal((await world.carol.session(session)).summary.state, 'ended')
    const { journal } = await laptop.state()
    assert.ok(journal.received < journal.size, 'nothing was lost')

    laptop.network.mend()
    await world.clock.pass({ minutes: 6 })
    const after = (await laptop.state()).journal
    assert.ok(after.received >= journal.size, 'the receipt never came')
    assert.equal((await world.carol.session(session)).summary.processes, 0)
  }),
)

test(
  'EVID-8: a request whose arrival was not heard of is sent again and known once',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    laptop.network.losesAnswerTo('/device/requests')
    const request = await alice.asks()
    assert.equal(request.sent, false)
    assert.equal((await world.carol.request(request)).state, 'pending')

    laptop.network.mend()
    await world.clock.pass({ minutes: 1 })
    assert.equal((await alice.status()).request?.sent, true)
    assert.equal((await world.carol.requests()).length, 1)
    await world.carol.approves(request)
    assert.equal(alice.isAdministrator, true)
  }),
)

test(
  'GATE-2: approved while the computer was away, the answer arrives when it comes back',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    const request = await alice.asks()
    laptop.network.cut()
    await world.carol.approves(request)
    await world.clock.pass({ minutes: 5 })
    assert.equal(alice.isAdministrator, false)
    assert.equal((await alice.status()).request?.state, 'pending')

    laptop.network.mend()
    await world.clock.pass({ minutes: 2 })
    assert.equal(alice.isAdministrator, true)
    assert.equal((await world.carol.request(request)).state, 'approved')
    assert.equal((await world.carol.sessions()).length, 1)
  }),
)

test(
  'GATE-2: a request approved in the console can be answered by telephone as well, and still counts once',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    const request = await alice.asks()
    laptop.network.cut()
    await world.carol.approves(request, { minutes: 15 })
    const { text } = await world.carol.answers(await world.carol.hears(request.requestCode), { minutes: 15 })
    await alice.enters(text)
    assert.equal(alice.isAdministrator, true)
    await alice.endsSession()

    laptop.network.mend()
    await world.clock.pass({ minutes: 6 })
    assert.equal(alice.isAdministrator, false)
    assert.equal((await laptop.facts('grant.admitted')).length, 1)
    const [session, ...others] = await world.carol.sessions()
    assert.deepEqual([session?.credential, others.length], ['response-code', 0])
    assert.equal((await world.carol.request(request)).sessionId, session?.id)
  }),
)

test(
  'CODE-5 GATE-8: an answer token works once, for the one who asked, whoever delivers it and however often',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice', 'bob')
    const [alice, bob] = [world.person('alice'), world.person('bob')]
    const bobs = await bob.asks()
    const request = await alice.asks()
    laptop.network.cut()
    await world.carol.approves(request)
    const deviceId = await laptop.deviceId()
    const [answer] = (await world.server.messagesTo(deviceId)).filter(({ type }) => type === 'answer')
    assert.ok(answer?.token)

    const forBob = { type: 'answer', requestId: bobs.requestId, token: answer.token }
    assert.deepEqual(await laptop.delivered(forBob), { done: false })
    assert.match(await refusal(bob.enters(answer.token)), /^(not-you|bad|not-here)$/)
    assert.deepEqual([alice.isAdministrator, bob.isAdministrator], [false, false])

    assert.deepEqual(await laptop.delivered(answer), { done: true })
    assert.equal(alice.isAdministrator, true)
    assert.deepEqual(await laptop.delivered(answer), { done: false })
    assert.equal(await refusal(alice.enters(answer.token)), 'already-granted')
    await alice.endsSession()
    assert.deepEqual(await laptop.delivered(answer), { done: false })
    assert.equal(await refusal(alice.enters(answer.token)), 'consumed')

    laptop.network.mend()
    await world.clock.pass({ minutes: 6 })
    assert.deepEqual([alice.isAdministrator, bob.isAdministrator], [false, false])
    assert.equal((await laptop.facts('grant.admitted')).length, 1)
    assert.equal((await bob.status()).request?.requestId, bobs.requestId)
  }),
)

test(
  'CODE-9: an answer token that was changed on its way raises nothing',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    const request = await alice.asks()
    laptop.network.cut()
    await world.carol.approves(request, { minutes: 15 })
    const deviceId = await laptop.deviceId()
    const [answer] = (await world.server.messagesTo(deviceId)).filter(({ type }) => type === 'answer')
    const [header = '', payload = '', signature = ''] = answer?.token?.split('.') ?? []
    const longer = Buffer.from(payload, 'base64url').toString().replace('"dur":900', '"dur":9000')
    const forged = [header, Buffer.from(longer).toString('base64url'), signature].join('.')

    assert.match(longer, /"dur":9000/)
    assert.equal(await refusal(alice.enters(forged)), 'wrong-signature')
    assert.equal(alice.isAdministrator, false)
    laptop.network.mend()
    await world.clock.pass({ minutes: 1 })
    assert.equal(alice.isAdministrator, true)
  }),
)
