import type { Alarm, Clock } from '../clock/clock.ts'
import { rfc3339 } from '../config/ids.ts'
import { printable } from '../config/printable.ts'
import type { DeniedStart } from '../deny/deny.ts'
import type { Fact } from '../journal/fact.ts'
import type { ArgsWriter } from './written-args.ts'

export interface DeniedFactsParts {
  readonly sessionId: string
  readonly clock: Clock
  readonly args: ArgsWriter
  readonly onFact: (fact: Fact) => void
}

interface Repeated {
  latest: DeniedStart
  count: number
  readonly alarm: Alarm
}

const togetherMs = 10_000
/** So many different ones are counted apart; in a flood of more, those that one rule denied are counted together. */
const mostApart = 200

/**
 * Denied starts on their way to the journal. A program that tries again and again, itself or by its children, makes one
 * fact at once and one every ten seconds, with the number of tries.
 */
export class DeniedFacts {
  readonly #parts: DeniedFactsParts
  readonly #open = new Map<string, Repeated>()

  constructor(parts: DeniedFactsParts) {
    this.#parts = parts
  }

  take(denied: DeniedStart): void {
    const own = JSON.stringify([denied.parentPid, denied.program, denied.rule, denied.how])
    const isFlood = this.#open.size >= mostApart && !this.#open.has(own)
    const key = isFlood ? JSON.stringify([denied.rule, denied.how]) : own
    const open = this.#open.get(key)
    if (open) {
      open.latest = denied
      open.count += 1
      return
    }
    this.#write(denied, 0)
    const alarm = this.#parts.clock.after(togetherMs, () => this.#close(key))
    this.#open.set(key, { latest: denied, count: 0, alarm })
  }

  /** Writes what was only counted so far. */
  close(): void {
    for (const key of [...this.#open.keys()]) this.#close(key)
  }

  #close(key: string): void {
    const open = this.#open.get(key)
    if (!open) return
    open.alarm.cancel()
    this.#open.delete(key)
    if (open.count > 0) this.#write(open.latest, open.count - 1)
  }

  #write(denied: DeniedStart, repeated: number): void {
    const { args, argsCut, redacted } = this.#parts.args.write(denied.argv)
    this.#parts.onFact({
      type: 'process.denied',
      body: {
        sessionId: this.#parts.sessionId,
        pid: denied.pid,
        uid: denied.effectiveUid,
        program: printable(denied.program),
        sha256: denied.sha256,
        args,
        argsCut: argsCut || denied.argvCut,
        redacted,
        at: rfc3339(denied.atMs),
        rule: denied.rule,
        repeated,
      },
    })
  }
}
