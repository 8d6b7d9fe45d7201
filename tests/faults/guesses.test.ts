/**
 * An attacker with an account and all the time in the world, at the real door: 100 000 wrong codes over the socket,
 * against the agent's own process and files, killed and started again on the way. The limits are counted here from
 * spec/guess-limits.md alone.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Reply } from '@stint/wire/local-user'
import { guess } from '../story/harness/guess.ts'
import { anna, bert, FaultyComputer } from './faulty-computer.ts'
import { AgentGone, SocketLine, wordOf } from './socket-line.ts'

const skip = process.getuid?.() === 0 ? false : 'skipped: the agent runs as root'
const carl = 1002
const codes = 100_000
const pipelined = 64

/** spec/guess-limits.md, "wait(f)", in ms. */
function waitAfter(failures: number): number {
  return failures <= 4 ? 0 : Math.min(30_000 * 2 ** (failures - 5), 24 * 3_600_000)
}

/** Somebody who tries codes over a socket of his own. */
class Attacker {
  readonly #computer: FaultyComputer
  readonly #uid: number
  #line: SocketLine | null = null
  #guesses: readonly string[] = []
  #sent = 0

  constructor(computer: FaultyComputer, uid: number) {
    this.#computer = computer
    this.#uid = uid
  }

  get sent(): number {
    return this.#sent
  }

  async call(call: Readonly<Record<string, unknown>>): Promise<Reply> {
    if (!this.#line || this.#line.socket.destroyed)
      this.#line = await SocketLine.to(`${this.#computer.runDir}/u/${this.#uid}/agent.sock`)
    return this.#line.reply(call)
  }

  /** Has an open request, and answers to it that somebody without its key can make. */
  async asks(): Promise<void> {
    const asked = await this.call({
      call: 'request',
      mode: 'session',
      reason: 'Let me try a little',
      offline: true,
    })
    if (wordOf(asked) === 'request-open') return
    assert.ok(asked.ok, JSON.stringify(asked))
    const { requestCode } = asked.result as { requestCode: string }
    this.#guesses = Array.from({ length: 100 }, (_, number) => guess(requestCode, number + 1))
  }

  async try(): Promise<Reply> {
    return this.call({ call: 'answer', text: this.#next() })
  }

  /** So many, without waiting for one answer before the next; gives what was answered. */
  async floods(number: number): Promise<Reply[]> {
    const replies: Reply[] = []
    for (let left = number; left > 0; left -= pipelined) {
      const wave = Array.from({ length: Math.min(left, pipelined) }, () => this.try())
      replies.push(...(await Promise.all(wave)))
    }
    return replies
  }

  /** Many at once, and the agent is killed with them on their way. */
  async isCutOff(): Promise<void> {
    const tries = Array.from({ length: 8 }, () => this.try())
    const gone = (error: unknown) => assert.ok(error instanceof AgentGone)
    const settled = Promise.all(tries.map((one) => one.catch(gone)))
    await this.#computer.kill()
    await settled
  }

  #next(): string {
    return this.#guesses[this.#sent++ % this.#guesses.length] ?? assert.fail('asks first')
  }
}

const remaining = (reply: Reply) =>
  !reply.ok && 'refused' in reply ? Number(reply.refused.details?.remainingMs) : Number.NaN

function counts(replies: readonly Reply[]): Record<string, number> {
  const found: Record<string, number> = {}
  for (const reply of replies) found[wordOf(reply)] = (found[wordOf(reply)] ?? 0) + 1
  return found
}

describe('guessing at the door', { skip }, () => {
  let computer: FaultyComputer
  before(async () => {
    computer = await FaultyComputer.enrolled()
    computer.os.addAccount(carl, 'carl')
    await computer.restart()
  })
  after(() => computer?.close())

  const failuresOnDisk = (user: string) =>
    computer.stateOnDisk().limiter.users.find((known) => known.user === user)?.failures ?? 0

  /** Until the lock; answers how many were compared. `flood`: codes that are thrown in during every wait. */
  async function guessesUntilLocked(uid: number, user: string, flood: number): Promise<number> {
    const attacker = new Attacker(computer, uid)
    let failures = 0
    for (let round = 0; failures < 50; round++) {
      await attacker.asks()
      if (round % 4 === 2) {
        await attacker.isCutOff()
        await computer.restart()
        const onDisk = failuresOnDisk(user)
        assert.ok(
          onDisk === failures || onDisk === failures + 1,
          `${onDisk} after ${failures}: at most one is compared`,
        )
        failures = onDisk
      } else {
        const reply = await attacker.try()
        failures += 1
        assert.equal(wordOf(reply), 'bad')
        assert.equal(remaining(reply), waitAfter(failures), `the wait after ${failures}`)
        assert.equal(failuresOnDisk(user), failures)
      }
      if (failures < 50 && waitAfter(failures) > 0)
        await waitsItOut(attacker, failures, { flood, kill: failures % 4 === 1 })
    }
    const rest = flood === 0 ? 10 : Math.max(1_000, codes - attacker.sent)
    await attacker.asks()
    assert.deepEqual(counts(await attacker.floods(rest)), { locked: rest })
    return failures
  }

  /** Nothing is compared before the wait is over, to the millisecond, and no restart makes it shorter. */
  async function waitsItOut(
    attacker: Attacker,
    failures: number,
    { flood, kill }: { readonly flood: number; readonly kill: boolean },
  ): Promise<void> {
    await attacker.asks()
    const first = await attacker.try()
    const owed = remaining(first)
    assert.ok(wordOf(first) === 'wait' && owed > 0 && owed <= waitAfter(failures), JSON.stringify(first))
    assert.deepEqual(counts(await attacker.floods(flood)), flood > 0 ? { wait: flood } : {})
    const half = Math.floor(owed / 2)
    await computer.jump({ bootMs: half, wallMs: half })
    if (kill) await computer.restart()
    await attacker.asks()
    const again = remaining(await attacker.try())
    assert.ok(again >= owed - half && again <= owed, `${again} ms left of ${owed} after half of it`)
    if (!kill) assert.equal(again, owed - half)
    // The wall clock does not matter: it stands still, or goes back.
    await computer.jump({ bootMs: again - 1, wallMs: 0 })
    await attacker.asks()
    assert.equal(wordOf(await attacker.try()), 'wait')
    await computer.jump({ bootMs: 1, wallMs: 0 })
  }

  test('LIMIT-1, LIMIT-3, LIMIT-4, LIMIT-6: of 100 000 wrong codes 50 are compared, none is accepted', async () => {
    const began = performance.now()
    assert.equal(await guessesUntilLocked(anna, 'uid:1000:anna', 1_900), 50)
    const wrong = await computer.facts('code.wrong')
    assert.ok(wrong.length <= 50)
    assert.deepEqual(await computer.facts('grant.admitted'), [])
    process.stderr.write(`${codes} codes in ${((performance.now() - began) / 1000).toFixed(1)} s\n`)
  })

  test('LIMIT-4: somebody who locked himself has locked nobody else, and stays locked', async () => {
    await computer.restart()
    assert.equal(wordOf(await new Attacker(computer, bert).call({ call: 'status' })), 'ok')
    assert.equal(await raises(bert), 'ok')
    assert.ok(computer.os.canAct(bert) && !computer.os.canAct(anna))
    assert.equal(await computer.word({ call: 'end' }, bert), 'ok')
    const attacker = new Attacker(computer, anna)
    await computer.jump({ bootMs: 30 * 86_400_000 })
    await computer.pass(60_000)
    await attacker.asks()
    assert.equal(wordOf(await attacker.try()), 'locked')
    await computer.restart()
    assert.equal((await computer.status()).pause?.kind, 'locked')
  })

  test('LIMIT-4: a hundred failures of two people lock the device, and a signed answer still works', async () => {
    assert.equal(await guessesUntilLocked(bert, 'uid:1001:bert', 0), 50)
    assert.equal(computer.stateOnDisk().limiter.failures, 100)
    assert.equal(await raises(carl), 'locked')
    const [fact] = (await computer.facts('request.created')).slice(-1)
    assert.ok(fact)
    const token = await computer.organisation.answerToken(fact, computer.now.wallMs)
    assert.equal(await computer.word({ call: 'answer', text: token }, carl), 'ok')
    assert.ok(computer.os.canAct(carl))
  })

  /** Asks, and enters the right code. */
  async function raises(uid: number): Promise<string> {
    const wish = { call: 'request', mode: 'session', reason: 'Install the printer', offline: true }
    assert.equal(await computer.word(wish, uid), 'ok')
    const [fact] = (await computer.facts('request.created')).slice(-1)
    assert.ok(fact)
    return computer.word({ call: 'answer', text: computer.organisation.response(fact, 15).text }, uid)
  }
})
