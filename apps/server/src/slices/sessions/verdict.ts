import type { Completeness, EndReason } from '@stint/elevation'

/** What is known of a session's record. Counts of the computer are null until it reported the end. */
export interface Recorded {
  /** A recorder's name, alone or with details in brackets; or a sentence why nothing is recorded. */
  readonly recording: string
  readonly gaps: number
  readonly processes: number
  readonly processesReported: number | null
  readonly endReason: EndReason | null
  /** Null where the journal has no grant for this session. */
  readonly span: RecordedSpan | null
}

/** From the grant to the first seal behind the end (spec: evidence, verdict). */
export interface RecordedSpan {
  /** Whether a seal is waited for: the computer named the key that it seals with. */
  readonly seals: boolean
  readonly isSealed: boolean
  /** Whether a finding is about these numbers of the journal. */
  readonly isTroubled: boolean
}

/** Why a record is not whole, apart from gaps and findings, which have their own words. */
export type Lack =
  | 'not-recorded'
  | 'no-grant'
  | 'lowering-abandoned'
  | 'processes-missing'
  | 'processes-added'

export interface Verdict {
  readonly completeness: Completeness
  readonly lacks: readonly Lack[]
}

/**
 * Complete only when every entry from the grant to the first seal behind the end is there and sealed, no gap and no
 * finding is about them, and as many processes arrived as the computer counted. What breaks a record is known at once,
 * the rest only at the end. Unknown is never complete.
 */
export function verdictOf(recorded: Recorded): Verdict {
  const { gaps, processes, processesReported, span } = recorded
  const lacks = [...brokenBy(recorded)]
  const isBroken = lacks.length > 0 || gaps > 0 || span?.isTroubled === true
  if (processesReported === null) return { completeness: isBroken ? 'incomplete' : 'not-yet-reported', lacks }
  if (processes > processesReported) lacks.push('processes-added')
  const isOpen = span?.seals === true && !span.isSealed
  if (processes < processesReported && !isOpen) lacks.push('processes-missing')
  if (isBroken || lacks.length > 0) return { completeness: 'incomplete', lacks }
  return { completeness: isOpen ? 'not-yet-reported' : 'complete', lacks }
}

function* brokenBy({ recording, span, endReason }: Recorded): Generator<Lack> {
  if (!/^[a-z][a-z-]*(?: \([^)]*\))?$/.test(recording)) yield 'not-recorded'
  if (span === null) yield 'no-grant'
  if (endReason === 'lowering-abandoned') yield 'lowering-abandoned'
}
