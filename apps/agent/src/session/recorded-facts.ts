import { constants } from 'node:os'
import type { Alarm, Clock } from '../clock/clock.ts'
import type { Log } from '../config/ground.ts'
import { rfc3339 } from '../config/ids.ts'
import { printable } from '../config/printable.ts'
import type { Fact } from '../journal/fact.ts'
import type { ElevatedProcess, ProcessEnded, RecordingFact, RunningProgram } from '../record/record.ts'
import { type Gap, MergedGaps } from './merged-gaps.ts'
import { ArgsWriter } from './written-args.ts'

export interface RecordedFactsParts {
  readonly sessionId: string
  readonly journal: { append(facts: readonly Fact[]): Promise<void> }
  readonly clock: Clock
  readonly log: Log
  /** Patterns of the policy in force, see `PolicySettings.redact`. */
  readonly redact: () => readonly string[]
  /** Called after each batch that is durable. */
  readonly onBatch: () => void
}

const batchFacts = 200
const batchAfterMs = 250
const retryAfterMs = 5_000
const mostHeld = 20_000
/** Characters of their arguments: one program can have many. */
const mostHeldText = 32 << 20

/**
 * What the recorder sees, on its way to the journal: in batches, in order. While the journal takes nothing (full
 * disk) facts are held; beyond a limit they are dropped and the gap is a fact itself.
 */
export class RecordedFacts {
  readonly #parts: RecordedFactsParts
  readonly #args: ArgsWriter
  readonly #openGaps: MergedGaps
  #held: Fact[] = []
  #heldText = 0
  #flushing: Promise<void> = Promise.resolve()
  #alarm: Alarm | null = null
  #droppedFromMs: number | null = null
  readonly #startedAtMs = new Map<string, number>()
  /** Elevated processes and gaps seen, held ones included. */
  processes = 0
  gaps = 0

  constructor(parts: RecordedFactsParts) {
    this.#parts = parts
    this.#args = new ArgsWriter(parts.redact)
    this.#openGaps = new MergedGaps(parts.clock, (gap) => this.#hold(gapFact(parts.sessionId, gap)))
  }

  readonly take = (fact: RecordingFact): void => {
    if (fact.kind === 'process') this.#hold(this.#process(fact))
    else if (fact.kind === 'ended') this.#holdEnd(fact)
    else this.gap(fact)
  }

  /** Another fact of the session, written in its place among the others. */
  add(fact: Fact): void {
    this.#hold(fact)
  }

  /** Between these times something may not have been recorded. */
  gap(gap: Gap): void {
    if (this.#openGaps.add(gap)) this.gaps += 1
  }

  /** Programs that an earlier run of the agent wrote down: their ends belong to the same session. */
  expectEnds(programs: readonly RunningProgram[]): void {
    for (const { id, startedAtMs } of programs) this.#startedAtMs.set(id, startedAtMs)
  }

  /** Resolves when everything held now is durable, or could not be made so: then it says false. */
  async flush(): Promise<boolean> {
    this.#openGaps.close()
    return this.#flush()
  }

  async #flush(): Promise<boolean> {
    this.#alarm?.cancel()
    this.#alarm = null
    this.#flushing = this.#flushing.then(() => this.#write())
    await this.#flushing
    return this.#held.length === 0
  }

  #hold(fact: Fact): void {
    if (fact.type === 'process.elevated') this.processes += 1
    const text = textOf(fact)
    if (this.#held.length >= mostHeld || this.#heldText + text > mostHeldText) {
      this.#droppedFromMs ??= this.#parts.clock.now().wallMs
      return
    }
    this.#held.push(fact)
    this.#heldText += text
    if (this.#held.length % batchFacts === 0) void this.#flush()
    else this.#later(batchAfterMs)
  }

  #later(delayMs: number): void {
    this.#alarm ??= this.#parts.clock.after(delayMs, () => {
      this.#alarm = null
      void this.#flush()
    })
  }

  async #write(): Promise<void> {
    const { journal, log, onBatch, clock, sessionId } = this.#parts
    try {
      while (this.#held.length > 0) {
        const batch = this.#held.slice(0, batchFacts)
        await journal.append(batch)
        this.#held.splice(0, batch.length)
        for (const fact of batch) this.#heldText -= textOf(fact)
        onBatch()
      }
      if (this.#droppedFromMs === null) return
      const [fromMs, toMs] = [this.#droppedFromMs, clock.now().wallMs]
      const detail = 'The journal could not be written.'
      await journal.append([gapFact(sessionId, { fromMs, toMs, cause: 'not-written', detail })])
      this.gaps += 1
      this.#droppedFromMs = null
    } catch (error) {
      log.error('recorded processes cannot be written yet', error)
      this.#later(retryAfterMs)
    }
  }

  #process(seen: ElevatedProcess): Fact {
    this.#startedAtMs.set(seen.id, seen.startedAtMs)
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
        ...this.#args.write(seen.argv),
        directory: printable(seen.cwd),
      },
    }
  }

  /** A program that began before we watched has no start time here, so its end cannot be told of. */
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

function textOf({ body }: Fact): number {
  return 'args' in body ? body.args.reduce((sum, argument) => sum + argument.length, 0) : 0
}

export function gapFact(sessionId: string, { fromMs, toMs, cause, detail }: Gap): Fact {
  const times = { from: rfc3339(fromMs), to: rfc3339(toMs) }
  return {
    type: 'recording.gap',
    body: { sessionId, ...times, cause: printable(`${cause}: ${detail}`, 300) },
  }
}

function signalName(signal: number): string {
  const known = Object.entries(constants.signals).find(([, number]) => number === signal)
  return known?.[0] ?? `signal ${signal}`
}
