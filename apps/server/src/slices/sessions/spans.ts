import type { Completeness } from '@stint/elevation'
import type { Tx } from '../../db/database.ts'
import type { SessionRow, SessionSpanRow } from '../../db/schema.ts'
import { flag, type Projection } from './projection.ts'
import type { SessionStore } from './sessions.store.ts'
import type { SessionParts } from './sessions.ts'
import { verdictOf } from './verdict.ts'

/** The record of a session begins with its grant. */
export const granted: Projection<'grant.admitted'> = async (
  { devices, store },
  tx,
  { deviceId, seq, body },
) => {
  await devices.acted(tx, deviceId, ['answer', 'denial'], body.requestId)
  const device = await devices.device(deviceId, tx)
  await store.insertSpan(tx, {
    session_id: body.sessionId,
    device_id: deviceId,
    grant_seq: seq,
    end_seq: null,
    gaps_reported: null,
    seal_seq: null,
    seals: flag(device !== null && device.log_key !== null),
    troubled: 0,
  })
  return true
}

/** The span, where it is of a grant in the same computer's journal. */
export async function ownSpan(
  store: Pick<SessionStore, 'span'>,
  tx: Tx,
  deviceId: string,
  sessionId: string,
): Promise<SessionSpanRow | null> {
  const span = await store.span(tx, sessionId)
  return span?.device_id === deviceId ? span : null
}

/** The verdict on what is known of a session now. */
export function judgedFrom(
  session: Pick<SessionRow, 'recording' | 'processes' | 'processes_reported' | 'end_reason'>,
  span: SessionSpanRow | null,
  gaps: number,
): Completeness {
  return verdictOf({
    recording: session.recording,
    gaps: Math.max(gaps, span?.gaps_reported ?? 0),
    processes: session.processes,
    processesReported: session.processes_reported,
    endReason: session.end_reason,
    span: span === null ? null : spanOf(span),
  }).completeness
}

export function spanOf({ seals, seal_seq, troubled }: SessionSpanRow) {
  return { seals: seals === 1, isSealed: seal_seq !== null, isTroubled: troubled === 1 }
}

/** Makes the verdict on a session anew; nothing where its journal has not said yet that it started. */
export async function judge({ store, changed }: SessionParts, tx: Tx, sessionId: string): Promise<void> {
  const session = await store.session(sessionId, tx)
  if (session === null) return
  const span = await ownSpan(store, tx, session.device_id, sessionId)
  const completeness = judgedFrom(session, span, await store.gaps(tx, sessionId))
  if (completeness === session.completeness) return
  await store.setCompleteness(tx, sessionId, completeness)
  tx.afterCommit(() => changed(sessionId))
}

/** A checkpoint of this size was stored; its last entry is the seal. */
export async function sealed(parts: SessionParts, tx: Tx, deviceId: string, size: number): Promise<void> {
  for (const id of await parts.store.sealSpans(tx, deviceId, size - 1)) await judge(parts, tx, id)
}

export async function troubled(
  parts: SessionParts,
  tx: Tx,
  deviceId: string,
  from: number,
  to: number,
): Promise<readonly string[]> {
  const ids = await parts.store.spansAt(tx, deviceId, from, to)
  for (const id of ids) {
    await parts.store.trouble(tx, id)
    await judge(parts, tx, id)
  }
  return ids
}
