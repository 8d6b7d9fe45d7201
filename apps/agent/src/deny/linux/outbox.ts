import type { FromGuard } from './guard-protocol.ts'

const mostWaitingBytes = 4 << 20

/** Messages on their way to somebody who may be slow. Keeps so many, and counts what it could not keep. */
export class Outbox {
  readonly #send: (bytes: Uint8Array) => number
  #waiting: Buffer[] = []
  #bytes = 0
  #untold = 0

  /** @param send takes what it can without waiting: how many bytes, or a negative number */
  constructor(send: (bytes: Uint8Array) => number) {
    this.#send = send
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  put(message: FromGuard): void {
    if (message.kind === 'denied' && this.#bytes > mostWaitingBytes) {
      this.#untold += 1
      return
    }
    const line = Buffer.from(`${JSON.stringify(message)}\n`)
    this.#waiting.push(line)
    this.#bytes += line.length
  }

  /** Hands over as much as is taken now. */
  send(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const taken = this.#send(first)
      if (taken <= 0) return
      this.#bytes -= taken
      if (taken < first.length) this.#waiting[0] = first.subarray(taken)
      else this.#waiting.shift()
    }
    if (this.#untold === 0) return
    const count = this.#untold
    this.#untold = 0
    this.put({ kind: 'untold', count, atMs: Date.now() })
  }
}
