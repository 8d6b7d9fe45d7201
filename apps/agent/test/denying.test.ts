import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PolicySettings, ProgramRule } from '@stint/elevation'
import { anna, World } from './world.ts'

const program = '/usr/bin/wireshark'
const rule: ProgramRule = {
  id: 'no-sniffing',
  effect: 'deny',
  match: { path: program },
  note: 'Packets hold passwords.',
}
const contacts = { email: 'desk@example.org', link: '', telephone: '4711' }
const ten = 10_000

async function deliver(world: World, settings: Partial<PolicySettings>): Promise<void> {
  const policy = world.organisation.policy({ offlineCodes: true, contacts, ...settings })
  await world.courier({ call: 'deliver', message: { type: 'policy', policy } })
}

async function withRules(
  rules: readonly ProgramRule[],
  settings: Partial<PolicySettings> = {},
): Promise<World> {
  const world = await World.enrolled()
  await deliver(world, { programs: { otherwise: 'allow', rules }, ...settings })
  return world
}

const startOf = async (world: World) =>
  (await world.facts('session.start')).at(-1)?.body ?? assert.fail('no start')
const endOf = async (world: World) => (await world.facts('session.end')).at(-1)?.body ?? assert.fail('no end')
const denials = async (world: World) => (await world.facts('process.denied')).map(({ body }) => body)

/** What was denied at each of these calls of the operating system. */
function watchCalls(world: World): (readonly [string, boolean])[] {
  const seen: [string, boolean][] = []
  for (const call of ['raise', 'lower', 'endProcesses'] as const) {
    const real = world.os[call].bind(world.os) as (order: unknown) => Promise<unknown>
    Object.assign(world.os, {
      [call]: (order: unknown) => {
        seen.push([call, world.denier.isDenying(anna)])
        return real(order)
      },
    })
  }
  return seen
}

test('where policy has nothing to deny nothing is armed, and the start of the session says so', async () => {
  const world = await withRules([{ ...rule, effect: 'allow' }])
  await world.raised(anna)
  assert.equal(world.denier.isDenying(anna), false)
  assert.equal((await startOf(world)).denying, 'no rules')
})

test('GATE-13: programs are denied from before the rights are up until their processes are ended', async () => {
  const world = await withRules([rule])
  const seen = watchCalls(world)
  await world.raised(anna)
  assert.equal((await startOf(world)).denying, 'fake (1 rule)')
  await world.ok(anna, { call: 'end' })
  await world.clock.pass(2 * 60_000)
  assert.deepEqual(seen, [
    ['raise', true],
    ['lower', true],
    ['endProcesses', true],
  ])
  assert.equal(world.denier.isDenying(anna), false)
  assert.equal((await endOf(world)).reason, 'ended-by-user')
})

test('GATE-13: rights are not given when what policy denies cannot be denied: raise-failed', async () => {
  const world = await withRules([rule])
  world.denier.knobs.failArm = true
  await world.ask()
  const { text } = world.organisation.response(await world.requestFact(), 15)
  const reply = await world.reply(anna, { call: 'answer', text })
  assert.ok(!reply.ok && 'refused' in reply)
  assert.equal(reply.refused.code, 'raise-failed')
  assert.match(reply.refused.hint, /could not be kept from starting: The fake denier does not arm/)
  assert.equal(world.os.canAct(anna), false)
  await world.clock.pass(60_000)
  assert.equal((await endOf(world)).reason, 'raise-failed')
  assert.match((await startOf(world)).denying, /never given/)
})

test('REC-5: a denied start is written, without secrets, and the person is told why and whom to ask', async () => {
  const world = await withRules([rule])
  await world.raised(anna)
  await world.ok(anna, { call: 'watch' })
  assert.equal(world.denier.starts(anna, program, { argv: [program, '--password=hunter2'], atMs: 5 }), false)
  await world.clock.pass(1_000)
  const [denied, ...more] = await denials(world)
  assert.equal(more.length, 0)
  assert.deepEqual(
    [denied?.program, denied?.rule, denied?.args, denied?.redacted, denied?.repeated],
    [program, 'no-sniffing', [program, '--password=[redacted]'], 1, 0],
  )
  const told = world.os.notices.filter(({ text }) => text.includes(program))
  assert.deepEqual(
    told.map(({ text }) => text),
    [
      `${program} may not start with administrator rights. Packets hold passwords. Ask: 4711, desk@example.org`,
    ],
  )
  assert.ok(world.events.some(({ notice }) => notice === 'program-denied'))
})

test('a program that tries again and again is counted, and the person is told once in ten seconds', async () => {
  const world = await withRules([rule])
  await world.raised(anna)
  const tries = (count: number) => {
    for (let at = 0; at < count; at++) world.denier.starts(anna, program)
  }
  tries(500)
  await world.clock.pass(ten)
  tries(1)
  await world.ok(anna, { call: 'end' })
  await world.clock.pass(2 * 60_000)
  const found = await denials(world)
  assert.deepEqual(
    found.map(({ repeated }) => repeated),
    [0, 498, 0],
  )
  assert.equal(world.os.notices.filter(({ text }) => text.includes(program)).length, 2)
})

test('a flood of denied starts, each different, makes neither a flood of facts nor of lines on the terminal', async () => {
  const world = await withRules([{ ...rule, match: { path: '/usr/bin/*' } }])
  await world.raised(anna)
  const before = world.os.notices.length
  for (let n = 0; n < 5_000; n++) world.denier.starts(anna, `/usr/bin/tool${n}`, { parentPid: 10_000 + n })
  await world.clock.pass(2 * ten)
  const written = await denials(world)
  assert.equal(written.length, 202)
  const tries = written.reduce((sum, { repeated }) => sum + 1 + repeated, 0)
  assert.equal(tries, 5_000, 'every try is counted')
  assert.equal(world.os.notices.length - before, 10)
})

test('counted tries are written when the session ends before their time', async () => {
  const world = await withRules([rule])
  await world.raised(anna)
  for (let at = 0; at < 3; at++) world.denier.starts(anna, program)
  await world.ok(anna, { call: 'end' })
  await world.clock.pass(2 * 60_000)
  assert.deepEqual(
    (await denials(world)).map(({ repeated }) => repeated),
    [0, 1],
  )
})

test('a policy that comes during a session is kept at once: other rules, none, and rules again', async () => {
  const world = await withRules([])
  await world.raised(anna)
  await deliver(world, { programs: { otherwise: 'allow', rules: [rule] } })
  assert.equal(world.denier.starts(anna, program), false)
  await deliver(world, { programs: { otherwise: 'deny', rules: [] } })
  assert.equal(world.denier.starts(anna, '/usr/bin/id'), false)
  await deliver(world, { programs: { otherwise: 'allow', rules: [] } })
  assert.equal(world.denier.isDenying(anna), false)
  assert.ok(world.os.canAct(anna))
})

test('GATE-13: a session whose new rules cannot be kept ends: denial-lost', async () => {
  const world = await withRules([])
  await world.raised(anna)
  world.denier.knobs.failArm = true
  await deliver(world, { programs: { otherwise: 'allow', rules: [rule] } })
  assert.equal(world.os.canAct(anna), false)
  await world.clock.pass(2 * 60_000)
  assert.equal((await endOf(world)).reason, 'denial-lost')
})

test('GATE-13: when programs can no longer be denied the session ends, and the record says what it missed', async () => {
  const world = await withRules([rule])
  await world.raised(anna)
  world.denier.breaks('The guard hangs.')
  await world.clock.pass(2 * 60_000)
  assert.equal(world.os.canAct(anna), false)
  const end = await endOf(world)
  assert.deepEqual([end.reason, end.proven, end.gaps], ['denial-lost', true, 1])
  assert.match((await world.facts('recording.gap'))[0]?.body.cause ?? '', /denial-lost: The guard hangs/)
})

test('GATE-13: denials lost while the rights go up end the session all the same', async () => {
  const world = await withRules([rule])
  const real = world.os.raise.bind(world.os)
  Object.assign(world.os, {
    raise: async (order: Parameters<typeof real>[0]) => {
      await real(order)
      world.denier.breaks('Gone at once.')
    },
  })
  await world.raised(anna)
  await world.clock.pass(2 * 60_000)
  assert.equal(world.os.canAct(anna), false)
  assert.equal((await endOf(world)).reason, 'denial-lost')
})

test('a session that an agent finds at its start is denied the same programs, or ends', async () => {
  const world = await withRules([rule])
  await world.raised(anna)
  world.kill()
  world.denier.breaks('the process is gone')
  await world.restart()
  assert.equal(world.denier.isDenying(anna), true)
  world.kill()
  world.denier.breaks('the process is gone')
  const why = { obstacle: 'kernel-unsupported', message: 'Too old.', hint: 'Use another.' } as const
  world.denier.knobs.availability = { available: false, ...why }
  await world.restart()
  assert.equal(world.os.canAct(anna), false)
  await world.clock.pass(2 * 60_000)
  assert.equal((await endOf(world)).reason, 'denial-lost')
})

test('GATE-13: after a start of the agent the lock opens only when everything is denied again', async () => {
  const world = await withRules([rule])
  await world.raised(anna)
  world.kill()
  world.denier.breaks('the process is gone')
  const denying: boolean[] = []
  const real = world.os.onlyWhileRuns.bind(world.os)
  Object.assign(world.os, {
    onlyWhileRuns: (uid: number, pid: number | null) => {
      denying.push(world.denier.isDenying(anna))
      return real(uid, pid)
    },
  })
  await world.restart()
  assert.deepEqual(denying, [true])
})

test('a denier that does not stop does not keep a session from ending', async () => {
  const world = await withRules([rule])
  await world.raised(anna)
  world.denier.knobs.failStop = true
  await world.ok(anna, { call: 'end' })
  await world.clock.pass(2 * 60_000)
  assert.equal((await endOf(world)).reason, 'ended-by-user')
  assert.ok(world.errors.some((line) => line.includes('denying programs could not be stopped')))
})
