import { spokenMinutes } from '@stint/code'
import { done, Fault, type Outcome } from '@stint/elevation'
import { type Actor, actorText, serverActor } from '../../actor.ts'
import type { Tx } from '../../db/database.ts'
import type { IssuedAnswerRow } from '../../db/schema.ts'
import type { Approval, ApprovalParts, Approvals, SpokenCode } from './approvals.ts'

/** The elevation profile of every approval, until policies know others. */
const PROFILE = 0

/** From an approval to an answer. What leaves is in the issuer's record and in the ledger before it leaves. */
export function createIssuing(parts: ApprovalParts): Pick<Approvals, 'send' | 'speak'> {
  return {
    send: (approval) => send(parts, approval),
    speak: (actor, approval) => speak(parts, actor, approval),
  }
}

async function send(parts: ApprovalParts, approval: Approval): Promise<Outcome<null>> {
  const { issuer, db, devices } = parts
  const { request } = approval
  const { minutes } = termsOf(approval)
  const made = await issuer.call({ call: 'answer.token', ...answerFor(approval), seconds: minutes * 60 })
  if (!made.ok) return made
  const { token, jti } = made.value
  await db.write(async (tx) => {
    // The approver's call and the job that finishes approvals may both come here.
    if ((await parts.store.ofRequest(request.id, tx))?.issued_at !== null) return
    await recordIssued(parts, tx, approval, serverActor, { form: 'answer-token', jti, minutes })
    const requestId = request.device_request_id
    if (requestId !== null)
      await devices.tell(tx, request.device_id, requestId, { type: 'answer', requestId, token })
  })
  return done(null)
}

async function speak(parts: ApprovalParts, actor: Actor, approval: Approval): Promise<Outcome<SpokenCode>> {
  const { issuer, db } = parts
  const { minutes: agreed, endProcesses } = termsOf(approval)
  const minutes = spokenAtMost(agreed)
  const made = await issuer.call({ call: 'answer.code', ...answerFor(approval), minutes })
  if (!made.ok) return made
  const body = { form: 'response-code', jti: null, minutes } as const
  await db.write((tx) => recordIssued(parts, tx, approval, actorText(actor), body))
  return done({ requestId: approval.request.id, ...made.value, minutes, endProcesses })
}

async function recordIssued(
  { store, ledger, clock }: ApprovalParts,
  tx: Tx,
  { row, request }: Approval,
  actor: string,
  how: Pick<IssuedAnswerRow, 'form' | 'jti' | 'minutes'>,
): Promise<void> {
  const at = clock.now()
  const about = { device_id: request.device_id, counter: request.counter }
  await store.issued(tx, row.id, at)
  const body = {
    ...how,
    approvalId: row.id,
    approver: row.approver,
    deviceId: request.device_id,
    counter: request.counter,
  }
  const fact = { type: 'code.issued', actor, subject: `request:${request.id}`, body } as const
  const seq = await ledger.append(tx, fact)
  // Shown again after the computer reported its use: nothing is open that a check could wait for.
  const known = await store.issuedFor(tx, about.device_id, about.counter)
  const settledAt = known.find(({ settled_at }) => settled_at !== null)?.settled_at ?? null
  const answer = { ...about, ...how, user_id: request.user_id, at, settled_at: settledAt }
  await store.insertIssued(tx, { ...answer, ledger_seq: seq })
}

/** Everything that the answer is bound to; the same for every form of the same approval. */
function answerFor(approval: Approval) {
  const { row, request } = approval
  return {
    approvalId: row.id,
    requestId: request.id,
    approver: row.approver,
    requestCode: request.request_code,
    deviceId: request.device_id,
    epoch: request.epoch,
    counter: request.counter,
    policySerial: request.policy_serial,
    userId: request.user_id,
    endProcesses: termsOf(approval).endProcesses,
    profile: PROFILE,
  }
}

function termsOf({ row }: Approval): { readonly minutes: number; readonly endProcesses: boolean } {
  if (row.minutes === null || row.end_processes === null)
    throw new Fault(
      'approval-without-terms',
      'A denial was taken for an approval',
      'Report this; nothing was given out.',
    )
  return { minutes: row.minutes, endProcesses: row.end_processes === 1 }
}

/** The longest time of the code's table that is not above what was agreed. */
function spokenAtMost(minutes: number): number {
  return Math.max(...spokenMinutes().filter((known) => known <= minutes))
}
