import type { JournalType } from '@stint/elevation'
import { msOf } from '../../clock.ts'
import type { Tx } from '../../db/database.ts'
import { compared, processDenied, rightsChanged } from './findings.ts'
import { flag, isTime, ownSession, type Projection } from './projection.ts'
import type { JournalFact, SessionParts } from './sessions.ts'
import { granted, judge, judgedFrom, ownSpan } from './spans.ts'

export const projections: { readonly [T in JournalType]?: Projection<T> } = {
  'session.start': started,
  'session.end': ended,
  'process.elevated': processStarted,
  'process.ended': processEnded,
  'process.denied': processDenied,
  'recording.gap': gapFound,
  'system.changed': compared,
  'rights.changed-elsewhere': rightsChanged,
  'grant.admitted': granted,
}

async function started(
  { store, ledger, changed }: SessionParts,
  tx: Tx,
  { deviceId, body }: JournalFact<'session.start'>,
): Promise<boolean> {
  const [startedAt, endsAt] = [msOf(body.startedAt), msOf(body.endsAt)]
  if ((await store.session(body.sessionId, tx)) !== null || !isTime(startedAt, endsAt)) return false
  const { sessionId, requestId, userId, userName, mode, credential, recording, denying } = body
  await store.insert(tx, {
    id: sessionId,
    device_id: deviceId,
    device_request_id: requestId,
    state: 'live',
    user_id: userId,
    user_name: userName,
    mode,
    credential,
    started_at: startedAt,
    ends_at: endsAt,
    end_processes: flag(body.endProcesses),
    recording,
    was_administrator: flag(body.wasAdministrator),
    completeness: judgedFrom(
      { recording, processes: 0, processes_reported: null, end_reason: null },
      await ownSpan(store, tx, deviceId, sessionId),
      0,
    ),
    processes: 0,
    ended_at: null,
    end_reason: null,
    proven: null,
    still_running: null,
    processes_reported: null,
    denying,
  })
  const fact = { deviceId, deviceRequestId: requestId, mode, credential }
  const subject = `session:${sessionId}`
  await ledger.append(tx, { type: 'session.started', actor: `device:${deviceId}`, subject, body: fact })
  tx.afterCommit(() => changed(sessionId))
  return true
}

async function ended(
  parts: SessionParts,
  tx: Tx,
  { deviceId, seq, body }: JournalFact<'session.end'>,
): Promise<boolean> {
  const { store, ledger, devices, changed } = parts
  const session = await ownSession(parts, tx, deviceId, body.sessionId)
  const endedAt = msOf(body.endedAt)
  if (session?.state !== 'live' || !isTime(endedAt)) return false
  const end = {
    ended_at: endedAt,
    end_reason: body.reason,
    proven: flag(body.proven),
    still_running: JSON.stringify(body.stillRunning),
    processes_reported: body.processes,
  }
  await store.end(tx, session.id, end)
  await store.endSpan(tx, session.id, { end_seq: seq, gaps_reported: body.gaps })
  await judge(parts, tx, session.id)
  await devices.acted(tx, deviceId, ['end-session'], session.id)
  const fact = { reason: body.reason, proven: body.proven, processes: body.processes }
  const subject = `session:${session.id}`
  await ledger.append(tx, { type: 'session.ended', actor: `device:${deviceId}`, subject, body: fact })
  tx.afterCommit(() => changed(session.id))
  return true
}

async function processStarted(
  parts: SessionParts,
  tx: Tx,
  { deviceId, seq, body }: JournalFact<'process.elevated'>,
): Promise<boolean> {
  const session = await ownSession(parts, tx, deviceId, body.sessionId)
  const startedAt = msOf(body.startedAt)
  if (session === null || !isTime(startedAt)) return false
  await parts.store.insertProcess(tx, {
    session_id: session.id,
    seq,
    pid: body.pid,
    started_at: startedAt,
    parent_pid: body.parentPid,
    uid: body.uid,
    program: body.program,
    args: JSON.stringify(body.args),
    args_cut: flag(body.argsCut),
    directory: body.directory,
    sha256: body.sha256,
    ended_at: null,
    exit_code: null,
    signal: null,
    redacted: body.redacted,
  })
  if (session.state === 'ended') await judge(parts, tx, session.id)
  tx.afterCommit(() => parts.changed(session.id))
  return true
}

async function processEnded(
  parts: SessionParts,
  tx: Tx,
  { deviceId, body }: JournalFact<'process.ended'>,
): Promise<boolean> {
  const session = await ownSession(parts, tx, deviceId, body.sessionId)
  const [startedAt, endedAt] = [msOf(body.startedAt), msOf(body.endedAt)]
  if (session === null || !isTime(startedAt, endedAt)) return false
  const name = { session_id: session.id, pid: body.pid, started_at: startedAt }
  await parts.store.endProcess(tx, name, {
    ended_at: endedAt,
    exit_code: body.exitCode,
    signal: body.signal,
  })
  return true
}

async function gapFound(
  parts: SessionParts,
  tx: Tx,
  { deviceId, seq, body }: JournalFact<'recording.gap'>,
): Promise<boolean> {
  const session = await ownSession(parts, tx, deviceId, body.sessionId)
  const [from, to] = [msOf(body.from), msOf(body.to)]
  if (session === null || !isTime(from, to)) return false
  await parts.store.insertGap(tx, {
    session_id: session.id,
    seq,
    from_at: from,
    to_at: to,
    cause: body.cause,
  })
  await judge(parts, tx, session.id)
  tx.afterCommit(() => parts.changed(session.id))
  return true
}
