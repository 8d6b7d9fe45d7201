import { done, type JournalType, type Outcome, refused } from '@stint/elevation'
import type { JournalBody } from '@stint/wire/journal'
import { type Actor, actorText } from '../../actor.ts'
import type { Database, Tx } from '../../db/database.ts'
import type { SessionRow } from '../../db/schema.ts'
import type { Devices } from '../devices/devices.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { factText } from './fact-text.ts'
import type { Projection } from './projection.ts'
import { projections } from './projections.ts'
import type { SessionStore } from './sessions.store.ts'
import { sealed, troubled } from './spans.ts'

export interface SessionParts {
  readonly db: Database
  readonly store: SessionStore
  readonly ledger: Ledger
  readonly devices: Pick<Devices, 'device' | 'tell' | 'acted'>
  readonly changed: (sessionId: string) => void
}

/** One entry of a computer's journal, checked and stored. */
export interface JournalFact<T extends JournalType = JournalType> {
  readonly deviceId: string
  readonly seq: number
  /** By the computer's clock, ms. */
  readonly at: number
  readonly type: T
  readonly body: JournalBody<T>
}

/** Sessions, as the computers' journals tell of them: nothing else makes, changes or ends one here. */
export interface Sessions {
  /**
   * Takes a fact of a journal, in order. False for one that contradicts what is known, such as a process of a session
   * that never started: it changes nothing, and the evidence of it stays in the journal.
   */
  apply(tx: Tx, fact: JournalFact): Promise<boolean>
  session(id: string): Promise<SessionRow | null>
  /** Up to this number the journal of a computer is under a signature: verdicts that waited for it are made. */
  sealed(tx: Tx, deviceId: string, size: number): Promise<void>
  /** Something does not fit at these numbers: the sessions there are not whole. Gives them, in order. */
  troubled(tx: Tx, deviceId: string, from: number, to: number): Promise<readonly string[]>
  /** Tells the computer to end it. Refusals `not-found`, `conflict` for one that is over. */
  askEnd(actor: Actor, sessionId: string): Promise<Outcome<null>>
}

export function createSessions(parts: SessionParts): Sessions {
  const { db, store } = parts
  return {
    apply: (tx, fact) => apply(parts, tx, fact),
    session: (id) => store.session(id),
    sealed: (tx, deviceId, size) => sealed(parts, tx, deviceId, size),
    troubled: (tx, deviceId, from, to) => troubled(parts, tx, deviceId, from, to),
    askEnd: (actor, sessionId) => db.write((tx) => askEnd(parts, tx, actor, sessionId)),
  }
}

async function apply<T extends JournalType>(
  parts: SessionParts,
  tx: Tx,
  fact: JournalFact<T>,
): Promise<boolean> {
  const project = projections[fact.type] as Projection<T> | undefined
  if (project !== undefined && !(await project(parts, tx, fact))) return false
  const text = factText(fact.type, fact.body)
  if (text === null) return true
  const { deviceId, seq, at, type } = fact
  const body: object = fact.body
  await parts.store.insertFact(tx, {
    device_id: deviceId,
    seq,
    device_request_id: 'requestId' in body ? String(body.requestId) : null,
    session_id: 'sessionId' in body ? String(body.sessionId) : null,
    at,
    type,
    text,
  })
  return true
}

async function askEnd(parts: SessionParts, tx: Tx, actor: Actor, sessionId: string): Promise<Outcome<null>> {
  const session = await parts.store.session(sessionId, tx)
  if (session === null) return refused('not-found')
  if (session.state === 'ended') return refused('conflict', { hint: 'This session is over already.' })
  const subject = `session:${sessionId}`
  await parts.ledger.append(tx, { type: 'session.end-asked', actor: actorText(actor), subject, body: {} })
  await parts.devices.tell(tx, session.device_id, sessionId, { type: 'end-session', sessionId })
  tx.afterCommit(() => parts.changed(sessionId))
  return done(null)
}
