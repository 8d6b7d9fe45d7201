import type { Json } from '@stint/code'
import type { LedgerType } from '@stint/elevation'
import { isoTime } from '../../clock.ts'
import type { LedgerRow } from '../../db/schema.ts'

/**
 * A fact as other systems get it. `seq` is the same for the same fact for ever: whoever gets one twice knows it by
 * that. A fact whose personal data was dropped has `dropped`, and neither actor, subject nor body.
 */
export interface OutFact {
  /** Number in the ledger; null for a test. */
  readonly seq: number | null
  /** RFC 3339 UTC with milliseconds. */
  readonly at: string
  readonly type: LedgerType | 'test'
  readonly actor: string | null
  readonly subject: string | null
  readonly body: Readonly<Record<string, Json>> | null
  readonly dropped: boolean
  /** Hash of the entry, as spec/evidence.md makes it, to compare with an export of the ledger. */
  readonly leaf: string | null
}

export function outFact({ seq, at, type, actor, subject, body, leaf, dropped_at }: LedgerRow): OutFact {
  const said = { seq, at: isoTime(at), type, actor, subject }
  return { ...said, body: body === null ? null : factOf(body), dropped: dropped_at !== null, leaf }
}

/** A made-up fact, so that somebody sees whether facts arrive. */
export function testFact(nowMs: number, actor: string, sinkId: string): OutFact {
  return {
    ...{ seq: null, at: isoTime(nowMs), type: 'test', actor, subject: `sink:${sinkId}`, dropped: false },
    ...{ body: { text: 'A test of Stint: nothing happened.' }, leaf: null },
  }
}

/** What a fact says beside who did it and to what. */
function factOf(text: string): Readonly<Record<string, Json>> {
  const { actor, subject, ...fact } = JSON.parse(text)
  return fact
}
