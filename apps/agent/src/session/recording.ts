import type { Recorder, RecordingFact } from '../record/record.ts'
import { RecordingError } from '../record/record.ts'

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
): Promise<RunningRecording> {
  const availability = await recorder.available()
  if (!availability.available) return none(`Nothing is recorded: ${availability.message}`)
  try {
    const recording = await recorder.start(uid, onFact)
    const ends = availability.exits ? '' : ', ends of processes unknown'
    return { text: `kernel-audit (${availability.source}${ends})`, stop: () => recording.stop() }
  } catch (error) {
    if (error instanceof RecordingError) return none(`Nothing is recorded: ${error.message}`)
    throw error
  }
}

function none(text: string): RunningRecording {
  return { text: text.slice(0, 300), stop: async () => undefined }
}
