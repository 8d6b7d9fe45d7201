import { type Json, jcs } from '@stint/code'
import { type FindingWord, findingCodeOf } from '@stint/elevation'
import { serverActor } from '../../actor.ts'
import type { Clock } from '../../clock.ts'
import type { Tx } from '../../db/database.ts'
import type { NewId } from '../../identifier.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { EvidenceStore } from './evidence.store.ts'

/** What does not fit in a journal (spec: evidence, checks). */
export interface Finding {
  readonly word: FindingWord
  readonly deviceId: string
  /** Numbers of the journal that it is about, both included. */
  readonly from: number
  readonly to: number
  readonly sessionId?: string
  /** What shows it: the notes, the header that was refused. */
  readonly details: Readonly<Record<string, Json>>
}

export interface Findings {
  /** Notes a finding, once however often the same is seen. True when it is new. */
  find(tx: Tx, finding: Finding): Promise<boolean>
  /** The same for what a computer sent and was refused: a new one is a fact `journal.refused` too. */
  refuse(tx: Tx, finding: Finding): Promise<boolean>
  /** An entry that is kept and changed nothing, and why. */
  ignored(tx: Tx, deviceId: string, seq: number, reason: string): Promise<void>
}

export interface FindingParts {
  readonly store: Pick<EvidenceStore, 'insertFinding'>
  readonly ledger: Pick<Ledger, 'append'>
  readonly clock: Clock
  readonly newId: NewId
}

export function createFindings({ store, ledger, clock, newId }: FindingParts): Findings {
  const find: Findings['find'] = (tx, { word, deviceId, from, to, sessionId, details }) =>
    store.insertFinding(tx, {
      id: newId(),
      device_id: deviceId,
      code: findingCodeOf[word],
      word,
      seq_from: from,
      seq_to: to,
      session_id: sessionId ?? null,
      found_at: clock.now(),
      details: jcs(details),
      acknowledged_by: null,
      acknowledged_at: null,
      note: null,
    })
  const ignored: Findings['ignored'] = async (tx, deviceId, seq, reason) => {
    const about = { actor: serverActor, subject: `device:${deviceId}` }
    await ledger.append(tx, { type: 'journal.refused', ...about, body: { deviceId, seq, reason } })
  }
  return {
    find,
    ignored,
    async refuse(tx, finding) {
      const isNew = await find(tx, finding)
      if (isNew) await ignored(tx, finding.deviceId, finding.from, finding.word)
      return isNew
    },
  }
}
