import assert from 'node:assert/strict'
import { test } from 'node:test'
import { story } from './world.ts'

test(
  'GATE-1 GATE-2 REC-1: a request approved in the console raises rights for fifteen minutes, and all of it is on record',
  story(async (world) => {
    const laptop = await world.computer('train-laptop', 'alice')
    const alice = world.person('alice')
    const request = await alice.asks('Install the printer driver')
    assert.equal(request.sent, true)
    assert.equal(alice.isAdministrator, false)
    const seen = await world.carol.request(request)
    assert.deepEqual(
      [seen.state, seen.userName, seen.reason],
      ['pending', 'alice', 'Install the printer driver'],
    )

    const approved = await world.carol.approves(request, { minutes: 15 })
    assert.equal(approved.state, 'approved')
    const { session } = await alice.status()
    assert.ok(session)
    assert.equal(session.credential, 'answer-token')
    assert.equal(alice.isAdministrator, true)
    alice.runs('apt', 'install', 'printer-driver')
    await world.clock.pass({ minutes: 14 })
    assert.equal(alice.isAdministrator, true)
    const live = await world.carol.session(session)
    assert.deepEqual([live.summary.state, live.summary.approvedBy], ['live', 'carol'])

    await world.clock.pass({ minutes: 2 })
    assert.equal(alice.isAdministrator, false)
    assert.equal((await alice.status()).session, null)
    assert.equal((await alice.lastSession())?.endReason, 'expired')
    const { summary, proven } = await world.carol.session(session)
    assert.deepEqual(
      [summary.state, summary.endReason, summary.completeness, proven],
      ['ended', 'expired', 'complete', true],
    )
    assert.deepEqual(await world.carol.programs(session), ['apt install printer-driver'])
    assert.deepEqual(laptop.os.notices.at(-1)?.text.includes('ended'), true)
  }),
)
