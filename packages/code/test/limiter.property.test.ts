import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  cancelRequest,
  chargeResponse,
  elapse,
  emptyLimiter,
  LIMITS,
  type Limiter,
  type LimiterState,
  limitedUser,
  openRequest,
  settle,
  startLimiter,
  waitAfter,
} from '../src/index.ts'

/**
 * An attacker who is one user of the machine: guesses, cuts the power at the worst moment, restarts in order, lets
 * time pass with and without saves, and turns the powered-on reading back. `trueMs` is the time that really passed
 * while the machine ran; nothing the attacker does may make the limiter allow more than that time allows.
 */
type Move =
  | { readonly do: 'guess'; readonly crash: 'no' | 'after-charge' | 'after-compare' }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'save' | 'restart' | 'power-cut' | 'clock-back' | 'cancel' }

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('guess' as const),
      crash: fc.constantFrom('no', 'after-charge', 'after-compare'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: fc.oneof(fc.nat(90_000), fc.nat(90_000_000)),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('save', 'restart', 'power-cut', 'clock-back', 'cancel') }),
  },
)

const params = { dur: 6, end: true, profile: 0, slot: 0 } as const

class Machine {
  trueMs = 0
  /** every charge, whether a crash kept it from being compared or not */
  readonly chargedAtMs: number[] = []
  readonly triesByRequest = new Map<string, number>()
  #upMs = 0
  #durable: LimiterState = emptyLimiter()
  #live: Limiter = startLimiter(this.#durable, 0)

  play(step: Move): void {
    if (step.do === 'guess') this.#guess(step.crash)
    else if (step.do === 'pass') this.#pass(step.ms)
    else if (step.do === 'save') this.#save(elapse(this.#live, this.#upMs))
    else if (step.do === 'cancel') this.#save(cancelRequest(this.#live, this.#upMs, 'mallory', 'session'))
    else if (step.do === 'clock-back') this.#turnBack()
    else this.#stop(step.do)
  }

  #stop(how: 'restart' | 'power-cut'): void {
    if (how === 'restart') this.#save(elapse(this.#live, this.#upMs))
    this.#start()
  }

  get owedMs(): number {
    return limitedUser(elapse(this.#live, this.#upMs).state, 'mallory').owedMs
  }

  #pass(ms: number): void {
    this.trueMs += ms
    this.#upMs += ms
  }

  #turnBack(): void {
    this.#live = elapse(this.#live, this.#upMs)
    this.#upMs = Math.max(0, this.#upMs - 50_000)
    this.#live = elapse(this.#live, this.#upMs)
  }

  #save(limiter: Limiter): void {
    this.#live = limiter
    this.#durable = structuredClone(limiter.state)
  }

  #start(): void {
    this.#upMs = 0
    this.#live = startLimiter(this.#durable, 0)
  }

  #guess(crash: string): void {
    const bind = (counter: number) => ({ code: `code-${counter}`, epoch: 0, pol: 1, userId: 'mallory' })
    this.#save(
      openRequest(this.#live, this.#upMs, { user: 'mallory', kind: 'session', dual: false, bind }).limiter,
    )
    const charge = chargeResponse(this.#live, this.#upMs, 'mallory', params)
    this.#live = charge.limiter
    if (charge.verdict !== 'charged') return
    this.#save(charge.limiter)
    this.chargedAtMs.push(this.trueMs)
    if (crash !== 'after-charge') {
      const code = charge.attempt.request?.code ?? ''
      this.triesByRequest.set(code, (this.triesByRequest.get(code) ?? 0) + 1)
    }
    if (crash === 'no')
      this.#save(settle(charge.limiter, this.#upMs, charge.attempt, { matched: false }).limiter)
    else this.#start()
  }
}

/** Earliest true time of guess number n when nothing is lost: the sum of the waits before it. */
function earliestMs(n: number): number {
  let sum = 0
  for (let failures = 1; failures < n; failures++) sum += waitAfter(failures)
  return sum
}

test('LIMIT-1, LIMIT-3, LIMIT-6: no crash, restart or clock change buys a guess: guess n never comes before the waits of n − 1 failures', () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 200, size: 'max' }), (moves) => {
      const machine = new Machine()
      for (const step of moves) machine.play(step)
      for (const [i, atMs] of machine.chargedAtMs.entries())
        assert.ok(atMs >= earliestMs(i + 1), `guess ${i + 1}`)
      assert.ok(machine.chargedAtMs.length <= LIMITS.failuresPerUser)
      for (const tries of machine.triesByRequest.values()) assert.ok(tries <= LIMITS.triesPerRequest)
    }),
    { numRuns: process.env.SLOW ? 20_000 : 300 },
  )
})

test('LIMIT-5, LIMIT-6: a wait never shrinks by more than the time that really passed', () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 120, size: 'max' }), (moves) => {
      const machine = new Machine()
      for (const step of moves) {
        const [owedMs, beforeMs] = [machine.owedMs, machine.trueMs]
        machine.play(step)
        assert.ok(machine.owedMs >= owedMs - (machine.trueMs - beforeMs))
      }
    }),
    { numRuns: process.env.SLOW ? 20_000 : 300 },
  )
})
