import { isoTime } from '../../clock.ts'
import type { FindingCareParts } from './finding-care.ts'

/** A computer that showed itself and owes entries of its journal. */
export interface SilentComputer {
  readonly deviceId: string
  /** Since when, ms. */
  readonly sinceMs: number
  /** What the server knows of it: `request:<id>` or `session:<id>`. */
  readonly owes: string
}

/** E8 `silent`, once for each place where a journal stands still. */
export async function reportSilent(
  { db, store, findings }: FindingCareParts,
  silent: readonly SilentComputer[],
): Promise<void> {
  for (const { deviceId, sinceMs, owes } of silent)
    await db.write(async (tx) => {
      const next = ((await store.last(tx, deviceId))?.seq ?? -1) + 1
      const details = { since: isoTime(sinceMs), owes }
      await findings.find(tx, { word: 'silent', deviceId, from: next, to: next, details })
    })
}
