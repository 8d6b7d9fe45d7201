import type { JournalType } from '@stint/elevation'
import type { JournalBody } from '@stint/wire/journal'
import type { Tx } from '../../db/database.ts'
import { checkGrant, checkRequest, checkVoid } from './check-codes.ts'
import { checkReceipt } from './check-receipts.ts'
import { checkEnd, checkStart } from './check-times.ts'
import type { EvidenceParts } from './evidence.ts'

/** An entry of a journal that is stored, with a body of the right shape. */
export interface CheckedFact<T extends JournalType = JournalType> {
  readonly deviceId: string
  readonly seq: number
  /** By the computer's clock, ms. */
  readonly at: number
  readonly boot: string
  /** Milliseconds since that boot. */
  readonly up: number
  readonly type: T
  readonly body: JournalBody<T>
}

/**
 * One check of `spec/evidence.md`, made when the fact that shows it comes: a few look-ups by key, never a walk. Findings
 * are in the transaction of the fact.
 */
export type FactCheck<T extends JournalType> = (
  parts: EvidenceParts,
  tx: Tx,
  fact: CheckedFact<T>,
) => Promise<void>

const checks: { readonly [T in JournalType]?: FactCheck<T> } = {
  'request.created': checkRequest,
  'request.void': checkVoid,
  'grant.admitted': checkGrant,
  'session.start': checkStart,
  'session.end': checkEnd,
  receipt: checkReceipt,
}

export async function checkFact<T extends JournalType>(
  parts: EvidenceParts,
  tx: Tx,
  fact: CheckedFact<T>,
): Promise<void> {
  const check = checks[fact.type] as FactCheck<T> | undefined
  await check?.(parts, tx, fact)
}
