import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lowerTries } from '../src/session/lowering.ts'
import { anna, bert, World } from './world.ts'

const minute = 60_000
const endOf = async (world: World) => (await world.facts('session.end')).at(-1)?.body ?? assert.fail('no end')

async function live(minutes = 15, params: { readonly end?: boolean } = {}) {
  const world = await World.enrolled()
  const session = await world.raised(anna, minutes, params)
  return { world, session, id: session.sessionId }
}

test('END-1, END-6: a session ends at its deadline, and the system had ended it by itself', async () => {
  const { world } = await live(15)
  await world.clock.pass(15 * minute - 1)
  assert.ok(world.os.canAct(anna))
  await world.clock.pass(1)
  assert.ok(!world.os.canAct(anna))
  const end = await endOf(world)
  assert.deepEqual([end.reason, end.proven], ['expired', true])
  assert.equal((await world.status()).session, null)
  const { sessions } = await world.ok<{ sessions: { endReason: string }[] }>(anna, {
    call: 'history',
    limit: 10,
  })
  assert.deepEqual(
    sessions.map(({ endReason }) => endReason),
    ['expired'],
  )
})

test('the person is told five minutes and one minute before, and at the end, on terminals and in programs', async () => {
  const { world } = await live(15)
  await world.ok(anna, { call: 'watch' })
  const notices = () => world.events.flatMap(({ notice }) => notice ?? [])
  await world.clock.pass(10 * minute)
  assert.deepEqual(notices(), ['five-minutes'])
  await world.clock.pass(4 * minute)
  assert.deepEqual(notices(), ['five-minutes', 'one-minute'])
  await world.clock.pass(minute)
  assert.deepEqual(notices(), ['five-minutes', 'one-minute', 'ended'])
  const texts = world.os.notices.filter(({ uid }) => uid === anna).map(({ text }) => text)
  assert.match(texts.join('\n'), /5 minutes.*1 minute.*have ended/s)
})

test('a session shorter than a warning does not give it', async () => {
  const { world } = await live(2)
  await world.ok(anna, { call: 'watch' })
  await world.clock.pass(2 * minute)
  assert.deepEqual(
    world.events.flatMap(({ notice }) => notice ?? []),
    ['one-minute', 'ended'],
  )
})

test('END-7: elevated processes end with the session when the answer says so, and what survives is in the journal', async () => {
  const { world } = await live(15)
  const shell = world.os.startElevated(anna)
  const stubborn = world.os.startElevated(anna, 'stubborn', { escaped: true })
  world.os.knobs.undying.add(stubborn)
  await world.ok(anna, { call: 'end' })
  await world.clock.pass(0)
  assert.ok(!world.os.isRunning(shell))
  const end = await endOf(world)
  assert.equal(end.processesEnded, 1)
  assert.deepEqual(
    end.stillRunning.map(({ pid, program }) => [pid, program]),
    [[stubborn, '/usr/bin/stubborn']],
  )
  assert.deepEqual(
    world.os.calls.filter((call) => /^(lower|endProcesses)/.test(call)).map((call) => call.split(' ')[0]),
    ['lower', 'endProcesses'],
  )
})

test('without end-processes they go on, and are named as still running', async () => {
  const { world } = await live(15, { end: false })
  const shell = world.os.startElevated(anna)
  await world.ok(anna, { call: 'end' })
  await world.clock.pass(0)
  assert.ok(world.os.isRunning(shell))
  assert.deepEqual(
    (await endOf(world)).stillRunning.map(({ pid }) => pid),
    [shell],
  )
})

test('END-6: signing out ends the session', async () => {
  const { world } = await live()
  world.os.logOff(anna)
  await world.clock.pass(0)
  assert.ok(!world.os.canAct(anna))
  assert.equal((await endOf(world)).reason, 'logoff')
})

test('END-6: an administrator ends it through the courier; another id ends nothing', async () => {
  const { world, id } = await live()
  const end = (sessionId: string) =>
    world.courier({ call: 'deliver', message: { type: 'end-session', sessionId } })
  assert.deepEqual(await end('0199f1a2-7c3e-7d10-9a55-5f1e2b3c4d5e'), { done: false })
  assert.ok(world.os.canAct(anna))
  assert.deepEqual(await end(id), { done: true })
  await world.clock.pass(0)
  assert.equal((await endOf(world)).reason, 'ended-by-administrator')
})

test('rights that somebody else took away are not given back', async () => {
  const { world, id } = await live()
  world.os.takeAway(id)
  await world.clock.pass(31_000)
  assert.equal((await endOf(world)).reason, 'removed-elsewhere')
  assert.ok(!world.os.canAct(anna))
})

test('a deleted account, and a uid with another name, end the session; an unreachable directory does not', async () => {
  const { world } = await live()
  world.os.knobs.directoryUnreachable = true
  await world.clock.pass(31_000)
  assert.ok(world.os.canAct(anna))
  world.os.knobs.directoryUnreachable = false
  world.os.addAccount(anna, 'carla')
  await world.clock.pass(31_000)
  assert.equal((await endOf(world)).reason, 'account-gone')
  const other = await live()
  other.world.os.removeAccount(anna)
  await other.world.clock.pass(31_000)
  assert.equal((await endOf(other.world)).reason, 'account-gone')
})

test('END-3: turning the clock back ends the session and is in the journal', async () => {
  const { world } = await live()
  world.clock.turnWall(-10 * minute)
  await world.clock.pass(31_000)
  assert.ok(!world.os.canAct(anna))
  assert.equal((await endOf(world)).reason, 'clock-tampering')
  assert.equal((await world.facts('clock.jump'))[0]?.body.driftMs, -10 * minute)
})

test('END-3: turning the clock forward shortens, never lengthens', async () => {
  const { world } = await live(15)
  world.clock.turnWall(10 * minute)
  await world.clock.pass(31_000)
  assert.ok(world.os.canAct(anna))
  assert.equal((await world.facts('clock.jump'))[0]?.body.driftMs, 10 * minute)
  await world.clock.pass(5 * minute)
  assert.equal((await endOf(world)).reason, 'expired')
})

test('a small drift is none', async () => {
  const { world } = await live()
  world.clock.turnWall(-4_000)
  await world.clock.pass(31_000)
  assert.ok(world.os.canAct(anna))
  assert.deepEqual(await world.facts('clock.jump'), [])
})

test('END-2: rights that could not be given are lowered, and the person is refused with raise-failed', async () => {
  const world = await World.enrolled()
  world.os.knobs.failRaise = 1
  world.os.knobs.leaveRaised = true
  await world.ask()
  const { text } = world.organisation.response(await world.requestFact())
  assert.equal(await world.no(anna, { call: 'answer', text }), 'raise-failed')
  assert.ok(!world.os.canAct(anna))
  await world.clock.pass(0)
  assert.deepEqual((await world.types()).slice(-5), [
    'grant.admitted',
    'seal.rotate',
    'session.start',
    'session.end',
    'seal.rotate',
  ])
  const end = await endOf(world)
  assert.deepEqual([end.reason, end.proven], ['raise-failed', true])
  assert.equal(await world.no(anna, { call: 'answer', text }), 'consumed')
  assert.ok((await world.reply(anna, { call: 'request', mode: 'session', reason: 'Try it again' })).ok)
})

test('END-4: a lowering that fails is tried again until it is proven; meanwhile nobody raises this person', async () => {
  const { world } = await live()
  world.os.knobs.failLower = 3
  assert.equal(await world.no(anna, { call: 'end' }), 'lowering-pending')
  const request = { call: 'request', mode: 'session', reason: 'Once more please' }
  assert.equal(await world.no(anna, request), 'lowering-pending')
  assert.ok((await world.reply(bert, request)).ok)
  await world.clock.pass(10_000)
  assert.equal((await world.facts('session.still-raised')).length, 3)
  const end = await endOf(world)
  assert.deepEqual([end.reason, end.proven], ['ended-by-user', true])
  assert.ok((await world.reply(anna, request)).ok)
})

test('END-10: giving up is bounded, has its own name, and blocks until it is proven after all', async () => {
  const { world } = await live()
  world.os.knobs.failLower = 1_000
  assert.equal(await world.no(anna, { call: 'end' }), 'lowering-pending')
  await world.clock.pass(8 * minute)
  const end = await endOf(world)
  assert.deepEqual([end.reason, end.proven], ['lowering-abandoned', false])
  assert.equal((await world.facts('session.still-raised')).length, lowerTries)
  const request = { call: 'request', mode: 'session', reason: 'Once more please' }
  assert.equal(await world.no(anna, request), 'lowering-pending')
  await world.restart()
  assert.equal(await world.no(anna, request), 'lowering-pending')
  world.os.knobs.failLower = 0
  await world.clock.pass(31_000)
  assert.ok((await world.reply(anna, request)).ok)
  assert.equal((await world.facts('session.end')).length, 1)
})

test('a full disk does not keep rights up; the end is written when there is space', async () => {
  const { world } = await live(15)
  world.disk.full = true
  await world.clock.pass(15 * minute)
  assert.ok(!world.os.canAct(anna))
  world.disk.full = false
  await world.clock.pass(10_000)
  assert.equal((await endOf(world)).reason, 'expired')
})

test('END-5: a restart of the agent leaves a live session live, recorded again, with the time it has left', async () => {
  const { world } = await live(15)
  await world.clock.pass(5 * minute)
  await world.agent.stop()
  assert.ok(world.os.canAct(anna))
  await world.restart()
  assert.ok(world.os.canAct(anna))
  assert.ok(world.recorder.isRecording(anna))
  assert.match((await world.status()).session?.endsAt ?? '', /09:15:00/)
  await world.clock.pass(10 * minute)
  const end = await endOf(world)
  assert.deepEqual([end.reason, end.gaps], ['expired', 1])
  assert.match((await world.facts('recording.gap'))[0]?.body.cause ?? '', /^recorder-stopped/)
})

test('REC-1: a program that outlives the agent is seen to end by the next one', async () => {
  const { world } = await live()
  const wall = world.clock.now().wallMs
  const over = world.recorder.starts(anna, ['/usr/bin/true'], { startedAtMs: wall })
  const lasting = world.recorder.starts(anna, ['/usr/bin/sleep'], { startedAtMs: wall + 1 })
  world.recorder.ends(over, 0, wall + 5)
  await world.clock.pass(300)
  await world.restart()
  const [expected, ...more] = world.recorder.earlier
  assert.deepEqual([more, expected?.pid, expected?.startedAtMs], [[], lasting.pid, wall + 1])
  world.recorder.ends({ id: expected?.id ?? '', pid: lasting.pid, auid: anna }, 7, wall + 9_000)
  await world.clock.pass(300)
  const ends = await world.facts('process.ended')
  assert.deepEqual(
    ends.map(({ body }) => [body.pid, body.exitCode]),
    [
      [over.pid, 0],
      [lasting.pid, 7],
    ],
  )
})

test('a session whose time ran out while the agent was away ends at its deadline, not now', async () => {
  const { world } = await live(15)
  await world.agent.stop()
  world.kill()
  await world.clock.pass(60 * minute)
  assert.ok(!world.os.canAct(anna))
  await world.restart()
  await world.clock.pass(0)
  const end = await endOf(world)
  const { endsAt } = (await world.facts('session.start'))[0]?.body ?? assert.fail('no start')
  assert.deepEqual([end.reason, end.proven, end.endedAt], ['expired', true, endsAt])
})

test('END-3, END-6: a reboot ends it, however much time was left and wherever the clock is set', async () => {
  for (const turn of [0, -3 * 3_600_000]) {
    const { world } = await live(240)
    await world.clock.pass(minute)
    world.clock.turnWall(turn)
    await world.reboot()
    assert.ok(!world.os.canAct(anna))
    assert.equal((await endOf(world)).reason, 'reboot')
    assert.equal((await world.facts('boot')).length, 2)
    assert.equal((await world.facts('clock.jump')).length, turn === 0 ? 0 : 1)
  }
})

test('a clock turned back while the agent was away ends the session at the start', async () => {
  const { world } = await live(240)
  await world.clock.pass(minute)
  world.kill()
  world.clock.turnWall(-3_600_000)
  await world.restart()
  await world.clock.pass(0)
  assert.equal((await endOf(world)).reason, 'clock-tampering')
})

test('END-5: rights that no record explains are taken away at the start', async () => {
  const { world } = await live()
  const saved = world.disk.rebooted()
  const fresh = await World.enrolled()
  assert.ok(saved.files.size > 0)
  const endsAt = fresh.clock.now()
  await fresh.os.raise({
    sessionId: 'unknown',
    uid: bert,
    endsAtWallMs: endsAt.wallMs + minute,
    endsAtBootMs: endsAt.bootMs + minute,
  })
  await fresh.restart()
  assert.ok(!fresh.os.canAct(bert))
})

test('revoked: rights go down, requests close, nobody asks any more', async () => {
  const { world } = await live()
  await world.ask(bert)
  assert.deepEqual(await world.courier({ call: 'deliver', message: { type: 'revoked' } }), { done: true })
  assert.ok(!world.os.canAct(anna))
  assert.equal((await world.status(bert)).lastDecision?.state, 'void')
  assert.equal(
    await world.no(bert, { call: 'request', mode: 'session', reason: 'Once more please' }),
    'device-revoked',
  )
  assert.equal((await world.courierState()).state, 'revoked')
})

test('REC-1: what ran is in the journal, in order, with control characters made visible and ends by name', async () => {
  const { world, id } = await live()
  const wall = world.clock.now().wallMs
  const first = world.recorder.starts(anna, ['/usr/bin/env', 'a\nb', '\u{1F600}'], {
    startedAtMs: wall,
    cwd: '/tmp/a\u0007b',
    sha256: 'ab'.repeat(32),
  })
  world.recorder.ends(first, 300, wall + 5)
  world.recorder.misses({ fromMs: wall, toMs: wall + 1, cause: 'overrun', detail: 'lost 3' })
  await world.clock.pass(2_300)
  const [process] = await world.facts('process.elevated')
  assert.deepEqual(
    [process?.body.sessionId, process?.body.args, process?.body.directory, process?.body.argsCut],
    [id, ['/usr/bin/env', 'a\nb', '\u{1F600}'], '/tmp/a\\x07b', false],
  )
  assert.equal((await world.facts('process.ended'))[0]?.body.exitCode, 300 & 0xff)
  assert.equal((await world.facts('recording.gap'))[0]?.body.cause, 'overrun: lost 3')
  assert.equal((await world.status()).session?.processes, 1)
  await world.ok(anna, { call: 'end' })
  await world.clock.pass(0)
  const end = await endOf(world)
  assert.deepEqual([end.processes, end.gaps], [1, 1])
})

test('what was recorded at the last moment is in the journal before the end', async () => {
  const { world } = await live()
  for (let i = 0; i < 450; i++) world.recorder.starts(anna, ['/usr/bin/true', String(i)])
  await world.ok(anna, { call: 'end' })
  await world.clock.pass(0)
  const types = await world.types()
  assert.equal(types.filter((type) => type === 'process.elevated').length, 450)
  assert.ok(types.indexOf('session.end') > types.lastIndexOf('process.elevated'))
  assert.equal((await endOf(world)).processes, 450)
})

test('REC-4: arguments are cut at 256 KiB and say so', async () => {
  const { world } = await live()
  world.recorder.starts(anna, ['/usr/bin/true', 'x'.repeat(200_000), 'y'.repeat(100_000)])
  await world.clock.pass(300)
  const [process] = await world.facts('process.elevated')
  assert.deepEqual([process?.body.args.length, process?.body.argsCut], [2, true])
})

test('a full disk holds what was recorded and writes it later', async () => {
  const { world } = await live()
  world.disk.full = true
  world.recorder.starts(anna, ['/usr/bin/true'])
  await world.clock.pass(1_000)
  world.disk.full = false
  await world.clock.pass(6_000)
  assert.equal((await world.facts('process.elevated')).length, 1)
})

test('REC-3: without a recorder the session says why nothing is recorded', async () => {
  const world = await World.enrolled()
  world.recorder.knobs.failStart = true
  await world.raised()
  assert.match((await world.facts('session.start'))[0]?.body.recording ?? '', /^Nothing is recorded: /)
})

test('the recorder is on before the rights are up, and off after they are down', async () => {
  const { world } = await live()
  assert.ok(world.recorder.isRecording(anna))
  await world.ok(anna, { call: 'end' })
  await world.clock.pass(0)
  assert.ok(!world.recorder.isRecording(anna))
})
