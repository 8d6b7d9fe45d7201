/** Time and accounts go wrong under a running session, with the agent alive and with the agent dead. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { anna, type FaultyComputer } from './faulty-computer.ts'
import { asked, type Scene } from './one-session.ts'

const skip = process.getuid?.() === 0 ? false : 'skipped: the agent runs as root'
const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

describe('clocks and accounts under a session', { skip }, () => {
  let scene: Scene
  before(async () => {
    scene = await asked()
  })
  after(() => scene?.computer.close())

  /** Anna is raised for 15 minutes. */
  async function raised(work: (computer: FaultyComputer) => Promise<void>, env: Record<string, string> = {}) {
    const computer = scene.computer.copy()
    try {
      assert.equal(await computer.start({ env }), 'ready', computer.log)
      assert.equal(await computer.word({ call: 'answer', text: scene.code }), 'ok')
      assert.ok(computer.os.canAct(anna))
      await computer.pass(minuteMs)
      await work(computer)
    } finally {
      await computer.close()
    }
  }

  /** The reason of the one end there is; after it nobody has rights, and the used code stays used. */
  async function endedAs(computer: FaultyComputer): Promise<string> {
    const ends = await computer.facts('session.end')
    assert.equal(ends.length, 1)
    assert.equal((await computer.facts('session.start')).length, 1)
    assert.ok(!computer.os.canAct(anna))
    return ends[0]?.reason ?? ''
  }

  test('END-3, END-6: a reboot ends the session, and no time of another boot gives it back', () =>
    raised(async (computer) => {
      await computer.reboot()
      // Time since boot is less than at the start, so a session that was compared with it would have time left.
      assert.equal(await computer.start(), 'ready')
      await computer.pass(1_000)
      assert.equal(await endedAs(computer), 'reboot')
      await computer.jump({ bootMs: 100_000 })
      await computer.pass(minuteMs)
      assert.equal((await computer.status()).session, null)
      assert.equal(await computer.word({ call: 'answer', text: scene.code }), 'consumed')
    }))

  for (const alive of [true, false]) {
    const whose = alive ? 'under a running agent' : 'while the agent is dead'
    const turned = (computer: FaultyComputer, wallMs: number) =>
      later(computer, () => computer.jump({ wallMs }))
    /** What happens, then the agent looks: it beats, or it starts. */
    const later = async (computer: FaultyComputer, happens: () => unknown) => {
      if (!alive) await computer.kill()
      await happens()
      if (!alive) assert.equal(await computer.start(), 'ready', computer.log)
      await computer.pass(31_000)
    }

    test(`END-3, END-6: the wall clock a day back ${whose} ends the session as tampering`, () =>
      raised(async (computer) => {
        await turned(computer, -dayMs)
        assert.equal(await endedAs(computer), 'clock-tampering')
        const [jump] = await computer.facts('clock.jump')
        assert.ok(jump && Math.abs(jump.driftMs + dayMs) < 1_000)
        await computer.restart()
        assert.equal(await endedAs(computer), 'clock-tampering')
      }))

    test(`END-3, END-6: the wall clock a day forward ${whose} ends the session as expired, and back again lengthens nothing`, () =>
      raised(async (computer) => {
        await turned(computer, dayMs)
        assert.equal(await endedAs(computer), 'expired')
        await turned(computer, -dayMs)
        assert.equal(await endedAs(computer), 'expired')
        assert.equal((await computer.status()).session, null)
      }))

    test(`END-3, END-6: a computer that slept over the deadline ${whose} wakes without rights`, () =>
      raised(async (computer) => {
        await later(computer, () => computer.jump({ bootMs: 20 * minuteMs, wallMs: 20 * minuteMs }))
        assert.equal(await endedAs(computer), 'expired')
      }))

    test(`END-3, END-6: and so does one whose wall clock stood still as if turned back ${whose}`, () =>
      raised(async (computer) => {
        await later(computer, () => computer.jump({ bootMs: 20 * minuteMs }))
        assert.equal(await endedAs(computer), 'clock-tampering')
      }))

    test(`END-6, GATE-7: an account that is deleted ${whose} ends its session`, () =>
      raised(async (computer) => {
        await later(computer, () => computer.os.removeAccount(anna))
        const [end] = await computer.facts('session.end')
        assert.equal(end?.reason, 'account-gone')
        assert.ok(!computer.os.canAct(anna))
      }))

    test(`END-6, GATE-7, GATE-8: a uid that is given to somebody else ${whose} takes nothing over`, () =>
      raised(async (computer) => {
        await later(computer, () => computer.os.addAccount(anna, 'mallory'))
        assert.equal(await endedAs(computer), 'account-gone')
        const status = await computer.status()
        assert.deepEqual([status.user.name, status.session, status.request], ['mallory', null, null])
        assert.equal(await computer.word({ call: 'end' }), 'no-session')
        const wish = { call: 'request', mode: 'session', reason: 'I am somebody else', offline: true }
        assert.equal(await computer.word(wish), 'ok')
        assert.notEqual(await computer.word({ call: 'answer', text: scene.code }), 'ok')
        assert.ok(!computer.os.canAct(anna))
      }))
  }

  for (const [name, happens] of [
    ['a deadline', (computer: FaultyComputer) => computer.pass(16 * minuteMs)],
    ['a reboot', (computer: FaultyComputer) => computer.reboot()],
  ] as const)
    test(`REC-2, EVID-2: a session that ${name} ended while the agent was dead is told as not wholly recorded`, () =>
      raised(async (computer) => {
        await computer.kill()
        await happens(computer)
        assert.equal(await computer.start(), 'ready', computer.log)
        await computer.pass(1_000)
        const [gap] = await computer.facts('recording.gap')
        assert.match(gap?.cause ?? '', /^recorder-stopped: the agent was not running/)
        const [start] = await computer.facts('session.start')
        const [end] = await computer.facts('session.end')
        assert.ok(gap && start && end && gap.from <= gap.to && gap.to <= start.endsAt)
        assert.equal(end.gaps, 1)
      }))

  test('END-6, GATE-8: a uid that changes hands before the answer is entered raises nobody', async () => {
    const computer = scene.computer.copy()
    try {
      assert.equal(await computer.start(), 'ready')
      computer.os.addAccount(anna, 'mallory')
      assert.equal(await computer.word({ call: 'answer', text: scene.code }), 'expired')
      assert.equal((await computer.status()).request, null)
      assert.ok(!computer.os.canAct(anna))
    } finally {
      await computer.close()
    }
  })

  test('END-3, END-9: a change of the time zone changes no deadline and no time in the journal', () =>
    raised(
      async (computer) => {
        const before = (await computer.status()).session
        await computer.kill()
        assert.equal(await computer.start({ env: { TZ: 'America/Los_Angeles' } }), 'ready')
        const after = (await computer.status()).session
        assert.deepEqual([after?.sessionId, after?.endsAt], [before?.sessionId, before?.endsAt])
        const [start] = await computer.facts('session.start')
        assert.equal(Date.parse(start?.endsAt ?? '') - Date.parse(start?.startedAt ?? ''), 15 * minuteMs)
        assert.deepEqual(await computer.facts('clock.jump'), [])
        await computer.pass(13 * minuteMs)
        assert.ok(computer.os.canAct(anna))
        await computer.pass(minuteMs + 1_000)
        assert.equal(await endedAs(computer), 'expired')
      },
      { TZ: 'Asia/Tokyo' },
    ))
})
