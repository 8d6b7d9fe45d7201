import { defaultPolicy } from '@stint/elevation'
import type { Ground } from '../config/ground.ts'
import type { SessionRecord } from '../config/state.ts'
import type { Recorder, RunningProgram } from '../record/record.ts'
import { RecordedFacts } from './recorded-facts.ts'
import { type RunningRecording, startRecording } from './recording.ts'

export type RecordedGround = Pick<Ground, 'clock' | 'keeper' | 'log' | 'policy'> & {
  readonly recorder: Recorder
}

/** The recording of one session: the recorder, and the facts on their way to the journal. */
export class Recorded {
  readonly facts: RecordedFacts
  readonly #recording: RunningRecording

  private constructor(facts: RecordedFacts, recording: RunningRecording) {
    this.facts = facts
    this.#recording = recording
  }

  /** @param earlier programs of the same session that an earlier run of the agent recorded */
  static async start(
    session: SessionRecord,
    ground: RecordedGround,
    { onBatch, earlier = [] }: { onBatch: () => void; earlier?: readonly RunningProgram[] },
  ): Promise<Recorded> {
    const { keeper, clock, log, policy, recorder } = ground
    const facts = new RecordedFacts({
      sessionId: session.sessionId,
      journal: keeper.sealed,
      clock,
      log,
      redact: () => (policy.current ?? defaultPolicy).redact,
      onBatch,
    })
    facts.expectEnds(earlier)
    return new Recorded(facts, await startRecording(recorder, session.uid, facts.take, earlier))
  }

  /** For the journal: what records, or why nothing does. */
  get text(): string {
    return this.#recording.text
  }

  /** Everything that happened before is in the journal when this resolves, unless the disk refuses. */
  async stop(): Promise<void> {
    await this.#recording.stop()
    await this.facts.flush()
  }
}
