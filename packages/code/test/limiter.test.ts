import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Attempt,
  acceptToken,
  cancelRequest,
  chargeEmergency,
  chargeRecovery,
  chargeResponse,
  elapse,
  emptyLimiter,
  enterQuarantine,
  LIMITS,
  type Limiter,
  limitedUser,
  openRequest,
  type RequestKind,
  settle,
  startLimiter,
  unlockDevice,
  unlockUser,
  voidRequests,
  waitAfter,
} from '../src/index.ts'

const slot0 = { dur: 6, end: true, profile: 0, slot: 0 } as const
const HOUR = 3_600_000
const DAY = 24 * HOUR

function open(limiter: Limiter, upMs: number, user: string, kind: RequestKind = 'session', dual = false) {
  const bind = (counter: number) => ({ code: `code-${counter}`, epoch: 0, pol: 1, userId: user })
  return openRequest(limiter, upMs, { user, kind, dual, bind })
}

/** Guesses once, opening a request when there is none; `undefined` when the limiter refuses to compare. */
function guess(before: Limiter, upMs: number, user: string): { limiter: Limiter; verdict: string } {
  let limiter = open(before, upMs, user).limiter
  const charge = chargeResponse(limiter, upMs, user, slot0)
  limiter = charge.limiter
  if (charge.verdict !== 'charged') return { limiter, verdict: charge.verdict }
  return { limiter: settle(limiter, upMs, charge.attempt, { matched: false }).limiter, verdict: 'bad' }
}

/** Guesses as early as the waits allow, opening requests as early as the quota allows. */
function patientAttacker(untilMs: number): number[] {
  const guessedAtMs: number[] = []
  let limiter = startLimiter(emptyLimiter(), 0)
  for (let upMs = 0; upMs <= untilMs; ) {
    const tried = guess(limiter, upMs, 'mallory')
    limiter = tried.limiter
    if (tried.verdict === 'bad') guessedAtMs.push(upMs)
    else if (tried.verdict === 'locked') return guessedAtMs
    upMs += tried.verdict === 'bad' ? 0 : Math.max(1, limitedUser(limiter.state, 'mallory').owedMs)
  }
  return guessedAtMs
}

test('LIMIT-3, LIMIT-4: a patient attacker has 11 guesses in an hour, 16 in a day, 22 in a week, 50 in 34.4 days, then the lock', () => {
  const at = patientAttacker(100 * DAY)
  const within = (ms: number) => at.filter((time) => time <= ms).length
  assert.deepEqual([within(HOUR), within(DAY), within(7 * DAY)], [11, 16, 22])
  assert.equal(at.length, 50)
  assert.equal(Math.round(((at[49] ?? 0) / DAY) * 10) / 10, 34.4)
})

test('LIMIT-3: the wait is nothing for four failures, then 30 s doubling to a day', () => {
  const waits = Array.from({ length: 19 }, (_, i) => waitAfter(i) / 1000)
  assert.deepEqual(waits.slice(0, 8), [0, 0, 0, 0, 0, 30, 60, 120])
  assert.deepEqual(waits.slice(16), [61_440, 86_400, 86_400])
})

test('LIMIT-4: a hundred failures of several users lock everybody, and a success takes none of them back', () => {
  let limiter = startLimiter(emptyLimiter(), 0)
  for (let i = 0; i < 99; i++) limiter = guess(limiter, 0, `user-${i % 33}`).limiter
  const opened = open(limiter, 0, 'honest').limiter
  const right = chargeResponse(opened, 0, 'honest', slot0)
  assert.equal(right.verdict, 'charged')
  if (right.verdict !== 'charged') return
  limiter = settle(right.limiter, 0, right.attempt, { matched: true, params: slot0 }).limiter
  assert.equal(limiter.state.failures, 99)
  limiter = guess(limiter, 0, 'user-1').limiter
  assert.equal(guess(limiter, 0, 'honest').verdict, 'locked')
})

test('LIMIT-1, LIMIT-2: a guess is charged before it is compared: a crash in between does not give it back', () => {
  const opened = open(startLimiter(emptyLimiter(), 0), 0, 'alice').limiter
  let durable = opened.state
  for (let i = 0; i < 5; i++) {
    const charge = chargeResponse(startLimiter(durable, 0), 0, 'alice', slot0)
    assert.equal(charge.verdict, 'charged')
    durable = charge.limiter.state
  }
  assert.equal(chargeResponse(startLimiter(durable, 0), 0, 'alice', slot0).verdict, 'expired')
  assert.equal(limitedUser(durable, 'alice').failures, 5)
})

test('LIMIT-2, LIMIT-7: a user has one open request, and five wrong codes close it', () => {
  let limiter = open(startLimiter(emptyLimiter(), 0), 0, 'alice').limiter
  const again = open(limiter, 0, 'alice')
  assert.ok(again.result === 'already-open' && again.request.code === 'code-1')
  assert.equal(open(limiter, 0, 'bob').result, 'opened')
  for (let tries = 1; tries <= 5; tries++) {
    const charge = chargeResponse(limiter, 0, 'alice', slot0)
    assert.ok(charge.verdict === 'charged')
    assert.equal(charge.attempt.request?.code, 'code-1')
    const settled = settle(charge.limiter, 0, charge.attempt, { matched: false })
    assert.ok(settled.verdict === 'bad' && settled.triesLeft === 5 - tries)
    limiter = settled.limiter
  }
  assert.equal(chargeResponse(limiter, 0, 'alice', slot0).verdict, 'expired')
  assert.equal(open(limiter, 0, 'alice').result, 'opened')
})

test('LIMIT-9: typing errors cost no try, and after ten in a minute even a right code waits', () => {
  let limiter = open(startLimiter(emptyLimiter(), 0), 0, 'alice').limiter
  for (let error = 0; error < 10; error++) {
    const refused = chargeResponse(limiter, error * 1000, 'alice', error % 2 ? 'typo' : 'format')
    assert.equal(refused.verdict, error % 2 ? 'typo' : 'format')
    limiter = refused.limiter
  }
  assert.equal(limitedUser(limiter.state, 'alice').failures, 0)
  const held = chargeResponse(limiter, 10_000, 'alice', slot0)
  assert.ok(held.verdict === 'wait' && held.retryAfterMs === 50_000)
  assert.equal(chargeRecovery(limiter, 10_000, 'alice', 'typo').verdict, 'wait')
  assert.equal(chargeResponse(limiter, 60_000, 'alice', slot0).verdict, 'charged')
})

test('an attempt settles only in the state in which it was charged', () => {
  const opened = open(startLimiter(emptyLimiter(), 0), 0, 'alice').limiter
  const charge = chargeResponse(opened, 0, 'alice', slot0)
  assert.ok(charge.verdict === 'charged')
  const { attempt } = charge
  const right = { matched: true, params: slot0 } as const
  assert.throws(() => settle(opened, 0, attempt, right), { code: 'attempt' })
  const done = settle(charge.limiter, 0, attempt, right)
  assert.throws(() => settle(done.limiter, 0, attempt, right), { code: 'attempt' })
  const forged: Attempt = { ...attempt, failures: 7 }
  assert.throws(() => settle(charge.limiter, 0, forged, right), { code: 'attempt' })
})

test('LIMIT-5, LIMIT-6: a clock that runs backwards, or a restart, credits no time', () => {
  let limiter = startLimiter(emptyLimiter(), 1_000_000)
  for (let i = 0; i < 5; i++) limiter = guess(limiter, 1_000_000, 'alice').limiter
  const owed = () => limitedUser(limiter.state, 'alice').owedMs
  assert.equal(owed(), 30_000)
  limiter = elapse(limiter, 0)
  assert.equal(owed(), 30_000)
  limiter = startLimiter(limiter.state, 9_999_999_999)
  limiter = elapse(limiter, 9_999_999_999)
  assert.equal(owed(), 30_000)
  limiter = elapse(limiter, 10_000_010_000)
  assert.equal(owed(), 19_999)
})

test('recovery is tried once in ten seconds on the whole device, also after a start, and while LOCKED', () => {
  let limiter = startLimiter(unlockless(60), 0)
  assert.equal(guess(limiter, 0, 'alice').verdict, 'locked')
  limiter = open(limiter, 0, 'alice', 'recovery').limiter
  limiter = open(limiter, 0, 'bob', 'recovery').limiter
  assert.equal(chargeRecovery(limiter, 9_999, 'alice', 'read').verdict, 'wait')
  const first = chargeRecovery(limiter, 10_000, 'alice', 'read')
  assert.ok(first.verdict === 'charged')
  assert.equal(chargeRecovery(first.limiter, 19_999, 'bob', 'read').verdict, 'wait')
  const wrong = settle(first.limiter, 10_000, first.attempt, { matched: false })
  assert.ok(wrong.verdict === 'bad' && wrong.triesLeft === null)
  const second = chargeRecovery(wrong.limiter, 20_000, 'alice', 'read')
  assert.ok(second.verdict === 'charged')
  const done = settle(second.limiter, 20_000, second.attempt, { matched: true })
  assert.equal(done.limiter.state.failures, 0)
  assert.equal(guess(done.limiter, 20_000, 'alice').verdict, 'bad')
  assert.equal(chargeRecovery(done.limiter, 30_000, 'alice', 'read').verdict, 'consumed')
})

test('CODE-13: a recovery code clears locks and quarantine, once, and grants nothing', () => {
  const locked = enterQuarantine(startLimiter(unlockless(100), 0), 0)
  const { limiter } = open(locked, 0, 'alice', 'recovery')
  const charge = chargeRecovery(limiter, 10_000, 'alice', 'read')
  assert.ok(charge.verdict === 'charged')
  const freed = settle(charge.limiter, 10_000, charge.attempt, { matched: true })
  assert.ok(freed.verdict === 'ok')
  assert.deepEqual(freed.params, [])
  const { failures, quarantine, users } = freed.limiter.state
  assert.deepEqual([failures, quarantine, users.map((user) => user.failures)], [0, false, [0]])
  assert.equal(chargeRecovery(freed.limiter, 20_000, 'alice', 'read').verdict, 'consumed')
})

/** A device whose user alice failed 50 times. */
function unlockless(deviceFailures: number) {
  let limiter = startLimiter(emptyLimiter(), 0)
  limiter = open(limiter, 0, 'alice').limiter
  const users = limiter.state.users.map((user) => ({ ...user, failures: LIMITS.failuresPerUser }))
  return { ...limiter.state, failures: deviceFailures, users }
}

test('CODE-13: a maintenance code unlocks nothing', () => {
  const limiter = open(startLimiter(unlockless(50), 0), 0, 'alice', 'maintenance').limiter
  const charge = chargeRecovery(limiter, 10_000, 'alice', 'read')
  assert.ok(charge.verdict === 'charged')
  const done = settle(charge.limiter, 10_000, charge.attempt, { matched: true })
  assert.equal(done.limiter.state.failures, 50)
})

test('LIMIT-8: no time, start, cancelled request or heal clears a lock', () => {
  const states = [unlockless(50), { ...unlockless(100), users: [] }]
  for (const state of states) {
    let limiter = elapse(startLimiter(state, 0), 400 * DAY)
    limiter = voidRequests(startLimiter(limiter.state, 0), 0)
    limiter = cancelRequest(open(limiter, 0, 'alice').limiter, 0, 'alice', 'session')
    assert.equal(guess(limiter, 0, 'alice').verdict, 'locked')
  }
})

test('LIMIT-8: the server unlocks one user, or the device', () => {
  const limiter = startLimiter(unlockless(100), 0)
  assert.equal(limitedUser(unlockUser(limiter, 0, 'alice').state, 'alice').failures, 0)
  assert.equal(unlockUser(limiter, 0, 'alice').state.failures, 100)
  assert.equal(unlockDevice(limiter, 0).state.failures, 0)
})

test('LIMIT-10: quarantine voids pending requests, opens only recovery, and refuses a token', () => {
  const opened = open(startLimiter(emptyLimiter(), 0), 0, 'alice').limiter
  const limiter = enterQuarantine(opened, 0)
  assert.equal(chargeResponse(limiter, 0, 'alice', slot0).verdict, 'expired')
  assert.equal(open(limiter, 0, 'alice').result, 'quarantine')
  assert.equal(open(limiter, 0, 'alice', 'recovery').result, 'opened')
  assert.equal(chargeEmergency(limiter, 0, 'alice', 'ready').verdict, 'quarantine')
  const held = { ...opened, state: { ...opened.state, quarantine: true } }
  assert.equal(acceptToken(held, 0, 'alice', { code: 'code-1', counter: 1 }).verdict, 'quarantine')
})

test('a token is no guess: it is taken while the user waits or is locked, once, and not under dual control', () => {
  const limiter = startLimiter(unlockless(100), 0)
  const token = { code: 'code-1', counter: 1 }
  const taken = acceptToken(limiter, 0, 'alice', token)
  assert.equal(taken.verdict, 'ok')
  assert.equal(acceptToken(taken.limiter, 0, 'alice', token).verdict, 'consumed')
  assert.equal(acceptToken(limiter, 0, 'alice', { ...token, counter: 2 }).verdict, 'expired')
  const dual = open(startLimiter(emptyLimiter(), 0), 0, 'alice', 'session', true).limiter
  assert.equal(acceptToken(dual, 0, 'alice', token).verdict, 'bad')
})

test('LIMIT-13: a user makes 20 requests a day, a device 60, and recovery has a quota of its own', () => {
  let limiter = startLimiter(emptyLimiter(), 0)
  const fill = (user: string, count: number) => {
    for (let i = 0; i < count; i++) {
      const opening = open(limiter, 0, user)
      assert.equal(opening.result, 'opened')
      limiter = cancelRequest(opening.limiter, 0, user, 'session')
    }
  }
  fill('a', 20)
  const refused = open(limiter, 1000, 'a')
  assert.ok(refused.result === 'quota' && refused.retryAfterMs === DAY - 1000)
  fill('b', 20)
  fill('c', 20)
  assert.equal(open(limiter, 0, 'd').result, 'quota')
  assert.equal(open(limiter, 0, 'd', 'recovery').result, 'opened')
  assert.equal(open(limiter, DAY, 'd').result, 'opened')
})

test('LIMIT-14: a request lives twelve hours, or as long as the policy says, at most seven days', () => {
  const bind = () => ({ code: 'c', epoch: 0, pol: 1, userId: 'a' })
  const wanted = { user: 'a', kind: 'session' as const, dual: false, bind, ttlMs: 30 * DAY }
  const { limiter } = openRequest(startLimiter(emptyLimiter(), 0), 0, wanted)
  assert.equal(chargeResponse(limiter, 7 * DAY - 1, 'a', slot0).verdict, 'charged')
  assert.equal(chargeResponse(limiter, 7 * DAY, 'a', slot0).verdict, 'expired')
  const usual = open(startLimiter(emptyLimiter(), 0), 0, 'b').limiter
  assert.equal(chargeResponse(usual, 12 * HOUR - 1, 'b', slot0).verdict, 'charged')
  assert.equal(chargeResponse(usual, 12 * HOUR, 'b', slot0).verdict, 'expired')
})

test('a forced heal voids what is open', () => {
  const opened = open(startLimiter(emptyLimiter(), 0), 0, 'alice').limiter
  assert.equal(chargeResponse(voidRequests(opened, 0), 0, 'alice', slot0).verdict, 'expired')
})

test('an answer that was read without the open request is a mistake of the program', () => {
  const opened = open(startLimiter(emptyLimiter(), 0), 0, 'alice').limiter
  assert.throws(() => chargeResponse(opened, 0, 'alice', 'unchecked'), { code: 'attempt' })
  assert.equal(chargeResponse(startLimiter(emptyLimiter(), 0), 0, 'alice', 'unchecked').verdict, 'expired')
})

test('an emergency code is counted like an answer, without a request', () => {
  let limiter = startLimiter(emptyLimiter(), 0)
  for (let i = 0; i < 5; i++) {
    const charge = chargeEmergency(limiter, 0, 'alice', 'ready')
    assert.ok(charge.verdict === 'charged')
    limiter = settle(charge.limiter, 0, charge.attempt, { matched: false }).limiter
  }
  assert.equal(chargeEmergency(limiter, 0, 'alice', 'ready').verdict, 'wait')
  const later = chargeEmergency(limiter, 30_000, 'alice', 'ready')
  assert.ok(later.verdict === 'charged')
  const done = settle(later.limiter, 30_000, later.attempt, { matched: true })
  assert.equal(limitedUser(done.limiter.state, 'alice').failures, 0)
  assert.equal(done.limiter.state.failures, 5)
  assert.equal(chargeEmergency(limiter, 0, 'alice', 'consumed').verdict, 'consumed')
})
