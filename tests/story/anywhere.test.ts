import assert from 'node:assert/strict'
import { test } from 'node:test'
import { holdsTogether } from './harness/audit.ts'
import type { Computer } from './harness/computer.ts'
import type { User } from './harness/user.ts'
import { Refused, story, type World } from './world.ts'

interface Stage {
  readonly world: World
  readonly laptop: Computer
  readonly alice: User
}

/**
 * A request, its approval, a session and its end, by people who try again when something does not work, a minute
 * later. What was disturbed is put right by `repair`.
 */
async function persistently(stage: Stage, repair: () => Promise<void>): Promise<void> {
  for (let attempt = 1; attempt <= 6; attempt++) {
    try {
      if (await attempted(stage)) return
    } catch (error) {
      if (!(error instanceof Refused)) throw error
    }
    await stage.world.clock.pass({ minutes: 1 })
    await repair()
    await stage.world.clock.pass({ minutes: 1 })
  }
  assert.fail('there was no way to a session')
}

/** Goes on where the last attempt was left; answers whether a session came to its end. */
async function attempted({ world, alice }: Stage): Promise<boolean> {
  const before = await alice.status()
  if (before.session === null) {
    const request = before.request ?? (await alice.asks())
    if ((await world.carol.request(request)).state === 'pending') await world.carol.approves(request)
  }
  const { session } = await alice.status()
  if (session === null) return false
  alice.runs('apt', 'install', 'printer-driver')
  await alice.endsSession()
  return true
}

/** One thing that can go wrong once, at one of many places. */
interface Disturbance {
  /** It will go wrong at the `place`th of its places from now on; at the infinite one it never does. */
  prepare(stage: Stage, place: number): void
  wentWrong(stage: Stage): boolean
  repair(stage: Stage): Promise<void> | void
}

/**
 * Tells the story once for every place where that can go wrong, each time on a fresh computer, until nothing goes wrong
 * any more; after each the server is compared with the computer. Answers how many places there are.
 */
async function everywhere(disturbance: Disturbance): Promise<number> {
  let places = 0
  await story(async (world) => {
    while (await disturbed(world, disturbance, places + 1)) places += 1
  })()
  return places
}

/** Answers whether anything went wrong. */
async function disturbed(world: World, disturbance: Disturbance, place: number): Promise<boolean> {
  const { prepare, wentWrong, repair } = disturbance
  const laptop = await world.computer(`laptop-${place}`, 'alice')
  const stage = { world, laptop, alice: world.person('alice', laptop) }
  let isPlace = false
  const repaired = async () => {
    isPlace ||= wentWrong(stage)
    if (wentWrong(stage)) await repair(stage)
  }
  prepare(stage, place)
  await persistently(stage, repaired)
  await repaired()
  prepare(stage, Number.POSITIVE_INFINITY)
  assert.equal(stage.alice.isAdministrator, false)
  assert.equal((await stage.alice.status()).session, null)
  assert.equal((await stage.alice.lastSession())?.endReason, 'ended-by-user')
  await holdsTogether(world)
  world.scraps(laptop)
  return isPlace
}

for (const when of ['torn', 'after'] as const)
  test(`END-2 EVID-2 CODE-5: the power may fail at every step of the computer's disk (${when})`, async () => {
    const places = await everywhere({
      prepare: ({ laptop }, step) => laptop.powerFailsAt(step, when),
      wentWrong: ({ laptop }) => !laptop.agentRuns,
      repair: ({ laptop }) => laptop.reboots(),
    })
    assert.ok(places >= 15, `only ${places} places`)
  })

test('EVID-3 EVID-8: every answer of the server may be lost on its way to the computer', async () => {
  const places = await everywhere({
    prepare: ({ laptop }, number) => laptop.network.losesAnswer(number),
    wentWrong: ({ laptop }) => !laptop.network.isUp,
    repair: ({ laptop }) => laptop.network.mend(),
  })
  assert.ok(places >= 8, `only ${places} places`)
})

test('KEY-6 EVID-2: the server may die whenever it is about to ask the issuer', async () => {
  const places = await everywhere({
    prepare: ({ world: { server } }, number) => server.diesBeforeCall(number),
    wentWrong: ({ world: { server } }) => !server.runs,
    repair: ({ world: { server } }) => server.comesBack(),
  })
  assert.ok(places >= 5, `only ${places} places`)
})

test('KEY-6 EVID-4: the issuer may die whenever it is about to answer the server', async () => {
  const places = await everywhere({
    prepare: ({ world: { issuer } }, number) => issuer.diesAfterCall(number),
    wentWrong: ({ world: { issuer } }) => !issuer.runs,
    repair: ({ world: { issuer } }) => issuer.comesBack(),
  })
  assert.ok(places >= 5, `only ${places} places`)
})
