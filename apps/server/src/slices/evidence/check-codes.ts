import { dayMs } from '../../clock.ts'
import type { Tx } from '../../db/database.ts'
import type { IssuedAnswerRow } from '../../db/schema.ts'
import type { CheckedFact, FactCheck } from './check-facts.ts'
import type { EvidenceParts } from './evidence.ts'

/** No request is open for longer: the longest time for an answer that a policy can set. */
const REQUEST_LIFE_MS = 7 * dayMs

const answers: readonly string[] = ['response-code', 'answer-token']

/** E6 `counter-back`, and E4 for the codes that must have been used or given up by now. */
export const checkRequest: FactCheck<'request.created'> = async (parts, tx, fact) => {
  const { deviceId, seq, at, body } = fact
  const before = await parts.store.lastRequest(tx, deviceId)
  await parts.store.insertRequest(tx, {
    ...{ device_id: deviceId, seq, request_id: body.requestId, counter: body.counter },
    ...{ user_id: body.userId, at, void_seq: null },
  })
  if (before !== null && body.counter <= before.counter)
    await parts.findings.find(tx, {
      ...{ word: 'counter-back', deviceId, from: before.seq, to: seq },
      details: { counter: body.counter, before: before.counter },
    })
  for (const issued of await parts.approvals.unsettledBelow(tx, deviceId, body.counter))
    await checkUnsettled(parts, tx, fact, issued)
}

/**
 * E4 `code-never-seen`. A person has one open request at a time, so his next one shows that the one before is over;
 * somebody else's shows it only when no request can be open any more.
 */
async function checkUnsettled(
  { store, approvals, findings }: EvidenceParts,
  tx: Tx,
  { deviceId, seq, at, body }: CheckedFact<'request.created'>,
  { counter }: IssuedAnswerRow,
): Promise<void> {
  const asked = await store.requestOf(tx, deviceId, counter)
  const isReported = asked?.void_seq != null || (await store.grantsFor(tx, deviceId, counter)).length > 0
  const isOver =
    asked === null || asked.user_id === body.userId || at - asked.at > REQUEST_LIFE_MS || isReported
  if (!isOver) return
  await approvals.settle(tx, deviceId, counter)
  if (isReported) return
  await findings.find(tx, {
    ...{ word: 'code-never-seen', deviceId, from: asked?.seq ?? seq, to: asked?.seq ?? seq },
    details: { counter, shownBy: seq },
  })
}

/** What became of a request is known: nobody used its answer. */
export const checkVoid: FactCheck<'request.void'> = async (
  { store, approvals },
  tx,
  { deviceId, seq, body },
) => {
  const counter = await store.voidRequest(tx, deviceId, body.requestId, seq)
  if (counter !== null) await approvals.settle(tx, deviceId, counter)
}

/**
 * E5 `use-not-issued` and `use-twice`, and E7 `more-than-granted` for what was agreed. Passcodes, emergency codes and
 * self-approval have no issued answer to compare with: the checks are not made for them.
 */
export const checkGrant: FactCheck<'grant.admitted'> = async (parts, tx, fact) => {
  const { store, approvals, findings } = parts
  const { deviceId, seq, body } = fact
  const { counter, sessionId, credential, grantedSeconds } = body
  const earlier = await store.grantsFor(tx, deviceId, counter)
  await store.insertGrant(tx, {
    ...{ device_id: deviceId, seq, session_id: sessionId, counter, credential },
    ...{ granted_seconds: grantedSeconds, start_seq: null, start_boot: null, start_up: null },
  })
  if (!answers.includes(credential)) return
  const here = { deviceId, from: seq, to: seq, sessionId }
  const used = earlier.find((one) => answers.includes(one.credential))
  if (used !== undefined)
    await findings.find(tx, { ...here, word: 'use-twice', details: { counter, firstUse: used.seq } })
  const issued = await approvals.issuedFor(tx, deviceId, counter)
  await approvals.settle(tx, deviceId, counter)
  if (!isIssued(issued, body)) {
    const details = { counter, credential, jti: body.jti }
    await findings.find(tx, { ...here, word: 'use-not-issued', details })
    return
  }
  const issuedSeconds = Math.max(...issued.map(({ minutes }) => minutes * 60))
  if (grantedSeconds > issuedSeconds) {
    const details = { counter, grantedSeconds, issuedSeconds }
    await findings.find(tx, { ...here, word: 'more-than-granted', details })
  }
}

function isIssued(
  issued: readonly IssuedAnswerRow[],
  { credential, jti }: CheckedFact<'grant.admitted'>['body'],
): boolean {
  return issued.some((one) => credential !== 'answer-token' || one.jti === jti)
}
