import { randomBytes } from 'node:crypto'
import type { Clock } from '../../clock/clock.ts'
import {
  type ElevatedProcess,
  type GapCause,
  RecordingError,
  type RecordingFact,
  type RunningProgram,
} from '../record.ts'
import { AuditControl } from './audit-control.ts'
import type { ConfigEvent, ExecEvent, LoginEvent } from './audit-events.ts'
import { AuditSwitch, ruleKey } from './audit-switch.ts'
import { ContentDigests } from './digests.ts'
import type { Native } from './native.ts'
import { isRunning } from './running.ts'
import type { WorkerFact } from './worker-protocol.ts'
import { WorkerThread } from './worker-thread.ts'

const markerTimeoutMs = 5_000
const mostRestarts = 5

interface Person {
  readonly uid: number
  readonly key: string
  readonly onFact: (fact: RecordingFact) => void
}

type ToldFact = Exclude<WorkerFact, ConfigEvent | LoginEvent>

interface Marker {
  left: number
  readonly seen: () => void
}

/** One reading thread with the kernel's audit switched on, shared by everybody who is recorded at the moment. */
export class AuditSession {
  readonly #native: Native
  readonly #clock: Clock
  readonly #control: AuditControl
  readonly #switch: AuditSwitch
  readonly #people = new Map<string, Person>()
  readonly #markers = new Map<string, Marker>()
  /** How many of a person's rules we added again and have not yet seen reported. */
  readonly #readded = new Map<string, number>()
  readonly #digests = new ContentDigests()
  #thread: WorkerThread
  /** Facts leave one after the other: a digest that takes long holds back those behind it. */
  #emitting: Promise<void> = Promise.resolve()
  /** Since when nothing is recorded although it should be. */
  #deafSinceMs: number | null = null
  #lost: number
  #restarts = 0

  private constructor(native: Native, clock: Clock, settingsFile: string) {
    this.#native = native
    this.#clock = clock
    this.#control = new AuditControl(native)
    this.#switch = new AuditSwitch(native, this.#control, settingsFile)
    this.#lost = this.#control.status().lost
    this.#thread = this.#newThread()
  }

  static async open(native: Native, clock: Clock, settingsFile: string): Promise<AuditSession> {
    const session = new AuditSession(native, clock, settingsFile)
    try {
      session.#switch.removeLeftovers()
      await session.#thread.ready()
      session.#switch.turnOn()
      return session
    } catch (error) {
      await session.close()
      throw error
    }
  }

  /**
   * Resolves when the kernel's own record of our new rules has come back to us: then everything later does too.
   * @param earlier whose ends are told too, if they still run now
   * @returns what `remove` takes
   */
  async add(
    uid: number,
    onFact: (fact: RecordingFact) => void,
    earlier: readonly RunningProgram[],
  ): Promise<string> {
    const key = ruleKey(uid, randomBytes(6).toString('hex'))
    this.#people.set(key, { uid, key, onFact })
    if (await this.#marked(key, 'rule-added', () => this.#switch.addRules(uid, key))) {
      const now = this.#clock.now()
      const ends = earlier.map((program) => ({
        program: { ...program, auid: uid },
        isThere: isRunning(program, now),
      }))
      this.#thread.expect(ends)
      return key
    }
    this.#people.delete(key)
    this.#switch.removeRules(uid, key)
    const hint = 'Look with "auditctl -s" for another audit daemon, and for rules that exclude records.'
    throw new RecordingError('refused', 'The records of the kernel do not reach us.', hint)
  }

  /** Resolves when every fact from before has been handed over. */
  async remove(key: string): Promise<void> {
    const person = this.#people.get(key)
    if (person === undefined) return
    const startedMs = this.#nowMs()
    const complete = await this.#marked(key, 'rule-removed', () => this.#switch.removeRules(person.uid, key))
    if (!complete)
      this.#gap('recorder-stopped', this.#deafSinceMs ?? startedMs, 'The last records never arrived.')
    const { lost } = this.#control.status()
    if (lost > this.#lost) this.#gap('overrun', startedMs, `The kernel dropped ${lost - this.#lost} records.`)
    this.#lost = lost
    await this.#emitting
    this.#people.delete(key)
    this.#readded.delete(key)
  }

  async close(): Promise<void> {
    await this.#thread.stop()
    await this.#emitting
    this.#switch.leave()
    this.#control.close()
    this.#native.giveBackMemory()
  }

  #newThread(): WorkerThread {
    const onDeath = (cause: unknown): void => void this.#restart(cause)
    return new WorkerThread(this.#native, (facts) => this.#take(facts), onDeath)
  }

  /** Waits for the kernel to report the change of each rule. False when it does not. */
  #marked(key: string, change: ConfigEvent['change'], act: () => number): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const name = `${change} ${key}`
      const finish = (answer: boolean): void => {
        this.#markers.delete(name)
        alarm.cancel()
        resolve(answer)
      }
      const marker = { left: 0, seen: () => finish(true) }
      const alarm = this.#clock.after(markerTimeoutMs, () => finish(false))
      this.#markers.set(name, marker)
      try {
        marker.left = act()
        if (marker.left === 0) finish(false)
      } catch (error) {
        alarm.cancel()
        this.#markers.delete(name)
        reject(error)
      }
    })
  }

  #take(facts: readonly WorkerFact[]): void {
    let told: ToldFact[] = []
    for (const fact of facts) {
      if (fact.kind !== 'config' && fact.kind !== 'login') {
        told.push(fact)
        continue
      }
      this.#queue(told)
      told = []
      if (fact.kind === 'login') this.#loginChanged(fact)
      else this.#configChanged(fact)
    }
    this.#queue(told)
  }

  #configChanged(event: ConfigEvent): void {
    const marker = this.#markers.get(`${event.change} ${event.key}`)
    const readded = this.#readded.get(event.key) ?? 0
    if (marker) {
      // After the facts before it have left, so that whoever waits for the marker has them all.
      if (--marker.left === 0) this.#emitting = this.#emitting.then(marker.seen)
    } else if (event.change === 'rule-added') {
      if (readded > 0) this.#readded.set(event.key, readded - 1)
      else if (!this.#switch.isOfAnotherRecorder(event.key))
        this.#gap('switched-off', event.wallMs, 'Somebody added an audit rule, which may hide programs.')
    } else if (event.key === '' || this.#people.has(event.key)) {
      this.#rearm(event)
    }
  }

  /** Told to the person whose process it was: from then on its programs carry another name. */
  #loginChanged({ wallMs: fromMs, pid, auid }: LoginEvent): void {
    const detail = `Process ${pid} took another login id; what it starts from then on is not seen.`
    const gap = { kind: 'gap', cause: 'switched-off', fromMs, toMs: this.#nowMs(), detail } as const
    this.#emitting = this.#emitting.then(() => {
      for (const person of this.#people.values()) if (person.uid === auid) person.onFact(gap)
    })
  }

  /** Somebody switched the recording off. It goes on at once, and what lies between is a gap. */
  #rearm(event: ConfigEvent): void {
    let outcome = 'it was switched on again'
    try {
      // In this order: only while audit is on is the removal of a rule told.
      this.#switch.turnOn()
      for (const { uid, key } of this.#people.values()) {
        this.#readded.set(key, (this.#readded.get(key) ?? 0) + this.#switch.addRules(uid, key))
      }
    } catch (error) {
      this.#deafSinceMs ??= event.wallMs
      outcome = `it could not be switched on again: ${error instanceof Error ? error.message : 'no reason given'}`
    }
    const what = event.change === 'weakened' ? 'made the kernel drop records' : 'switched the recording off'
    this.#lost = Math.min(this.#lost, this.#control.status().lost)
    this.#gap('switched-off', event.wallMs, `Somebody ${what}; ${outcome}.`)
  }

  async #restart(cause: unknown): Promise<void> {
    const sinceMs = this.#nowMs()
    this.#deafSinceMs ??= sinceMs
    const back = await this.#secondThread()
    if (back) this.#deafSinceMs = null
    const detail = `The recorder stopped (${cause instanceof Error ? cause.message : 'no reason given'})`
    this.#gap('recorder-stopped', sinceMs, `${detail}; it ${back ? 'went on' : 'did not go on'}.`)
  }

  async #secondThread(): Promise<boolean> {
    if (++this.#restarts > mostRestarts) return false
    this.#thread = this.#newThread()
    return this.#thread.ready().then(
      () => true,
      () => false,
    )
  }

  #gap(cause: GapCause, fromMs: number, detail: string): void {
    this.#queue([{ kind: 'gap', fromMs, toMs: this.#nowMs(), cause, detail }])
  }

  #queue(facts: readonly ToldFact[]): void {
    if (facts.length > 0) this.#emitting = this.#emitting.then(() => this.#emit(facts))
  }

  async #emit(facts: readonly ToldFact[]): Promise<void> {
    // Facts that came together were read within milliseconds of each other: a program's file is looked at once.
    const digests = new Map<string, string | null>()
    for (const fact of facts) {
      if (fact.kind === 'exec' && !digests.has(fact.exe))
        digests.set(fact.exe, this.#digests.known(fact.exe) ?? (await this.#digests.sha256(fact.exe)))
      const told = fact.kind === 'exec' ? processOf(fact, digests.get(fact.exe) ?? null) : fact
      for (const person of this.#people.values()) {
        if (told.kind === 'gap' || told.auid === person.uid) person.onFact(told)
      }
    }
  }

  #nowMs(): number {
    return this.#clock.now().wallMs
  }
}

function processOf({ serial: _, ...event }: ExecEvent, sha256: string | null): ElevatedProcess {
  return { ...event, kind: 'process', sha256 }
}
