import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Alarm, Clock } from '../../clock/clock.ts'
import { DenyError } from '../deny.ts'
import { type FromGuard, type GuardOrder, readFromGuard, type ToGuard } from './guard-protocol.ts'

export interface GuardListener {
  onDenied(message: Extract<FromGuard, { kind: 'denied' | 'untold' }>): void
  /** The guard ended without being asked to; nothing is denied any more. */
  onLost(why: string): void
}

/** What is thrown away is collected often and in small steps, so that little memory is held and nobody waits long. */
const fewLeftovers = '--max-semi-space-size=1'
const askEveryMs = 1_000
/** So many questions in a row without an answer, and the guard is taken to hang. */
const mostUnanswered = 3

interface Waiting {
  resolve(unwatched: readonly string[]): void
  reject(error: DenyError): void
}

/**
 * The guard as the agent sees it, and its watchdog: a guard that does not answer for three seconds keeps every program
 * of this computer waiting, so it is ended, which lets them go on, and that is told.
 */
export class GuardProcess {
  readonly #child: ChildProcess
  readonly #clock: Clock
  readonly #listener: GuardListener
  readonly #ended: Promise<void>
  readonly #waiting = new Map<number, Waiting>()
  #alarm: Alarm | null = null
  #serial = 0
  #unanswered = 0
  #why = 'The process that denies programs ended.'
  #stopping = false

  constructor(clock: Clock, listener: GuardListener) {
    this.#clock = clock
    this.#listener = listener
    const guard = new URL('./guard.ts', import.meta.url).pathname
    // A group of its own: what a terminal sends to the agent's group is not for the guard.
    this.#child = spawn(process.execPath, [fewLeftovers, guard], {
      cwd: '/',
      env: {},
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', (error) => this.#onEnd(error, resolve))
      this.#child.once('exit', () => this.#onEnd(null, resolve))
    })
    const { stdin, stdout } = this.#child
    stdin?.on('error', () => undefined)
    if (stdout)
      createInterface({ input: stdout }).on('line', (line) => {
        const message = readFromGuard(line)
        if (message === null) this.#child.kill('SIGKILL')
        else this.#take(message)
      })
    this.#ask()
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /**
   * Resolves when these orders, and no others, are in force; gives the mount points that are out of reach.
   * @throws DenyError `refused`, and then the orders before are in force, or nothing is
   */
  obey(orders: readonly GuardOrder[]): Promise<readonly string[]> {
    const serial = ++this.#serial
    return new Promise((resolve, reject) => {
      if (this.#hasEnded) return reject(refused(this.#why))
      this.#waiting.set(serial, { resolve, reject })
      this.#send({ kind: 'orders', serial, orders })
    })
  }

  /** From now on nothing is denied. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.#child.stdin?.end()
    await this.#ended
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined
  }

  #send(message: ToGuard): void {
    this.#child.stdin?.write(`${JSON.stringify(message)}\n`)
  }

  /** Counts questions, not time: a computer that slept asks once when it wakes. */
  #ask(): void {
    if (this.#unanswered >= mostUnanswered) {
      this.#why = `The process that denies programs did not answer for ${(mostUnanswered * askEveryMs) / 1000} seconds and was ended.`
      this.#child.kill('SIGKILL')
      return
    }
    this.#unanswered += 1
    this.#send({ kind: 'ping' })
    this.#alarm = this.#clock.after(askEveryMs, () => this.#ask())
  }

  #take(message: FromGuard): void {
    this.#unanswered = 0
    if (message.kind === 'denied' || message.kind === 'untold') this.#listener.onDenied(message)
    if (message.kind !== 'armed' && message.kind !== 'failed') return
    const waiting = this.#waiting.get(message.serial)
    this.#waiting.delete(message.serial)
    if (message.kind === 'armed') waiting?.resolve(message.unwatched)
    else waiting?.reject(refused(message.why))
  }

  #onEnd(error: Error | null, ended: () => void): void {
    this.#alarm?.cancel()
    if (error !== null) this.#why = `The process that denies programs does not start: ${error.message}`
    for (const { reject } of this.#waiting.values()) reject(refused(this.#why))
    this.#waiting.clear()
    ended()
    if (!this.#stopping) this.#listener.onLost(this.#why)
    this.#stopping = true
  }
}

function refused(why: string): DenyError {
  return new DenyError('refused', why, 'See `stint doctor`, or end the rules for programs in the policy.')
}
