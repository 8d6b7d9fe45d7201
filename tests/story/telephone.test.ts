import assert from 'node:assert/strict'
import { test } from 'node:test'
import { guess, mistyped } from './harness/guess.ts'
import { refusal, story } from './world.ts'

test(
  'GATE-1 GATE-2 CODE-8 EVID-4: without a network the request is read out, the answer typed, and the record comes later',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    laptop.network.cut()
    const request = await alice.asks('Install the printer driver', { offline: true })
    assert.equal(request.sent, false)

    const heard = await world.carol.hears(request.requestCode)
    assert.equal(heard.request?.userName, 'alice')
    assert.equal(heard.request?.device.name, 'train-laptop')
    assert.deepEqual([heard.request?.source, heard.request?.reason], ['code', null])
    assert.ok(heard.warnings.includes('not-sent'))
    const answer = await world.carol.answers(heard, { minutes: 15 })
    assert.match(answer.text, /^[0-9A-Z]{5}-[0-9A-Z]{5}$/)
    const issued = (await world.owner.ledger()).filter(({ type }) => type === 'code.issued')
    assert.equal(issued.length, 1)

    const session = await alice.enters(answer.text)
    assert.deepEqual([session.credential, alice.isAdministrator], ['response-code', true])
    assert.deepEqual(await world.carol.sessions(), [])
    alice.runs('apt', 'install', 'printer-driver')
    await world.clock.pass({ minutes: 16 })
    assert.equal(alice.isAdministrator, false)

    laptop.network.mend()
    await world.clock.pass({ minutes: 5 })
    const { summary, request: joined } = await world.carol.session(session)
    assert.deepEqual([summary.state, summary.endReason], ['ended', 'expired'])
    assert.deepEqual([summary.approvedBy, summary.completeness], ['carol', 'complete'])
    assert.equal(joined?.id, heard.request?.id)
    assert.equal(joined?.reason, 'Install the printer driver')
    assert.deepEqual(await world.carol.programs(session), ['apt install printer-driver'])
  }),
)

test(
  'CODE-5: an answer works once; typed again after the session, also by digits or words, it is refused',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    laptop.network.cut()
    const { requestCode } = await alice.asks('Install the printer driver', { offline: true })
    const answer = await world.carol.answers(await world.carol.hears(requestCode))
    await alice.enters(answer.text)
    assert.equal(await refusal(alice.enters(answer.text)), 'already-granted')
    await alice.endsSession()

    for (const again of [answer.text, answer.digits, answer.words.join(' ')])
      assert.equal(await refusal(alice.enters(again)), 'consumed')
    assert.equal(alice.isAdministrator, false)
    assert.equal((await laptop.facts('grant.admitted')).length, 1)
  }),
)

test(
  'CODE-6 LIMIT-9: a typing error in an answer is said to be one and does not count as a try',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    laptop.network.cut()
    const { requestCode } = await alice.asks('Install the printer driver', { offline: true })
    const { text } = await world.carol.answers(await world.carol.hears(requestCode))

    assert.equal(await refusal(alice.enters(mistyped(text))), 'typo')
    assert.equal(await refusal(alice.enters(text.slice(0, 7))), 'format')
    assert.equal((await alice.status()).request?.triesLeft, 5)
    await alice.enters(text)
    assert.equal(alice.isAdministrator, true)
    assert.deepEqual(await laptop.facts('code.wrong'), [])
  }),
)

test(
  'LIMIT-1 LIMIT-2 LIMIT-3: the fifth wrong answer closes the request, also for the right one, and a pause begins',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    laptop.network.cut()
    const request = await alice.asks('Install the printer driver', { offline: true })
    const heard = await world.carol.hears(request.requestCode)
    const { text } = await world.carol.answers(heard)
    for (const number of [1, 2, 3, 4]) {
      assert.equal(await refusal(alice.enters(guess(request.requestCode, number))), 'bad')
      assert.equal((await alice.status()).request?.triesLeft, 5 - number)
    }
    assert.equal(await refusal(alice.enters(guess(request.requestCode, 5))), 'bad')

    const { lastDecision, pause } = await alice.status()
    assert.deepEqual([lastDecision?.state, pause?.kind, pause?.remainingMs], ['void', 'wait', 30_000])
    assert.equal(await refusal(alice.enters(text)), 'expired')
    assert.equal(alice.isAdministrator, false)

    laptop.network.mend()
    await world.clock.pass({ minutes: 5 })
    assert.equal((await laptop.facts('code.wrong')).length, 5)
    assert.equal((await world.carol.request({ requestId: heard.request?.id ?? '' })).sessionId, null)
    assert.deepEqual(await world.carol.sessions(), [])
  }),
)

test(
  'LIMIT-2: a request closed by wrong answers is closed for the approver too',
  story(async (world) => {
    await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    const request = await alice.asks()
    await alice.guesses(request.requestCode, 5)

    assert.equal((await alice.status()).lastDecision?.state, 'void')
    assert.equal((await world.carol.request(request)).state, 'void')
    assert.equal(await refusal(world.carol.approves(request)), 'void')
  }),
)

test(
  'GATE-8 CODE-4: an answer for one user does not work for another user of the same computer',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice', 'bob')
    const [alice, bob] = [world.person('alice'), world.person('bob')]
    laptop.network.cut()
    const { requestCode } = await alice.asks('Install the printer driver', { offline: true })
    await bob.asks('Install the scanner driver', { offline: true })
    const { text } = await world.carol.answers(await world.carol.hears(requestCode))

    assert.match(await refusal(bob.enters(text)), /^(typo|bad)$/)
    assert.deepEqual([alice.isAdministrator, bob.isAdministrator], [false, false])
    await alice.enters(text)
    assert.deepEqual([alice.isAdministrator, bob.isAdministrator], [true, false])
    assert.equal((await bob.status()).request?.state, 'pending')
  }),
)

test(
  'CODE-4 KEY-1: an answer for one computer does not work on another one of the same user',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice')
    const desktop = await world.computer('office-desktop', 'alice')
    const alice = { onLaptop: world.person('alice', laptop), onDesktop: world.person('alice', desktop) }
    laptop.network.cut()
    desktop.network.cut()
    const { requestCode } = await alice.onLaptop.asks('Install the printer driver', { offline: true })
    await alice.onDesktop.asks('Install the printer driver', { offline: true })
    const { text } = await world.carol.answers(await world.carol.hears(requestCode))

    assert.match(await refusal(alice.onDesktop.enters(text)), /^(typo|bad)$/)
    assert.equal(alice.onDesktop.isAdministrator, false)
    await alice.onLaptop.enters(text)
    assert.deepEqual([alice.onLaptop.isAdministrator, alice.onDesktop.isAdministrator], [true, false])
  }),
)

test(
  'GATE-11: where codes by telephone are off, nobody asks for one, nobody gives one, and a right one is refused',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    const request = await alice.asks()
    const { text } = await world.carol.answers(await world.carol.hears(request.requestCode))
    await world.owner.sets({ offlineCodes: false })

    assert.equal(await refusal(alice.enters(text)), 'offline-codes-disabled')
    assert.equal(alice.isAdministrator, false)
    await alice.withdraws()
    assert.equal(await refusal(alice.asks('Install it', { offline: true })), 'offline-codes-disabled')
    const next = await alice.asks()
    const heard = await world.carol.hears(next.requestCode)
    assert.equal(await refusal(world.carol.answers(heard)), 'offline-codes-disabled')
    assert.deepEqual(await laptop.facts('grant.admitted'), [])
  }),
)

test(
  'CODE-12: a request code that was misheard is suggested, not taken',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    laptop.network.cut()
    const { requestCode } = await alice.asks('Install the printer driver', { offline: true })
    const misheard = `${requestCode.slice(0, -1)}${requestCode.endsWith('7') ? '8' : '7'}`
    const heard = await world.carol.hears(misheard)

    assert.equal(heard.request, null)
    assert.ok(heard.suggestions.some((one) => one.requestCode === requestCode && one.userName === 'alice'))
    assert.deepEqual(await world.carol.requests(), [])
    assert.equal((await alice.status()).request?.state, 'pending')
  }),
)

test(
  'GATE-4: an answer for longer than the policy of the computer allows gives what the policy allows, and both are on record',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    const { requestCode } = await alice.asks()
    const { text } = await world.carol.answers(await world.carol.hears(requestCode), { minutes: 60 })
    await world.owner.sets({ minutesCeiling: 30 })
    const session = await alice.enters(text)

    assert.equal(Date.parse(session.endsAt) - Date.parse(session.startedAt), 30 * 60_000)
    const [grant] = await laptop.facts('grant.admitted')
    assert.deepEqual([grant?.answeredSeconds, grant?.grantedSeconds], [3600, 1800])
    assert.equal((await world.carol.session(session)).summary.endsAt, session.endsAt)
    await world.clock.pass({ minutes: 31 })
    assert.equal(alice.isAdministrator, false)
  }),
)
