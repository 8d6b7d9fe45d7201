import { msOf } from '../../clock.ts'
import { flag, isTime, ownSession, type Projection } from './projection.ts'

/** A program that a rule kept from starting. It ran nothing, so the verdict on the recording does not change. */
export const processDenied: Projection<'process.denied'> = async (parts, tx, { deviceId, seq, body }) => {
  const session = await ownSession(parts, tx, deviceId, body.sessionId)
  const at = msOf(body.at)
  if (session === null || !isTime(at)) return false
  await parts.store.insertDenied(tx, {
    session_id: session.id,
    seq,
    at,
    pid: body.pid,
    uid: body.uid,
    program: body.program,
    sha256: body.sha256,
    args: JSON.stringify(body.args),
    args_cut: flag(body.argsCut),
    redacted: body.redacted,
    rule: body.rule,
    repeated: body.repeated,
  })
  tx.afterCommit(() => parts.changed(session.id))
  return true
}

/** What is not as it was before the session: taken once, a second comparison contradicts the first. */
export const compared: Projection<'system.changed'> = async (parts, tx, { deviceId, seq, body }) => {
  const session = await ownSession(parts, tx, deviceId, body.sessionId)
  if (session === null || (await parts.store.isCompared(tx, session.id))) return false
  const rows = body.changes.map(({ at, ...change }, number) => ({
    ...change,
    session_id: session.id,
    number,
    at: at === null ? null : msOf(at),
  }))
  if (rows.some(({ at }) => at !== null && !isTime(at))) return false
  const row = { session_id: session.id, seq, unread: JSON.stringify(body.unread), cut: flag(body.cut) }
  await parts.store.insertComparison(tx, row, rows)
  tx.afterCommit(() => parts.changed(session.id))
  return true
}

/** Only a line of the timeline; it must be about the session's own person. */
export const rightsChanged: Projection<'rights.changed-elsewhere'> = async (
  parts,
  tx,
  { deviceId, body },
) => {
  const session = await ownSession(parts, tx, deviceId, body.sessionId)
  if (session === null || session.user_id !== body.userId || !isTime(msOf(body.at))) return false
  tx.afterCommit(() => parts.changed(session.id))
  return true
}
