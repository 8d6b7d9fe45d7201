import type { Completeness, EndReason } from '@stint/elevation'

/** What is known of a session's recording. Counts of the computer are null until it reported the end. */
export interface Recorded {
  /** A recorder's name, alone or with details in brackets; or a sentence why nothing is recorded. */
  readonly recording: string
  readonly gaps: number
  readonly processes: number
  readonly processesReported: number | null
  readonly endReason: EndReason | null
}

/**
 * Complete only when the computer reported the end, says that it missed nothing, and as many processes arrived as it
 * counted. A gap is known at once; the rest only at the end. Unknown is never complete.
 */
export function completenessOf(recorded: Recorded): Completeness {
  const { recording, gaps, processes, processesReported, endReason } = recorded
  const isRecorded = /^[a-z][a-z-]*(?: \([^)]*\))?$/.test(recording)
  if (!isRecorded || gaps > 0 || endReason === 'lowering-abandoned') return 'incomplete'
  if (processesReported === null) return 'not-yet-reported'
  return processes === processesReported ? 'complete' : 'incomplete'
}
