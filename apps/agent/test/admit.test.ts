import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VerifiedGrant } from '../src/admit/verified-grant.ts'
import { anna, bert, World } from './world.ts'

const answer = (text: string) => ({ call: 'answer', text })
const wrongText = (text: string) => (text.startsWith('Z') ? `Y${text.slice(1)}` : `Z${text.slice(1)}`)

async function asked(uid = anna) {
  const world = await World.enrolled()
  await world.ask(uid)
  return { world, fact: await world.requestFact() }
}

for (const form of ['text', 'digits', 'words'] as const) {
  test(`a spoken code is admitted as ${form}`, async () => {
    const { world, fact } = await asked()
    const session = await world.ok<{ credential: string }>(
      anna,
      answer(world.organisation.response(fact)[form]),
    )
    assert.equal(session.credential, 'response-code')
    assert.ok(world.os.canAct(anna))
  })
}

test('GATE-4: a grant is what was answered, never above the ceiling; both stand in the journal', async () => {
  const { world, fact } = await asked()
  await world.ok(anna, answer(world.organisation.response(fact, 480).text))
  const [grant] = await world.facts('grant.admitted')
  assert.deepEqual([grant?.body.answeredSeconds, grant?.body.grantedSeconds], [480 * 60, 240 * 60])
  const { session } = await world.status()
  assert.equal(Date.parse(session?.endsAt ?? '') - Date.parse(session?.startedAt ?? ''), 240 * 60_000)
})

test('"policy default" is the default, "until sign-out" the ceiling', async () => {
  for (const [dur, minutes] of [
    [0, 15],
    [31, 240],
  ] as const) {
    const { world, fact } = await asked()
    await world.ok(anna, answer(world.organisation.response(fact, 15, { dur }).text))
    assert.equal((await world.facts('grant.admitted'))[0]?.body.grantedSeconds, minutes * 60)
  }
})

test('LIMIT-9: a misheard code is a typo, rubbish is format, and neither counts', async () => {
  const { world, fact } = await asked()
  assert.equal(await world.no(anna, answer(wrongText(world.organisation.response(fact).text))), 'typo')
  assert.equal(await world.no(anna, answer('hello')), 'format')
  assert.equal((await world.status()).request?.triesLeft, 5)
  for (let i = 0; i < 8; i++) await world.no(anna, answer('hello'))
  assert.equal(await world.no(anna, answer(world.organisation.response(fact).text)), 'wait')
  await world.clock.pass(61_000)
  assert.ok((await world.reply(anna, answer(world.organisation.response(fact).text))).ok)
})

test('LIMIT-2: five wrong codes close the request, each is in the journal, and a sixth finds none', async () => {
  const { world, fact } = await asked()
  const right = world.organisation.response(fact).text
  const bad = world.organisation.response({ ...fact, policySerial: fact.policySerial + 1 }).text
  for (let left = 4; left >= 0; left--) {
    const reply = await world.reply(anna, answer(bad))
    assert.ok(!reply.ok && 'refused' in reply)
    assert.equal(reply.refused.code, 'bad')
    assert.equal((await world.facts('code.wrong')).at(-1)?.body.triesLeft, left)
  }
  assert.equal(await world.no(anna, answer(right)), 'expired')
  assert.equal((await world.status()).lastDecision?.state, 'void')
  assert.deepEqual((await world.status()).pause, { kind: 'wait', remainingMs: 30_000 })
  assert.equal((await world.facts('request.void'))[0]?.body.reason, 'too-many-wrong')
  await world.ask()
  const next = world.organisation.response(await world.requestFact()).text
  assert.equal(await world.no(anna, answer(next)), 'wait')
  await world.reboot()
  assert.equal(await world.no(anna, answer(next)), 'wait')
  await world.clock.pass(30_000)
  assert.ok((await world.reply(anna, answer(next))).ok)
  assert.ok(!(await world.types()).includes('session.end'))
})

test('LIMIT-1, LIMIT-12: a try is on the disk before it is compared: when it cannot be, nothing is compared', async () => {
  const { world, fact } = await asked()
  world.disk.full = true
  assert.equal(await world.no(anna, answer(world.organisation.response(fact).text)), 'fault:disk-full')
  assert.ok(!world.os.canAct(anna))
  world.disk.full = false
  assert.ok((await world.reply(anna, answer(world.organisation.response(fact).text))).ok)
})

test('EVID-2, END-2: when the journal takes no grant, nothing is raised and the session is over as raise-failed', async () => {
  const { world, fact } = await asked()
  world.disk.fullFor = '.jsonl'
  world.disk.full = true
  assert.equal(await world.no(anna, answer(world.organisation.response(fact).text)), 'fault:disk-full')
  assert.ok(!world.os.calls.some((call) => call.startsWith('raise')))
  world.disk.full = false
  await world.clock.pass(31_000)
  assert.deepEqual((await world.types()).slice(-4), [
    'grant.admitted',
    'session.start',
    'session.end',
    'seal.rotate',
  ])
  assert.equal((await world.facts('session.end'))[0]?.body.reason, 'raise-failed')
  assert.equal(await world.no(anna, answer(world.organisation.response(fact).text)), 'consumed')
})

test("GATE-8, CODE-4: another user's answer is refused, and costs its owner nothing", async () => {
  const { world, fact } = await asked(anna)
  const { text } = world.organisation.response(fact)
  assert.equal(await world.no(bert, answer(text)), 'expired')
  await world.ask(bert)
  assert.ok(['typo', 'bad'].includes(await world.no(bert, answer(text))))
  assert.ok((await world.reply(anna, answer(text))).ok)
})

test('CODE-5: an answer is good once, and not for the next request', async () => {
  const { world, fact } = await asked()
  const { text } = world.organisation.response(fact)
  await world.ok(anna, answer(text))
  assert.equal(await world.no(anna, answer(text)), 'already-granted')
  await world.ok(anna, { call: 'end' })
  await world.clock.pass(0)
  assert.equal(await world.no(anna, answer(text)), 'consumed')
  await world.ask()
  assert.ok(['typo', 'bad'].includes(await world.no(anna, answer(text))))
  assert.equal((await world.facts('grant.admitted')).length, 1)
})

test('CODE-5: the same right answer given twice at once raises once', async () => {
  const { world, fact } = await asked()
  const { text } = world.organisation.response(fact)
  const replies = await Promise.all([world.reply(anna, answer(text)), world.reply(anna, answer(text))])
  assert.deepEqual(replies.map(({ ok }) => ok).sort(), [false, true])
  assert.equal(world.os.calls.filter((call) => call.startsWith('raise')).length, 1)
})

test('a code of the second approver’s slot is bad: this policy asks for one', async () => {
  const { world, fact } = await asked()
  assert.equal(await world.no(anna, answer(world.organisation.response(fact, 15, { slot: 1 }).text)), 'bad')
})

test('GATE-12: a profile that policy does not list consumes the request and raises nothing', async () => {
  const { world, fact } = await asked()
  const { text } = world.organisation.response(fact, 15, { profile: 2 })
  assert.equal(await world.no(anna, answer(text)), 'mode-not-available')
  assert.equal(await world.no(anna, answer(text)), 'consumed')
  assert.equal((await world.status()).lastDecision?.state, 'denied')
  assert.ok(!world.os.canAct(anna))
})

test('GATE-11: spoken codes that policy switched off are refused before they are counted; a token still works', async () => {
  const { world, fact } = await asked()
  const policy = world.organisation.policy({ offlineCodes: false })
  await world.courier({ call: 'deliver', message: { type: 'policy', policy } })
  assert.equal(await world.no(anna, answer(world.organisation.response(fact).text)), 'offline-codes-disabled')
  assert.equal((await world.status()).request?.triesLeft, 5)
  const token = await world.organisation.answerToken(fact, world.clock.now().wallMs)
  const session = await world.ok<{ credential: string }>(anna, answer(token))
  assert.equal(session.credential, 'answer-token')
})

test('a token carries its own time, end and identity into the journal', async () => {
  const { world, fact } = await asked()
  const token = await world.organisation.answerToken(fact, world.clock.now().wallMs, { dur: 120, end: false })
  await world.ok(anna, answer(`  ${token.slice(0, 60)}\n${token.slice(60)}`))
  const [grant] = await world.facts('grant.admitted')
  assert.deepEqual([grant?.body.grantedSeconds, grant?.body.endProcesses], [120, false])
  assert.equal(grant?.body.jti, '0199f1a2-7c3e-7d10-9a55-5f1e2b3c4d5e')
})

test('CODE-9: tokens are refused by name: signature, key purpose, device, user, request, time, twice', async () => {
  const { world, fact } = await asked()
  const { organisation, clock } = world
  const now = () => clock.now().wallMs
  const refusal = async (changes: object, signing = organisation.answerKey, at = now()) =>
    world.no(anna, answer(await organisation.answerToken(fact, at, changes, signing)))
  assert.equal(await refusal({}, organisation.policyKey), 'wrong-signature')
  assert.equal(await refusal({}, { ...organisation.policyKey, kid: 'answer-1' }), 'wrong-signature')
  assert.equal(await refusal({ dev: '9'.repeat(32) }), 'not-here')
  assert.equal(await refusal({ usr: 'uid:1001:bert' }), 'not-you')
  assert.equal(await refusal({ ctr: 77 }), 'expired')
  const good = await organisation.answerToken(fact, now())
  assert.equal(await world.no(anna, answer(`${good.slice(0, -2)}AA`)), 'wrong-signature')
  assert.equal(await world.no(anna, answer(good.slice(0, -3))), 'format')
  assert.equal((await world.status()).request?.triesLeft, 5)
  await world.ok(anna, answer(good))
  await world.ok(anna, { call: 'end' })
  await clock.pass(0)
  assert.equal(await world.no(anna, answer(good)), 'consumed')
})

test('a token older than start-by is refused with not-now, and its request is over', async () => {
  const { world, fact } = await asked()
  const token = await world.organisation.answerToken(fact, world.clock.now().wallMs)
  await world.clock.pass(61 * 60_000)
  assert.equal(await world.no(anna, answer(token)), 'not-now')
  assert.equal((await world.status()).lastDecision?.state, 'expired')
  assert.equal((await world.facts('request.void'))[0]?.body.note, 'The answer came too late.')
})

test('programs are told of rights when they are there, with how long they last', async () => {
  const { world, fact } = await asked()
  await world.ok(anna, { call: 'watch' })
  const token = await world.organisation.answerToken(fact, world.clock.now().wallMs)
  const message = { type: 'answer' as const, requestId: fact.requestId, token }
  assert.deepEqual(await world.courier({ call: 'deliver', message }), { done: true })
  const told = world.events.filter(({ notice }) => notice === 'approved')
  assert.equal(told.length, 1)
  assert.equal(told[0]?.status.session?.reason, fact.reason)
})

test('GATE-1, GATE-2: a delivered token raises whoever asked; the courier cannot make it raise anybody else', async () => {
  const { world, fact } = await asked()
  const token = await world.organisation.answerToken(fact, world.clock.now().wallMs)
  const deliver = (requestId: string) =>
    world.courier({ call: 'deliver', message: { type: 'answer', requestId, token } })
  await world.ask(bert)
  const other = await world.requestFact()
  assert.deepEqual(await deliver(other.requestId), { done: false })
  assert.deepEqual(await deliver('0199f1a2-7c3e-7d10-9a55-5f1e2b3c4d5e'), { done: false })
  assert.deepEqual(await deliver(fact.requestId), { done: true })
  assert.deepEqual([world.os.canAct(anna), world.os.canAct(bert)], [true, false])
  assert.ok(world.os.notices.some(({ uid, text }) => uid === anna && text.includes('approved')))
  assert.deepEqual(await deliver(fact.requestId), { done: false })
})

test('GATE-7: a uid that was given to somebody else inherits no answer', async () => {
  const { world, fact } = await asked()
  world.os.addAccount(anna, 'carla')
  const { text } = world.organisation.response(fact)
  assert.equal(await world.no(anna, answer(text)), 'expired')
  const token = await world.organisation.answerToken(fact, world.clock.now().wallMs)
  const message = { type: 'answer', requestId: fact.requestId, token }
  assert.deepEqual(await world.courier({ call: 'deliver', message }), { done: false })
  assert.ok(!world.os.canAct(anna))
})

test('denied reaches the person with the note, and closes the request for every answer', async () => {
  const { world, fact } = await asked()
  await world.ok(anna, { call: 'watch' })
  const message = { type: 'denial', requestId: fact.requestId, note: 'Ask Carla first.' }
  assert.deepEqual(await world.courier({ call: 'deliver', message }), { done: true })
  const { lastDecision } = await world.status()
  assert.deepEqual([lastDecision?.state, lastDecision?.note], ['denied', 'Ask Carla first.'])
  assert.ok(world.events.some(({ notice }) => notice === 'denied'))
  assert.equal(await world.no(anna, answer(world.organisation.response(fact).text)), 'expired')
  assert.deepEqual(await world.courier({ call: 'deliver', message }), { done: false })
})

test('GATE-5: nothing but admit makes a grant', () => {
  assert.ok(!VerifiedGrant.is({ session: {} }))
  assert.ok(!VerifiedGrant.is(Object.create(VerifiedGrant.prototype)))
})

test('LIMIT-4: the fiftieth wrong code locks the person, not the other one; a token still works', async () => {
  const { world, fact } = await asked()
  const state = JSON.parse(Buffer.from(world.disk.files.get('/state/state.json') ?? []).toString())
  state.limiter.users[0].failures = 49
  world.disk.files.set('/state/state.json', Buffer.from(JSON.stringify(state)))
  await world.restart()
  const bad = world.organisation.response({ ...fact, policySerial: fact.policySerial + 1 }).text
  assert.equal(await world.no(anna, answer(bad)), 'bad')
  assert.equal((await world.facts('code.wrong')).at(-1)?.body.locked, true)
  assert.equal((await world.status(anna)).pause?.kind, 'locked')
  assert.equal((await world.status(bert)).pause, null)
  assert.equal(await world.no(anna, answer(world.organisation.response(fact).text)), 'locked')
  const token = await world.organisation.answerToken(fact, world.clock.now().wallMs)
  assert.ok((await world.reply(anna, answer(token))).ok)
})
