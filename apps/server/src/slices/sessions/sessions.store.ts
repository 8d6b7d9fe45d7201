import type { Completeness } from '@stint/elevation'
import type { Tx } from '../../db/database.ts'
import type {
  SessionChangeRow,
  SessionComparisonRow,
  SessionDeniedRow,
  SessionFactRow,
  SessionGapRow,
  SessionProcessRow,
  SessionRow,
  SessionSpanRow,
} from '../../db/schema.ts'

/** What a session was when it started never changes; it ends once. */
export interface SessionStore {
  session(id: string, tx?: Tx): Promise<SessionRow | null>
  insert(tx: Tx, row: SessionRow): Promise<void>
  end(
    tx: Tx,
    id: string,
    how: Pick<SessionRow, 'ended_at' | 'end_reason' | 'proven' | 'still_running' | 'processes_reported'>,
  ): Promise<void>
  setCompleteness(tx: Tx, id: string, completeness: Completeness): Promise<void>
  /** Inserts it and counts it in its session. */
  insertProcess(tx: Tx, row: SessionProcessRow): Promise<void>
  /** Ends the newest process of that name that has not ended; nothing where there is none. */
  endProcess(
    tx: Tx,
    name: Pick<SessionProcessRow, 'session_id' | 'pid' | 'started_at'>,
    how: Pick<SessionProcessRow, 'ended_at' | 'exit_code' | 'signal'>,
  ): Promise<void>
  span(tx: Tx, sessionId: string): Promise<SessionSpanRow | null>
  /** Nothing where the session has one: a second grant is not its. */
  insertSpan(tx: Tx, row: SessionSpanRow): Promise<void>
  endSpan(tx: Tx, sessionId: string, how: Pick<SessionSpanRow, 'end_seq' | 'gaps_reported'>): Promise<void>
  /** Gives the sessions of this computer that ended before `sealSeq` and had no seal this one. */
  sealSpans(tx: Tx, deviceId: string, sealSeq: number): Promise<readonly string[]>
  /** The sessions that these numbers are of, in the order of their grants. One that is not sealed has no end yet. */
  spansAt(tx: Tx, deviceId: string, from: number, to: number): Promise<readonly string[]>
  trouble(tx: Tx, sessionId: string): Promise<void>
  insertGap(tx: Tx, row: SessionGapRow): Promise<void>
  gaps(tx: Tx, sessionId: string): Promise<number>
  insertDenied(tx: Tx, row: SessionDeniedRow): Promise<void>
  isCompared(tx: Tx, sessionId: string): Promise<boolean>
  /** Once for each session; the engine refuses the second. */
  insertComparison(tx: Tx, row: SessionComparisonRow, changes: readonly SessionChangeRow[]): Promise<void>
  insertFact(tx: Tx, row: SessionFactRow): Promise<void>
}
