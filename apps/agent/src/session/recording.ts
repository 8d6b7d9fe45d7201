import { printable } from '../config/printable.ts'
import type { Recorder, RecordingFact, RunningProgram } from '../record/record.ts'

/** A session's recorder, or why there is none. */
export interface RunningRecording {
  /** For the journal: what records, or why nothing is recorded. */
  readonly text: string
  /** Resolves when everything that was seen has been handed on. */
  stop(): Promise<void>
}

/** Never throws: a session without a recording is possible, and says so. */
export async function startRecording(
  recorder: Recorder,
  uid: number,
  onFact: (fact: RecordingFact) => void,
  earlier: readonly RunningProgram[],
): Promise<RunningRecording> {
  try {
    const availability = await recorder.available()
    if (!availability.available) return none(availability.message)
    const recording = await recorder.start(uid, onFact, earlier)
    const ends = availability.exits ? '' : ', ends of processes unknown'
    const x32 = availability.x32 ? ', x32 programs unseen' : ''
    return { text: `kernel-audit (${availability.source}${ends}${x32})`, stop: () => recording.stop() }
  } catch (error) {
    return none(error instanceof Error ? error.message : 'the recorder does not start')
  }
}

function none(why: string): RunningRecording {
  return { text: printable(`Nothing is recorded: ${why}`, 300), stop: async () => undefined }
}
