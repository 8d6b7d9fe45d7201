import { halfHour, type VectorCase, type VectorFile } from './fixtures.ts'
import {
  crashes,
  failPatiently,
  failUntil,
  locks,
  settings,
  settingsJson,
  trace,
  waits,
} from './limiter.cases.ts'
import { Trace } from './trace.ts'

const requests = (): VectorCase[] => {
  const day = trace()
  for (let i = 0; i < 20; i += 1) day.create('alice').cancel('alice')
  return [
    trace()
      .create('alice')
      .pass(10)
      .create('alice')
      .done('create-again', 'an open request is handed out again: same code, same counter'),
    trace()
      .create('alice')
      .cancel('alice')
      .answer('alice', halfHour)
      .create('alice')
      .done('cancel', 'a cancelled request is closed; the next one has the next counter'),
    trace()
      .create('alice')
      .restart()
      .answer('alice', halfHour)
      .done('survives-restart', 'a request outlives a restart'),
    trace()
      .create('alice')
      .pass(43_199)
      .answer('alice', halfHour)
      .done('ttl-last-second', 'one second before its time is over'),
    trace()
      .create('alice')
      .pass(43_200)
      .answer('alice', halfHour)
      .create('alice')
      .done('ttl-over', 'at the end of its time'),
    trace()
      .create('alice')
      .pass(40_000)
      .restart()
      .pass(3_200)
      .answer('alice', halfHour)
      .done('ttl-over-restart', 'age goes on after a restart'),
    trace()
      .create('alice')
      .create('bob')
      .answer('alice', halfHour)
      .answer('bob', halfHour)
      .done('two-users', 'each user has a request of their own'),
    trace()
      .create('alice')
      .create('alice', 2)
      .pass(10)
      .recover('alice')
      .answer('alice', halfHour)
      .done('recovery-beside', 'a recovery request stands beside the other; each takes its own answer'),
    day
      .create('alice')
      .create('bob')
      .pass(86_399)
      .create('alice')
      .pass(1)
      .create('alice')
      .done('twenty-a-day', 'twenty requests in a user’s window; the window closes after a day'),
    bothWindowsFull(),
    twentyCallsForHelp(),
  ]
}

/** Both windows full, of which the device's closes later. */
function bothWindowsFull(): VectorCase {
  const users = { ...settings.users, dora: { userSlot: 3, userId: 'dora@example.org' } }
  const t = new Trace({ ...settings, users })
  const fill = (user: string): void => {
    for (let i = 0; i < 20; i += 1) t.create(user).cancel(user)
  }
  t.create('bob').cancel('bob').pass(50_000)
  fill('alice')
  t.pass(36_400)
  for (const user of ['bob', 'carol', 'dora']) fill(user)
  return t
    .create('alice')
    .pass(50_000)
    .create('alice')
    .pass(36_400)
    .create('alice')
    .done('sixty-a-day', 'sixty in the device’s window; the wait is that of the window that closes last', {
      users,
    })
}

/** Kinds 2 and 3 have a window of the device that no user has alone. */
function twentyCallsForHelp(): VectorCase {
  const t = trace()
  for (let i = 0; i < 20; i += 1) {
    const user = i % 2 === 0 ? 'alice' : 'bob'
    t.create(user, i % 3 === 0 ? 3 : 2)
      .pass(10)
      .recover(user)
  }
  return t
    .create('carol', 2)
    .create('carol')
    .done('twenty-calls-for-help', 'twenty of kinds 2 and 3 in a device’s window, beside the other kinds')
}

const classes = (): VectorCase[] => {
  const typos = trace().create('alice')
  for (let i = 0; i < 10; i += 1) typos.pass(1).type('alice', '6G1RB-YEH30')
  return [
    trace().type('alice', '6G1RA-YEH30').done('class-expired-none', 'expired: there never was a request'),
    trace().create('alice').type('alice', 'hello').done('class-format', 'format: no answer at all'),
    trace()
      .create('alice')
      .answer('alice', halfHour, null, (text) => `${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`)
      .done('class-typo', 'typo: the check does not fit'),
    trace()
      .create('alice')
      .answer('alice', { ...halfHour, dur: 22 })
      .answer('alice', halfHour)
      .done('class-reserved', 'format: a reserved duration, not counted although its tag is right'),
    trace().create('alice').wrong('alice', halfHour).done('class-bad', 'bad: counted'),
    trace()
      .create('alice')
      .answer('alice', { ...halfHour, slot: 1 })
      .done('class-bad-slot', 'bad: slot 1 where one code is enough'),
    failUntil(trace().create('alice'), 'alice', 0, 5)
      .create('alice')
      .wrong('alice', halfHour)
      .done('class-wait', 'wait: not compared, not counted'),
    failPatiently('alice', 50).create('alice').wrong('alice', halfHour).done('class-locked', 'locked'),
    trace()
      .create('alice')
      .answer('alice', halfHour)
      .answer('alice', halfHour)
      .done('class-consumed', 'consumed: the same answer a second time'),
    trace()
      .create('alice')
      .rollback()
      .answer('alice', halfHour)
      .done('class-quarantine-void', 'evidence of a rollback voids open requests'),
    trace()
      .rollback()
      .create('alice')
      .create('alice', 2)
      .pass(10)
      .recover('alice')
      .create('alice')
      .answer('alice', halfHour)
      .done('class-quarantine', 'quarantine: no request but for help; a recovery code ends it'),
    trace()
      .create('alice')
      .type('bob', '6G1RA-YEH30')
      .done('class-other-caller', 'only the user who made the request may answer it'),
    typos
      .answer('alice', halfHour)
      .pass(50)
      .answer('alice', halfHour)
      .pass(1)
      .answer('alice', halfHour)
      .done(
        'typing-errors',
        'after ten typing errors in a minute even a right answer waits until the oldest is a minute old',
      ),
    typingErrorsDoNotCount(),
    typingErrorsOfBothBoxes(),
  ]
}

function typingErrorsOfBothBoxes(): VectorCase {
  const t = trace().create('alice').create('alice', 2).pass(10)
  for (let i = 0; i < 5; i += 1) t.type('alice', 'ABC').recover('alice', (text) => text.slice(1))
  return t
    .recover('alice')
    .answer('alice', halfHour)
    .pass(60)
    .recover('alice')
    .answer('alice', halfHour)
    .done('typing-errors-recovery', 'typing errors in recovery codes are counted with the others')
}

function typingErrorsDoNotCount(): VectorCase {
  const t = trace().create('alice').wrongTimes(4, 'alice', halfHour)
  for (let i = 0; i < 9; i += 1) t.type('alice', 'ABC')
  return t.answer('alice', halfHour).done('typing-errors-are-free', 'nine typing errors are no guesses')
}

export function limiterFile(): VectorFile {
  return {
    name: 'limiter.json',
    note: 'traces of the endpoint’s state machine; one outcome for each step. See spec/guess-limits.md',
    given: settingsJson,
    vectors: [...waits(), ...locks(), ...crashes(), ...requests(), ...classes()],
  }
}

const dualTrace = (): Trace => new Trace({ ...settings, dual: true }).create('alice')

export function dualControlFile(): VectorFile {
  const first = halfHour
  const second = { ...halfHour, slot: 1 }
  return {
    name: 'dual-control.json',
    note: 'two codes at the endpoint; traces as in limiter.json. See spec/response-code.md, Two approvers',
    given: { ...settingsJson, dual: true },
    vectors: [
      dualTrace().answer('alice', first).answer('alice', second).done('dual-0-1', 'slot 0, then slot 1'),
      dualTrace().answer('alice', second).answer('alice', first).done('dual-1-0', 'slot 1, then slot 0'),
      dualTrace()
        .answer('alice', first)
        .answer('alice', first)
        .done('dual-same-slot', 'the same code twice is one code'),
      dualTrace()
        .answer('alice', first)
        .wrong('alice', first)
        .answer('alice', second)
        .done('dual-same-slot-wrong', 'nothing of the answered slot is compared or counted'),
      dualTrace()
        .answer('alice', { ...first, dur: 8, end: false })
        .answer('alice', { ...second, dur: 5 })
        .done('dual-shorter', 'the shorter duration; end if either says so'),
      dualTrace()
        .answer('alice', { ...first, dur: 31 })
        .answer('alice', { ...second, dur: 21 })
        .done('dual-sign-out', 'until sign-out is the longest'),
      dualTrace()
        .answer('alice', { ...first, profile: 2 })
        .answer('alice', { ...second, profile: 3 })
        .answer('alice', { ...second, profile: 2 })
        .done('dual-profile', 'another profile is bad and counted'),
      dualTrace()
        .wrongTimes(3, 'alice', first)
        .answer('alice', first)
        .wrong('alice', second)
        .answer('alice', second)
        .done(
          'dual-counted-together',
          'wrong codes of both slots count together; the first right one is not counted and clears nothing',
        ),
      dualTrace()
        .wrongTimes(3, 'alice', first)
        .answer('alice', first)
        .wrong('alice', second)
        .wrong('alice', second)
        .answer('alice', second)
        .done('dual-fifth', 'five wrong codes close a half-answered request'),
      dualTrace()
        .answer('alice', first)
        .powerCut()
        .answer('alice', second)
        .done('dual-survives', 'half an answer outlives a power cut'),
      dualTrace()
        .answer('alice', first)
        .answer('alice', second)
        .answer('alice', second)
        .done('dual-consumed', 'after both the request is consumed'),
    ],
  }
}
