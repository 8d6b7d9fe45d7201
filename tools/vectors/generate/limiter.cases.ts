import { type Settings, waitAfter } from './endpoint-state.ts'
import { deviceJson, halfHour, laptop, type VectorCase } from './fixtures.ts'
import { Trace } from './trace.ts'

export const settings: Settings = {
  device: laptop,
  pol: 118,
  users: {
    alice: { userSlot: 1, userId: 'alice@example.org' },
    bob: { userSlot: 0, userId: 'EXAMPLE\\bob' },
    carol: { userSlot: 2, userId: 'carol@example.org' },
  },
  dual: false,
  ttl: 43_200,
}

export const settingsJson = {
  device: deviceJson(laptop),
  pol: settings.pol,
  users: settings.users,
  dual: settings.dual,
  ttl: settings.ttl,
}

/** A trace on the file's own settings. */
export const trace = (): Trace => new Trace(settings)

/** Wrong answers until the user's failures are `failures`, each as soon as it is allowed. */
export function failUntil(t: Trace, user: string, from: number, failures: number): Trace {
  for (let f = from + 1; f <= failures; f += 1) {
    t.pass(waitAfter(f - 1)).wrong(user, halfHour)
    if (t.last().triesLeft === 0 && f < failures) t.create(user)
  }
  return t
}

/** As `failUntil`, with a new request whenever the old one aged out. */
export function failPatiently(user: string, failures: number, t = trace()): Trace {
  t.create(user)
  for (let f = 1; f <= failures; f += 1) {
    t.pass(waitAfter(f - 1))
      .create(user)
      .wrong(user, halfHour)
  }
  return t
}

export const waits = (): VectorCase[] => [
  trace().create('alice').answer('alice', halfHour).done('right-at-once', 'the first answer is right'),
  trace()
    .create('alice')
    .wrongTimes(4, 'alice', halfHour)
    .answer('alice', halfHour)
    .done('four-free', 'four wrong answers cost no wait; the fifth try is right'),
  failUntil(trace().create('alice'), 'alice', 0, 5).done(
    'fifth-closes',
    'the fifth wrong answer closes the request and owes 30 s',
  ),
  failUntil(trace().create('alice'), 'alice', 0, 5)
    .answer('alice', halfHour)
    .done('void-is-expired', 'a request that five wrong answers closed takes no right one'),
  failUntil(trace().create('alice'), 'alice', 0, 5)
    .create('alice')
    .answer('alice', halfHour)
    .pass(29)
    .answer('alice', halfHour)
    .pass(1)
    .answer('alice', halfHour)
    .done('wait-30', 'a right answer waits as well: refused at 0 s and 29 s, taken at 30 s'),
  failUntil(trace().create('alice'), 'alice', 0, 11).done(
    'waits-double',
    '30, 60, 120, 240, 480, 960, 1920 s',
  ),
  failPatiently('alice', 18).done('wait-cap', 'failure 16 owes 61440 s, failures 17 and 18 owe a day'),
  failUntil(trace().create('alice'), 'alice', 0, 3)
    .answer('alice', halfHour)
    .create('alice')
    .wrongTimes(4, 'alice', halfHour)
    .done('success-clears', 'after a success four answers are free again'),
  failUntil(trace().create('alice'), 'alice', 0, 5)
    .create('bob')
    .answer('bob', halfHour)
    .done('waits-are-per-user', 'the wait of one user does not touch another'),
  failUntil(trace().create('alice'), 'alice', 0, 5)
    .create('alice')
    .pass(0.5)
    .answer('alice', halfHour)
    .done('wait-rounds-up', '29.5 s are told as 30'),
]

export const locks = (): VectorCase[] => {
  const deviceLock = trace()
  for (const user of ['alice', 'bob', 'carol']) {
    for (let f = 1; f <= 34; f += 1) {
      if (user === 'carol' && f > 32) break
      deviceLock
        .pass(waitAfter(f - 1))
        .create(user)
        .wrong(user, halfHour)
    }
  }
  return [
    failPatiently('alice', 49)
      .pass(86_400)
      .create('alice')
      .answer('alice', halfHour)
      .done('right-at-50', 'the fiftieth try may still be right'),
    failPatiently('alice', 50)
      .pass(86_400)
      .create('alice')
      .answer('alice', halfHour)
      .create('bob')
      .answer('bob', halfHour)
      .done('lock-50', 'fifty failures lock this user and no other'),
    failPatiently('alice', 50)
      .unlockUser('alice')
      .create('alice')
      .answer('alice', halfHour)
      .done('unlock-user', 'the server unlocks a user'),
    failPatiently('alice', 50)
      .create('alice', 2)
      .recover('alice')
      .create('alice')
      .answer('alice', halfHour)
      .done('unlock-recovery', 'a recovery code unlocks'),
    deviceLock
      .create('carol')
      .answer('carol', halfHour)
      .create('bob')
      .answer('bob', halfHour)
      .unlockDevice()
      .create('bob')
      .answer('bob', halfHour)
      .done('lock-100', 'a hundred failures of all users lock the device; the server unlocks it'),
    successKeepsDeviceCount(),
  ]
}

/** 25 rounds of four wrong answers and a right one: only the device's own count reaches its limit. */
function successKeepsDeviceCount(): VectorCase {
  const t = trace()
  for (let round = 0; round < 25; round += 1) {
    if (round % 8 === 0) t.pass(86_400)
    t.create('alice').wrongTimes(4, 'alice', halfHour)
    if (round < 24) t.answer('alice', halfHour)
  }
  return t
    .answer('alice', halfHour)
    .done('success-keeps-device-count', 'a success does not take back the device’s failures')
}

export const crashes = (): VectorCase[] => [
  trace()
    .create('alice')
    .wrong('alice', halfHour, 'after-count')
    .wrongTimes(3, 'alice', halfHour)
    .wrong('alice', halfHour)
    .done('crash-counts', 'a power cut before the comparison does not give the guess back'),
  trace()
    .create('alice')
    .answer('alice', halfHour, 'after-count')
    .answer('alice', halfHour)
    .done('crash-right-again', 'a right answer that was cut off may be typed again'),
  trace()
    .create('alice')
    .wrongTimes(4, 'alice', halfHour)
    .wrong('alice', halfHour, 'after-count')
    .answer('alice', halfHour)
    .create('alice')
    .answer('alice', halfHour)
    .done('crash-fifth', 'the fifth try counts as used even if it was never compared'),
  trace()
    .create('alice')
    .answer('alice', halfHour, 'after-consume')
    .answer('alice', halfHour)
    .create('alice')
    .done('crash-consumed', 'an accepted answer stays spent, whatever came of it'),
  failUntil(trace().create('alice'), 'alice', 0, 6)
    .create('alice')
    .pass(59)
    .powerCut()
    .answer('alice', halfHour)
    .pass(59)
    .answer('alice', halfHour)
    .pass(1)
    .answer('alice', halfHour)
    .done('power-cut-no-credit', 'time since the last save is not credited'),
  failUntil(trace().create('alice'), 'alice', 0, 7)
    .create('alice')
    .pass(60)
    .save()
    .pass(30)
    .powerCut()
    .answer('alice', halfHour)
    .pass(60)
    .answer('alice', halfHour)
    .done('power-cut-after-save', 'what was saved stays: 60 s of 120 are left'),
  failUntil(trace().create('alice'), 'alice', 0, 7)
    .create('alice')
    .pass(90)
    .restart()
    .answer('alice', halfHour)
    .pass(30)
    .answer('alice', halfHour)
    .done('restart-in-order', 'an orderly stop keeps all the time'),
  failPatiently('alice', 49)
    .pass(86_400)
    .create('alice')
    .wrong('alice', halfHour, 'after-count')
    .answer('alice', halfHour)
    .done('crash-locks', 'the fiftieth try locks even if it was never compared'),
]
