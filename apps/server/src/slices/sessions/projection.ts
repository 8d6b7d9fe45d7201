import type { JournalType } from '@stint/elevation'
import type { Tx } from '../../db/database.ts'
import type { Flag, SessionRow } from '../../db/schema.ts'
import type { JournalFact, SessionParts } from './sessions.ts'

/** Writes what a fact means for the tables of sessions; false when it does not fit what is known. */
export type Projection<T extends JournalType> = (
  parts: SessionParts,
  tx: Tx,
  fact: JournalFact<T>,
) => Promise<boolean>

/** The session, where it is one of this computer. */
export async function ownSession(
  { store }: SessionParts,
  tx: Tx,
  deviceId: string,
  sessionId: string,
): Promise<SessionRow | null> {
  const session = await store.session(sessionId, tx)
  return session?.device_id === deviceId ? session : null
}

/** The pattern of a wire time lets the thirteenth month through. */
export function isTime(...times: readonly number[]): boolean {
  return times.every((time) => Number.isFinite(time))
}

export function flag(value: boolean): Flag {
  return value ? 1 : 0
}
