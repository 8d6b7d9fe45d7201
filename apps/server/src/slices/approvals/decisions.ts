import { spokenMinutes } from '@stint/code'
import { type CallerCheck, done, type Outcome, refused } from '@stint/elevation'
import { type Actor, actorText } from '../../actor.ts'
import { dayMs } from '../../clock.ts'
import type { Tx } from '../../db/database.ts'
import type { ApprovalRow, Carrier, Flag, RequestRow } from '../../db/schema.ts'
import type { Approval, ApprovalParts, Approvals, Terms } from './approvals.ts'
import { isOwnRequest } from './own-request.ts'

/** The shortest time that a response code can carry. */
const SPOKEN_MIN = Math.min(...spokenMinutes())

/** An answer that could not be made for so long is of no use to anybody. */
const RETRY_MS = dayMs

interface Wish extends Terms {
  readonly carried: Carrier
  readonly callerCheck: CallerCheck | null
}

export function createDecisions(
  parts: ApprovalParts,
): Pick<Approvals, 'approve' | 'approveCaller' | 'deny' | 'unfinished' | 'joined'> {
  const { db, store, requests } = parts
  return {
    approve: (actor, requestId, terms) =>
      db.write((tx) =>
        approve(parts, tx, actor, requestId, { ...terms, carried: 'network', callerCheck: null }),
      ),
    approveCaller: (actor, requestId, terms, callerCheck) =>
      db.write((tx) => approve(parts, tx, actor, requestId, { ...terms, carried: 'telephone', callerCheck })),
    deny: (actor, requestId, note) => db.write((tx) => deny(parts, tx, actor, requestId, note)),
    async joined(tx, request) {
      const before = await store.ofRequest(request.id, tx)
      if (before?.outcome === 'denied') await tellDenial(parts, tx, request, before.note)
    },
    async unfinished() {
      const rows = await store.unfinished(parts.clock.now() - RETRY_MS)
      const approvals = rows.map(async (row) => ({ row, request: await requests.request(row.request_id) }))
      return (await Promise.all(approvals)).filter((one): one is Approval => one.request !== null)
    },
  }
}

async function approve(
  parts: ApprovalParts,
  tx: Tx,
  actor: Actor,
  requestId: string,
  wish: Wish,
): Promise<Outcome<Approval>> {
  const { store, requests } = parts
  const request = await requests.request(requestId, tx)
  if (request === null) return refused('not-found')
  const before = await store.ofRequest(requestId, tx)
  const again = before !== null && wish.carried === 'telephone' && isSame(before, wish) ? before : null
  const open = again === null ? stillOpen(parts, request) : done(null)
  if (!open.ok) return open
  const entitled = await mayAgree(parts, tx, actor, request, wish)
  if (!entitled.ok) return entitled
  // A code is about to be shown to this approver: how he knows his caller, whoever had decided and by whichever way.
  if (wish.callerCheck !== null)
    await parts.ledger.append(tx, {
      type: 'caller.checked',
      actor: actorText(actor),
      subject: `request:${request.id}`,
      body: { callerCheck: wish.callerCheck },
    })
  return done({ row: again ?? (await record(parts, tx, actor, request, wish)), request })
}

/** Approved before, online or by telephone, on the same terms: the answer may be read out (again). */
function isSame(before: ApprovalRow, wish: Wish): boolean {
  const asked: Flag = wish.endProcesses ? 1 : 0
  return before.outcome === 'approved' && before.minutes === wish.minutes && before.end_processes === asked
}

function stillOpen({ clock }: Pick<ApprovalParts, 'clock'>, request: RequestRow): Outcome<null> {
  if (request.state === 'approved' || request.state === 'denied') return refused('already-decided')
  if (request.state === 'withdrawn' || request.state === 'void') return refused(request.state)
  if (request.state === 'expired' || request.expires_at <= clock.now()) return refused('expired')
  return done(null)
}

async function mayAgree(
  { policies, devices }: ApprovalParts,
  tx: Tx,
  actor: Actor,
  request: RequestRow,
  wish: Wish,
): Promise<Outcome<null>> {
  if (isOwnRequest(actor, { userId: request.user_id, userName: request.user_name }))
    return refused('own-request')
  const { settings } = await policies.settings(tx)
  if (wish.minutes > settings.minutesCeiling)
    return refused('ceiling', { details: { minutesCeiling: settings.minutesCeiling } })
  const device = await devices.device(request.device_id, tx)
  if (device?.state === 'revoked') return refused('device-revoked')
  if (device?.state === 'suspended') return refused('device-suspended')
  if (wish.carried === 'network' && request.device_request_id === null)
    return refused('conflict', { hint: 'Only its code is known here: answer it with a code, by telephone.' })
  if (wish.carried === 'telephone' && !settings.offlineCodes) return refused('offline-codes-disabled')
  if (wish.carried === 'telephone' && wish.minutes < SPOKEN_MIN)
    return refused('invalid', { hint: `The shortest time that a code can carry is ${SPOKEN_MIN} minutes.` })
  return done(null)
}

async function record(
  { store, requests, ledger, clock, newId }: ApprovalParts,
  tx: Tx,
  actor: Actor,
  request: RequestRow,
  wish: Wish,
): Promise<ApprovalRow> {
  const row: ApprovalRow = {
    ...decisionRow(newId(), clock.now(), actor, request, wish.note),
    outcome: 'approved',
    carried: wish.carried,
    minutes: wish.minutes,
    end_processes: wish.endProcesses ? 1 : 0,
    caller_check: wish.callerCheck,
  }
  await store.insert(tx, row)
  await requests.decide(tx, request, 'approved')
  const about = { actor: actorText(actor), subject: `request:${request.id}` }
  const { minutes, endProcesses, carried } = wish
  const body = { approvalId: row.id, outcome: 'approved', minutes, endProcesses, carried }
  await ledger.append(tx, { type: 'request.decided', ...about, body })
  return row
}

function decisionRow(id: string, at: number, actor: Actor, request: RequestRow, note: string) {
  const by = { approver: actorText(actor), approver_name: actor.label }
  return { id, request_id: request.id, ...by, at, note, issued_at: null }
}

async function deny(
  { store, requests, ledger, devices, clock, newId }: ApprovalParts,
  tx: Tx,
  actor: Actor,
  requestId: string,
  note: string,
): Promise<Outcome<null>> {
  const request = await requests.request(requestId, tx)
  if (request === null) return refused('not-found')
  const open = stillOpen({ clock }, request)
  if (!open.ok) return open
  const row: ApprovalRow = {
    ...decisionRow(newId(), clock.now(), actor, request, note),
    outcome: 'denied',
    carried: request.device_request_id === null ? 'telephone' : 'network',
    minutes: null,
    end_processes: null,
    caller_check: null,
  }
  await store.insert(tx, row)
  await requests.decide(tx, request, 'denied')
  const about = { actor: actorText(actor), subject: `request:${request.id}` }
  await ledger.append(tx, {
    type: 'request.decided',
    ...about,
    body: { approvalId: row.id, outcome: 'denied' },
  })
  await tellDenial({ devices }, tx, request, note)
  return done(null)
}

async function tellDenial(
  { devices }: Pick<ApprovalParts, 'devices'>,
  tx: Tx,
  { device_id, device_request_id: requestId }: RequestRow,
  note: string,
): Promise<void> {
  if (requestId !== null) await devices.tell(tx, device_id, requestId, { type: 'denial', requestId, note })
}
