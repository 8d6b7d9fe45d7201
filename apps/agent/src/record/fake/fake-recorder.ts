import {
  type ElevatedProcess,
  type ProcessEnded,
  type Recorder,
  type Recording,
  type RecordingAvailability,
  RecordingError,
  type RecordingFact,
  type RecordingGap,
  type RunningProgram,
} from '../record.ts'

/** One knob for every way in which recording can fail. All are off at the start. */
export interface FakeRecorderKnobs {
  /** What `available` answers; when not available, `start` throws it. */
  availability: RecordingAvailability
  /** `start` throws although recording was said to be available. */
  failStart: boolean
  failRecover: boolean
}

interface Running {
  readonly uid: number
  readonly onFact: (fact: RecordingFact) => void
}

/** A recorder that tells what the test tells it. */
export class FakeRecorder implements Recorder {
  readonly knobs: FakeRecorderKnobs = {
    availability: { available: true, source: 'alone', exits: true, x32: false },
    failStart: false,
    failRecover: false,
  }
  /** How often `recover` was called. */
  recoveries = 0
  /** What the last `start` was told of earlier programs. */
  earlier: readonly RunningProgram[] = []
  readonly #running = new Set<Running>()
  #nextSerial = 1

  async available(): Promise<RecordingAvailability> {
    return this.knobs.availability
  }

  async recover(): Promise<void> {
    this.recoveries++
    if (this.knobs.failRecover)
      throw new RecordingError('refused', 'The fake recorder clears nothing.', 'Turn the knob back.')
  }

  async start(
    uid: number,
    onFact: (fact: RecordingFact) => void,
    earlier: readonly RunningProgram[] = [],
  ): Promise<Recording> {
    const { availability, failStart } = this.knobs
    if (!availability.available) {
      throw new RecordingError(availability.obstacle, availability.message, availability.hint)
    }
    if (failStart)
      throw new RecordingError('refused', 'The fake recorder does not start.', 'Turn the knob back.')
    this.earlier = earlier
    const running = { uid, onFact }
    this.#running.add(running)
    return { stop: async () => void this.#running.delete(running) }
  }

  isRecording(uid: number): boolean {
    return [...this.#running].some((running) => running.uid === uid)
  }

  /** The person starts a program. Answers the fact that was told, for `ends` and for comparison. */
  starts(auid: number, argv: readonly string[], changes: Partial<ElevatedProcess> = {}): ElevatedProcess {
    const serial = this.#nextSerial++
    const startedAtMs = changes.startedAtMs ?? 0
    const fact: ElevatedProcess = {
      kind: 'process',
      id: `${Math.floor(startedAtMs / 1000)}.000:${serial}`,
      pid: 5_000 + serial,
      ppid: 5_000,
      exe: argv[0] ?? '/usr/bin/true',
      argv,
      argvEscaped: [],
      cwd: '/root',
      uid: 0,
      auid,
      startedAtMs,
      sha256: null,
      ...changes,
    }
    this.#tell(auid, fact)
    return fact
  }

  ends(process: Pick<ElevatedProcess, 'id' | 'pid' | 'auid'>, exitCode: number, endedAtMs: number): void {
    const { id, pid, auid } = process
    const fact: ProcessEnded = { kind: 'ended', id, pid, auid, exitCode, signal: null, endedAtMs }
    this.#tell(auid, fact)
  }

  /** Something may be missing, for everybody who is recorded. */
  misses(gap: Omit<RecordingGap, 'kind'>): void {
    for (const { onFact } of this.#running) onFact({ kind: 'gap', ...gap })
  }

  #tell(auid: number, fact: RecordingFact): void {
    for (const running of this.#running) if (running.uid === auid) running.onFact(fact)
  }
}
