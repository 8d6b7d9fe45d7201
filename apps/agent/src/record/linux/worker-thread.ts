import { closeSync, writeSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import type { Native } from './native.ts'
import {
  type ExpectedEnd,
  stopFlag,
  type WorkerFact,
  type WorkerMessage,
  type WorkerOrder,
} from './worker-protocol.ts'

const wake = new Uint8Array(new BigUint64Array([1n]).buffer)

/** The reading thread as the agent's main thread sees it. */
export class WorkerThread {
  readonly #worker: Worker
  readonly #flags: Int32Array
  readonly #wakeFd: number
  readonly #ended: Promise<void>
  readonly #ready: Promise<void>
  #stopping = false

  /** @param onDeath the thread was ready and ended without being asked to; nothing is recorded any more */
  constructor(
    native: Native,
    onFacts: (facts: readonly WorkerFact[]) => void,
    onDeath: (cause: unknown) => void,
  ) {
    const control = new SharedArrayBuffer(4)
    this.#flags = new Int32Array(control)
    this.#wakeFd = native.eventFd()
    const order: WorkerOrder = { control, wakeFd: this.#wakeFd }
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: order,
      name: 'recorder',
      execArgv: [],
    })
    let cause: unknown = null
    let wasReady = false
    this.#worker.on('error', (error) => {
      cause = error
    })
    this.#ended = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        closeSync(this.#wakeFd)
        resolve()
      })
    })
    this.#ready = new Promise((resolve, reject) => {
      this.#worker.on('message', (message: WorkerMessage) => {
        if (message.kind === 'ready') {
          wasReady = true
          resolve()
        } else onFacts(message.facts)
      })
      this.#worker.once('exit', () => {
        reject(cause ?? new Error('the recorder thread ended'))
        if (wasReady && !this.#stopping) onDeath(cause)
      })
    })
    this.#ready.catch(() => undefined)
  }

  /** Resolves when the thread receives records; rejects with what stopped it. */
  ready(): Promise<void> {
    return this.#ready
  }

  /** Ends of programs that it has not seen start. To be called when it is ready. */
  expect(ends: readonly ExpectedEnd[]): void {
    if (ends.length === 0 || this.#worker.threadId === -1) return
    this.#worker.postMessage(ends)
    writeSync(this.#wakeFd, wake)
  }

  /** Lets the thread read what is there, then ends it. */
  async stop(): Promise<void> {
    if (!this.#stopping) {
      this.#stopping = true
      Atomics.store(this.#flags, stopFlag, 1)
      Atomics.notify(this.#flags, stopFlag)
      if (this.#worker.threadId !== -1) writeSync(this.#wakeFd, wake)
    }
    await this.#ended
  }
}
