import { constants } from 'node:os'
import type { Alarm, Clock } from '../clock/clock.ts'
import type { Log } from '../config/ground.ts'
import { rfc3339 } from '../config/ids.ts'
import { printable } from '../config/printable.ts'
import type { Fact } from '../journal/fact.ts'
import type { ElevatedProcess, ProcessEnded, RecordingFact } from '../record/record.ts'

export interface RecordedFactsParts {
  readonly sessionId: string
  readonly journal: { append(facts: readonly Fact[]): Promise<void> }
  readonly clock: Clock
  readonly log: Log
  /** Called after each batch that is durable. */
  readonly onBatch: () => void
}

const batchFacts = 200
const batchAfterMs = 250
const retryAfterMs = 5_000
const mostHeld = 20_000
const argsMaxBytes = 256 * 1024

/**
 * What the recorder sees, on its way to the journal: in batches, in order. While the journal takes nothing (full
 * disk) facts are held; beyond a limit they are dropped and the gap is a fact itself.
 */
export class RecordedFacts {
  readonly #parts: RecordedFactsParts
  #held: Fact[] = []
  #flushing: Promise<void> = Promise.resolve()
  #alarm: Alarm | null = null
  #droppedFromMs: number | null = null
  readonly #startedAtMs = new Map<string, number>()
  /** Elevated processes and gaps seen, held ones included. */
  processes = 0
  gaps = 0

  constructor(parts: RecordedFactsParts) {
    this.#parts = parts
  }

  readonly take = (fact: RecordingFact): void => {
    const { sessionId } = this.#parts
    if (fact.kind === 'process') this.#hold(this.#process(fact))
    else if (fact.kind === 'ended') this.#holdEnd(fact)
    else this.#hold(gapFact(sessionId, fact.fromMs, fact.toMs, `${fact.cause}: ${fact.detail}`))
  }

  /** Between these times nothing may have been recorded. */
  gap(fromMs: number, toMs: number, cause: string): void {
    this.#hold(gapFact(this.#parts.sessionId, fromMs, toMs, cause))
  }

  /** Resolves when everything held now is durable, or could not be made so: then it says false. */
  async flush(): Promise<boolean> {
    this.#alarm?.cancel()
    this.#alarm = null
    this.#flushing = this.#flushing.then(() => this.#write())
    await this.#flushing
    return this.#held.length === 0
  }

  #hold(fact: Fact): void {
    if (fact.type === 'process.elevated') this.processes += 1
    if (fact.type === 'recording.gap') this.gaps += 1
    if (this.#held.length >= mostHeld) {
      this.#droppedFromMs ??= this.#parts.clock.now().wallMs
      return
    }
    this.#held.push(fact)
    if (this.#held.length % batchFacts === 0) void this.flush()
    else this.#later(batchAfterMs)
  }

  #later(delayMs: number): void {
    this.#alarm ??= this.#parts.clock.after(delayMs, () => {
      this.#alarm = null
      void this.flush()
    })
  }

  async #write(): Promise<void> {
    const { journal, log, onBatch, clock, sessionId } = this.#parts
    try {
      while (this.#held.length > 0) {
        const batch = this.#held.slice(0, batchFacts)
        await journal.append(batch)
        this.#held.splice(0, batch.length)
        onBatch()
      }
      if (this.#droppedFromMs === null) return
      const lost = gapFact(
        sessionId,
        this.#droppedFromMs,
        clock.now().wallMs,
        'The journal could not be written.',
      )
      await journal.append([lost])
      this.gaps += 1
      this.#droppedFromMs = null
    } catch (error) {
      log.error('recorded processes cannot be written yet', error)
      this.#later(retryAfterMs)
    }
  }

  #process(seen: ElevatedProcess): Fact {
    this.#startedAtMs.set(seen.id, seen.startedAtMs)
    const { args, argsCut } = cutArgs(seen.argv)
    return {
      type: 'process.elevated',
      body: {
        sessionId: this.#parts.sessionId,
        pid: seen.pid,
        startedAt: rfc3339(seen.startedAtMs),
        parentPid: Math.max(0, seen.ppid),
        uid: seen.uid,
        program: printable(seen.exe),
        sha256: seen.sha256,
        args,
        argsCut,
        redacted: 0,
        directory: printable(seen.cwd),
      },
    }
  }

  /** A process that began before we watched has no start time here, so its end cannot be told of. */
  #holdEnd(seen: ProcessEnded): void {
    const startedAtMs = this.#startedAtMs.get(seen.id)
    if (startedAtMs === undefined) return
    this.#startedAtMs.delete(seen.id)
    this.#hold({
      type: 'process.ended',
      body: {
        sessionId: this.#parts.sessionId,
        pid: seen.pid,
        startedAt: rfc3339(startedAtMs),
        endedAt: rfc3339(seen.endedAtMs),
        exitCode: seen.exitCode === null ? null : seen.exitCode & 0xff,
        signal: seen.signal === null ? null : signalName(seen.signal),
      },
    })
  }
}

export function gapFact(sessionId: string, fromMs: number, toMs: number, cause: string): Fact {
  const times = { from: rfc3339(fromMs), to: rfc3339(toMs) }
  return { type: 'recording.gap', body: { sessionId, ...times, cause: printable(cause, 300) } }
}

function cutArgs(argv: readonly string[]): { args: string[]; argsCut: boolean } {
  const args: string[] = []
  let left = argsMaxBytes
  for (const argument of argv) {
    const whole = argument.toWellFormed()
    const bytes = Buffer.byteLength(whole)
    if (bytes > left || args.length >= 100_000) return { args, argsCut: true }
    left -= bytes
    args.push(whole)
  }
  return { args, argsCut: false }
}

function signalName(signal: number): string {
  const known = Object.entries(constants.signals).find(([, number]) => number === signal)
  return known?.[0] ?? `signal ${signal}`
}
