import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusal, story } from './world.ts'

test(
  'EVID-2 KEY-6: a server that dies between deciding and answering answers when it is back, once',
  story(async (world) => {
    await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    const request = await alice.asks()
    world.server.diesBefore('answer.token')
    assert.equal(await refusal(world.carol.approves(request)), 'server-unreachable')
    await world.clock.pass({ minutes: 1 })
    assert.equal(alice.isAdministrator, false)
    assert.equal((await alice.status()).request?.state, 'pending')
    assert.equal((await alice.status()).device.online, false)

    await world.server.starts()
    assert.equal((await world.carol.request(request)).state, 'approved')
    await world.clock.pass({ minutes: 1 })
    assert.equal(alice.isAdministrator, true)
    assert.equal((await alice.status()).device.online, true)
    const types = (await world.owner.ledger()).map(({ type }) => type)
    assert.equal(types.filter((type) => type === 'request.decided').length, 1)
    assert.equal(types.filter((type) => type === 'code.issued').length, 1)
    assert.equal((await world.carol.sessions()).length, 1)
  }),
)

test(
  'EVID-8: a server that dies with a request on its way has it once when it is back',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    world.server.dies()
    const request = await alice.asks()
    assert.equal(request.sent, false)
    await world.server.starts()
    await world.clock.pass({ minutes: 1 })

    assert.equal((await alice.status()).request?.sent, true)
    assert.deepEqual(
      (await world.carol.requests()).map(({ id }) => id),
      [request.requestId],
    )
    assert.deepEqual((await laptop.state()).unsent, [])
  }),
)

test(
  'KEY-6: an issuer that dies between recording and answering gives the same answer again, counted once',
  story(async (world) => {
    await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    const request = await alice.asks()
    world.issuer.diesAfter('answer.token')
    assert.equal(await refusal(world.carol.approves(request)), 'issuer-unreachable')
    assert.equal((await world.carol.request(request)).state, 'approved')
    await world.clock.pass({ minutes: 1 })
    assert.equal(alice.isAdministrator, false)

    world.issuer.starts()
    await world.clock.pass({ seconds: 10 })
    assert.equal(alice.isAdministrator, true)
    assert.deepEqual(
      world.issuer.answers().map(({ counted }) => counted),
      [1, 0],
    )
    assert.equal((await world.carol.sessions()).length, 1)
  }),
)

test(
  'KEY-6 EVID-4: the same for an answer by telephone: nothing is shown, and asked again the same code comes',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    laptop.network.cut()
    const { requestCode } = await alice.asks('Install the printer driver', { offline: true })
    const heard = await world.carol.hears(requestCode)
    world.issuer.diesAfter('answer.code')
    assert.equal(await refusal(world.carol.answers(heard)), 'issuer-unreachable')
    const shown = (await world.owner.ledger()).filter(({ type }) => type === 'code.issued')
    assert.deepEqual(shown, [])

    world.issuer.starts()
    const first = await world.carol.answers(heard)
    const second = await world.carol.answers(heard)
    assert.equal(first.text, second.text)
    assert.deepEqual(
      world.issuer.answers().map(({ counted }) => counted),
      [1, 0, 0],
    )
    await alice.enters(first.text)
    assert.equal(alice.isAdministrator, true)
  }),
)

test(
  'CODE-5 END-2 END-5: an agent that dies between admitting and raising raises nothing, and the answer is used up',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    const request = await alice.asks()
    laptop.agentDiesAt('before', 'raise')
    await world.carol.approves(request)
    assert.equal(alice.isAdministrator, false)
    assert.equal(await refusal(alice.status()), 'agent-not-running')

    await laptop.agentComesBack()
    await world.clock.pass({ minutes: 1 })
    assert.equal(alice.isAdministrator, false)
    const { session, request: open } = await alice.status()
    assert.deepEqual([session, open], [null, null])
    const [known] = await world.carol.sessions()
    assert.deepEqual([known?.state, known?.endReason], ['ended', 'raise-failed'])
    assert.equal((await laptop.facts('grant.admitted')).length, 1)

    await world.carol.approves(await alice.asks())
    assert.equal(alice.isAdministrator, true)
  }),
)

test(
  'END-2 END-4 END-5: an agent that dies after raising and before writing it down takes the rights away when it is back',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    const request = await alice.asks()
    laptop.agentDiesAt('after', 'raise')
    await world.carol.approves(request)
    assert.equal(alice.isAdministrator, true)

    await laptop.agentComesBack()
    assert.equal(alice.isAdministrator, false)
    await world.clock.pass({ minutes: 1 })
    const [known] = await world.carol.sessions()
    assert.deepEqual([known?.state, known?.endReason], ['ended', 'raise-failed'])
    assert.equal((await world.carol.request(request)).state, 'approved')
    assert.equal((await alice.status()).session, null)
  }),
)

test(
  'END-1: rights end in time also while the agent is dead, and the record is completed when it is back',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    await world.carol.approves(await alice.asks(), { minutes: 15 })
    const { session } = await alice.status()
    assert.ok(session)
    await laptop.agentDies()
    await world.clock.pass({ minutes: 14 })
    assert.equal(alice.isAdministrator, true)
    await world.clock.pass({ minutes: 2 })
    assert.equal(alice.isAdministrator, false)
    assert.equal((await world.carol.session(session)).summary.state, 'live')

    await laptop.agentStarts()
    await world.clock.pass({ minutes: 1 })
    const { summary } = await world.carol.session(session)
    assert.deepEqual([summary.state, summary.endReason], ['ended', 'expired'])
    assert.equal(summary.endedAt, session.endsAt)
  }),
)

test(
  'END-5 REC-2: a session goes on after its agent was restarted, and the recording says that it has a gap',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    await world.carol.approves(await alice.asks(), { minutes: 15 })
    const { session } = await alice.status()
    assert.ok(session)
    await laptop.agentComesBack()
    assert.equal((await alice.status()).session?.sessionId, session.sessionId)
    alice.runs('apt', 'update')
    await world.clock.pass({ minutes: 16 })

    assert.equal(alice.isAdministrator, false)
    const { summary, gaps } = await world.carol.session(session)
    assert.deepEqual([summary.endReason, summary.completeness, gaps.length], ['expired', 'incomplete', 1])
    assert.deepEqual(await world.carol.programs(session), ['apt update'])
  }),
)
