import { done, type Outcome, refused } from '@stint/elevation'
import { type Actor, actorText } from '../../actor.ts'
import type { Clock } from '../../clock.ts'
import type { Database } from '../../db/database.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { reportSilent, type SilentComputer } from './check-silence.ts'
import type { EvidenceStore } from './evidence.store.ts'
import type { Findings } from './findings.ts'

/** What people and jobs do about findings. */
export interface FindingCare {
  /** Says that somebody saw it, and what it was: once. Refusals `not-found`, `conflict`. */
  acknowledge(actor: Actor, findingId: string, note: string): Promise<Outcome<null>>
  /** E8 for these computers. */
  reportSilent(silent: readonly SilentComputer[]): Promise<void>
}

export interface FindingCareParts {
  readonly db: Database
  readonly store: Pick<EvidenceStore, 'finding' | 'acknowledge' | 'last'>
  readonly findings: Pick<Findings, 'find'>
  readonly ledger: Pick<Ledger, 'append'>
  readonly clock: Clock
  readonly changed: (findingId: string) => void
}

export function createFindingCare(parts: FindingCareParts): { readonly care: FindingCare } {
  return {
    care: {
      acknowledge: (actor, findingId, note) => acknowledge(parts, actor, findingId, note),
      reportSilent: (silent) => reportSilent(parts, silent),
    },
  }
}

function acknowledge(
  { db, store, ledger, clock, changed }: FindingCareParts,
  actor: Actor,
  findingId: string,
  note: string,
): Promise<Outcome<null>> {
  return db.write(async (tx) => {
    const finding = await store.finding(tx, findingId)
    if (finding === null) return refused('not-found')
    if (finding.acknowledged_at !== null)
      return refused('conflict', { hint: 'Somebody has acknowledged this finding already.' })
    const by = actorText(actor)
    await store.acknowledge(tx, findingId, {
      acknowledged_by: by,
      acknowledged_at: clock.now(),
      note,
    })
    const subject = `finding:${findingId}`
    await ledger.append(tx, { type: 'finding.acknowledged', actor: by, subject, body: { note } })
    tx.afterCommit(() => changed(findingId))
    return done(null)
  })
}
