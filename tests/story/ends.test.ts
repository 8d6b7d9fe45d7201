import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusal, story } from './world.ts'

test(
  'END-6 END-7: a user ends his session early, and the programs that he started with it end too',
  story(async (world) => {
    await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    await world.carol.approves(await alice.asks())
    const shell = alice.runs('bash')
    await world.clock.pass({ minutes: 3 })
    const session = await alice.endsSession()

    assert.equal(session.endReason, 'ended-by-user')
    assert.equal(alice.isAdministrator, false)
    assert.equal(alice.computer.os.isRunning(shell), false)
    assert.equal((await alice.status()).session, null)
    await world.clock.pass({ seconds: 5 })
    const { summary, proven, stillRunning } = await world.carol.session(session)
    assert.deepEqual([summary.state, summary.endReason], ['ended', 'ended-by-user'])
    assert.deepEqual([proven, stillRunning, summary.processes], [true, [], 1])
    assert.equal(await refusal(alice.endsSession()), 'no-session')
  }),
)

test(
  'END-7: where the approver leaves programs running, they run on, and the record names them',
  story(async (world) => {
    await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    await world.carol.approves(await alice.asks(), { endProcesses: false })
    const pid = alice.runs('backup')
    const session = await alice.endsSession()

    assert.deepEqual([alice.isAdministrator, alice.computer.os.isRunning(pid)], [false, true])
    await world.clock.pass({ seconds: 5 })
    const { stillRunning } = await world.carol.session(session)
    assert.deepEqual(
      stillRunning.map((process) => process.pid),
      [pid],
    )
  }),
)

test(
  'END-6 GATE-3: an administrator ends a session from the console; the computer is told and does it',
  story(async (world) => {
    await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    await world.carol.approves(await alice.asks())
    const { session } = await alice.status()
    assert.ok(session)
    await world.owner.endsSession(session)

    assert.equal(alice.isAdministrator, false)
    assert.equal((await alice.lastSession())?.endReason, 'ended-by-administrator')
    const { summary } = await world.carol.session(session)
    assert.deepEqual([summary.state, summary.endReason], ['ended', 'ended-by-administrator'])
    assert.equal(await refusal(world.owner.endsSession(session)), 'conflict')
  }),
)

test(
  'END-6: an administrator who ends the session of a computer without a network is obeyed when it comes back',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    await world.carol.approves(await alice.asks(), { minutes: 60 })
    const { session } = await alice.status()
    assert.ok(session)
    laptop.network.cut()
    await world.owner.endsSession(session)
    await world.clock.pass({ minutes: 5 })
    assert.equal(alice.isAdministrator, true)
    assert.equal((await world.carol.session(session)).summary.state, 'live')

    laptop.network.mend()
    await world.clock.pass({ minutes: 5 })
    assert.equal(alice.isAdministrator, false)
    assert.equal((await world.carol.session(session)).summary.endReason, 'ended-by-administrator')
  }),
)

test(
  'END-6: signing out ends the session',
  story(async (world) => {
    await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    await world.carol.approves(await alice.asks())
    const { session } = await alice.status()
    assert.ok(session)
    alice.signsOut()
    await world.clock.pass({ seconds: 5 })

    assert.equal(alice.isAdministrator, false)
    assert.equal((await alice.lastSession())?.endReason, 'logoff')
    assert.equal((await world.carol.session(session)).summary.endReason, 'logoff')
  }),
)

test(
  'END-3 END-6: a reboot ends the session, and an open request survives it',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice', 'bob')
    const [alice, bob] = [world.person('alice'), world.person('bob')]
    await world.carol.approves(await alice.asks(), { minutes: 60 })
    const { session } = await alice.status()
    assert.ok(session)
    const request = await bob.asks()
    await laptop.reboots({ minutes: 2 })

    assert.equal(alice.isAdministrator, false)
    assert.equal((await alice.status()).session, null)
    assert.equal((await alice.lastSession())?.endReason, 'reboot')
    const { summary } = await world.carol.session(session)
    assert.deepEqual([summary.state, summary.endReason], ['ended', 'reboot'])
    assert.equal((await bob.status()).request?.requestId, request.requestId)
    await world.carol.approves(request)
    assert.equal(bob.isAdministrator, true)
    assert.equal((await laptop.facts('boot')).length, 2)
  }),
)

test(
  'END-3: turning the clock back ends the session, and both sides say why',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    await world.carol.approves(await alice.asks())
    const { session } = await alice.status()
    assert.ok(session)
    await world.clock.pass({ minutes: 5 })
    laptop.clock.turn({ hours: -2 })
    await world.clock.pass({ minutes: 3 })

    assert.equal(alice.isAdministrator, false)
    assert.equal((await alice.lastSession())?.endReason, 'clock-tampering')
    assert.equal((await world.carol.session(session)).summary.endReason, 'clock-tampering')
    const [jump] = await laptop.facts('clock.jump')
    assert.equal(jump?.driftMs, -2 * 3_600_000)
  }),
)

test(
  'END-3: turning the clock forward lengthens nothing, and a computer with a wrong clock can still ask and be answered',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    await world.carol.approves(await alice.asks())
    laptop.clock.turn({ hours: 3 })
    await world.clock.pass({ minutes: 1 })
    assert.equal(alice.isAdministrator, false)
    assert.equal((await alice.lastSession())?.endReason, 'expired')

    const request = await alice.asks()
    assert.equal(request.sent, true)
    const { text } = await world.carol.answers(await world.carol.hears(request.requestCode))
    await alice.enters(text)
    assert.equal(alice.isAdministrator, true)
    await world.clock.pass({ minutes: 16 })
    assert.equal(alice.isAdministrator, false)
    assert.equal((await world.carol.sessions()).length, 2)
  }),
)

test(
  'LIMIT-5 LIMIT-6: neither a turned clock nor a reboot shortens the pause after wrong answers',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    const { requestCode } = await alice.asks()
    await alice.guesses(requestCode, 5)
    assert.equal((await alice.status()).pause?.remainingMs, 30_000)
    laptop.clock.turn({ hours: 5 })
    assert.equal((await alice.status()).pause?.remainingMs, 30_000)
    await laptop.reboots({ minutes: 30 })
    assert.equal((await alice.status()).pause?.remainingMs, 30_000)

    await world.clock.pass({ seconds: 31 })
    assert.equal((await alice.status()).pause, null)
  }),
)

test(
  'END-4 END-10: while rights cannot be proven gone, the session is not over on either side, and nobody is raised again',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    await world.carol.approves(await alice.asks())
    const { session } = await alice.status()
    assert.ok(session)
    laptop.os.knobs.failLower = 2
    assert.equal(await refusal(alice.endsSession()), 'lowering-pending')
    assert.equal((await alice.status()).session?.endReason, 'ended-by-user')
    assert.equal((await world.carol.session(session)).summary.state, 'live')
    assert.equal(await refusal(alice.asks()), 'lowering-pending')

    await world.clock.pass({ seconds: 10 })
    assert.equal(alice.isAdministrator, false)
    assert.equal((await world.carol.session(session)).proven, true)
    assert.equal((await laptop.facts('session.still-raised')).length, 2)
    assert.equal(laptop.faults.splice(0).length, 2)
  }),
)
