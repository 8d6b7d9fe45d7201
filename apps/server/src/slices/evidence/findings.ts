import { type Json, jcs } from '@stint/code'
import { type FindingWord, findingCodeOf } from '@stint/elevation'
import { serverActor } from '../../actor.ts'
import type { Clock } from '../../clock.ts'
import type { Tx } from '../../db/database.ts'
import type { NewId } from '../../identifier.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Sessions } from '../sessions/sessions.ts'
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
  readonly sessions: Pick<Sessions, 'troubled'>
  /** The findings on somebody's screen may have changed. */
  readonly changed: (findingId: string) => void
}

export function createFindings(parts: FindingParts): Findings {
  const { ledger } = parts
  const find: Findings['find'] = (tx, finding) => make(parts, tx, finding)
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

/** A new finding is a fact of the ledger too, and the sessions that it is about are not whole any more. */
async function make(
  { store, ledger, sessions, clock, newId, changed }: FindingParts,
  tx: Tx,
  { word, deviceId, from, to, sessionId, details }: Finding,
): Promise<boolean> {
  // What is missing from a journal is about no number of it yet.
  const touched = word === 'silent' ? [] : await sessions.troubled(tx, deviceId, from, to)
  const id = newId()
  const code = findingCodeOf[word]
  const about = sessionId ?? touched[0] ?? null
  const isNew = await store.insertFinding(tx, {
    ...{ id, device_id: deviceId, code, word, seq_from: from, seq_to: to, session_id: about },
    ...{ found_at: clock.now(), details: jcs(details) },
    ...{ acknowledged_by: null, acknowledged_at: null, note: null },
  })
  if (!isNew) return false
  const body = { deviceId, code, word, from, to, sessionId: about }
  await ledger.append(tx, { type: 'finding.made', actor: serverActor, subject: `finding:${id}`, body })
  tx.afterCommit(() => changed(id))
  return true
}
