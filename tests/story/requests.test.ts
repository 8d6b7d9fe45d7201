import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusal, story } from './world.ts'

test(
  'GATE-2: a denied request reaches the user with the note of who denied it',
  story(async (world) => {
    await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    const request = await alice.asks()
    await world.carol.denies(request, 'Please use the printer on the second floor')

    const { lastDecision, request: open, session } = await alice.status()
    assert.deepEqual([lastDecision?.state, open, session], ['denied', null, null])
    assert.equal(lastDecision?.note, 'Please use the printer on the second floor')
    assert.equal(alice.isAdministrator, false)
    assert.equal((await world.carol.request(request)).state, 'denied')
    assert.equal(await refusal(world.carol.approves(request)), 'already-decided')
    assert.deepEqual(await world.carol.sessions(), [])
  }),
)

test(
  'LIMIT-14: a request that nobody answers runs out on both sides, and nobody can answer it any more',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice')
    await world.owner.sets({ answerByMinutes: 5 })
    const alice = world.person('alice')
    const request = await alice.asks()
    await world.clock.pass({ minutes: 6 })

    assert.equal((await alice.status()).lastDecision?.state, 'expired')
    assert.equal((await world.carol.request(request)).state, 'expired')
    assert.equal(await refusal(world.carol.approves(request)), 'expired')
    assert.deepEqual(
      (await laptop.facts('request.void')).map(({ reason }) => reason),
      ['expired'],
    )
    assert.equal(alice.isAdministrator, false)
  }),
)

test(
  'GATE-1: a request that was withdrawn cannot be approved',
  story(async (world) => {
    await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    const request = await alice.asks()
    await alice.withdraws()

    assert.equal((await alice.status()).lastDecision?.state, 'withdrawn')
    assert.equal((await world.carol.request(request)).state, 'withdrawn')
    assert.equal(await refusal(world.carol.approves(request)), 'withdrawn')
    assert.equal(alice.isAdministrator, false)
  }),
)

test(
  'GATE-1 CODE-4: an approval that crosses a withdrawal on its way raises nothing',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    const request = await alice.asks()
    laptop.network.cut()
    await world.carol.approves(request)
    await alice.withdraws()
    laptop.network.mend()
    await world.clock.pass({ minutes: 5 })

    assert.equal(alice.isAdministrator, false)
    assert.equal((await alice.status()).lastDecision?.state, 'withdrawn')
    assert.deepEqual(await laptop.facts('grant.admitted'), [])
    assert.equal((await world.carol.request(request)).sessionId, null)
  }),
)

test(
  'GATE-1: an approval that arrives after its time raises nothing, and the user is told',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice')
    await world.owner.sets({ startByMinutes: 10 })
    const alice = world.person('alice')
    const request = await alice.asks()
    laptop.network.cut()
    await world.carol.approves(request)
    await world.clock.pass({ minutes: 15 })
    laptop.network.mend()
    await world.clock.pass({ minutes: 5 })

    const { lastDecision } = await alice.status()
    assert.deepEqual([lastDecision?.state, lastDecision?.note], ['expired', 'The answer came too late.'])
    assert.equal(alice.isAdministrator, false)
    assert.equal((await world.carol.request(request)).state, 'approved')
    assert.deepEqual(await world.carol.sessions(), [])
  }),
)

test(
  'WEB-7: nobody agrees to their own request, neither in the console nor by telephone',
  story(async (world) => {
    await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    const herself = await world.colleague('alice')
    const request = await alice.asks()

    assert.equal(await refusal(herself.approves(request)), 'own-request')
    const heard = await herself.hears(request.requestCode)
    assert.equal(await refusal(herself.answers(heard)), 'own-request')
    assert.equal((await world.carol.request(request)).state, 'pending')
    assert.equal((await alice.status()).request?.state, 'pending')
    assert.deepEqual(world.issuer.answers(), [])

    await world.carol.approves(request)
    assert.equal(alice.isAdministrator, true)
  }),
)

test(
  'GATE-7 GATE-8: whoever sits at the same computer neither sees, answers nor withdraws the request of another',
  story(async (world) => {
    await world.computer('train-laptop', 'alice', 'bob')
    const [alice, bob] = [world.person('alice'), world.person('bob')]
    const request = await alice.asks()

    assert.equal((await bob.status()).request, null)
    assert.equal(await refusal(bob.withdraws()), 'no-request')
    assert.equal((await world.carol.request(request)).userId, 'uid:1000:alice')
    await world.carol.approves(request)
    assert.deepEqual([alice.isAdministrator, bob.isAdministrator], [true, false])
    assert.equal((await bob.status()).session, null)
    assert.equal(await refusal(bob.endsSession()), 'no-session')
    assert.equal(alice.isAdministrator, true)
  }),
)

test(
  'LIMIT-7: of two requests of one person at the same moment one is made, and each person has his own',
  story(async (world) => {
    await world.computer('train-laptop', 'alice', 'bob')
    const [alice, bob] = [world.person('alice'), world.person('bob')]
    const [first, second, bobs] = await Promise.allSettled([alice.asks(), alice.asks(), bob.asks()])

    assert.equal(first.status, 'fulfilled')
    assert.equal(second.status === 'rejected' && second.reason.code, 'request-open')
    assert.equal(bobs.status, 'fulfilled')
    const seen = (await world.carol.requests()).map(({ userName, state }) => [userName, state])
    assert.deepEqual(seen.sort(), [
      ['alice', 'pending'],
      ['bob', 'pending'],
    ])
    assert.ok(bobs.status === 'fulfilled')
    await world.carol.approves(bobs.value)
    assert.deepEqual([alice.isAdministrator, bob.isAdministrator], [false, true])
  }),
)

test(
  'GATE-1 EVID-2: of two approvers who decide at the same moment one decides, and the other is told',
  story(async (world) => {
    await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    const dave = await world.colleague('dave')
    const request = await alice.asks()
    const [yes, no] = await Promise.allSettled([
      world.carol.approves(request),
      dave.denies(request, 'Not today'),
    ])

    assert.equal(yes.status, 'fulfilled')
    assert.equal(no.status === 'rejected' && no.reason.code, 'already-decided')
    assert.equal((await dave.request(request)).decision?.by, 'carol')
    assert.equal(alice.isAdministrator, true)
    assert.equal((await alice.status()).lastDecision, null)
  }),
)
