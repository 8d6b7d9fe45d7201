import { msOf } from '../../clock.ts'
import type { FactCheck } from './check-facts.ts'

/** How long lowering may take. */
const LOWERING_MS = 60_000

/** E7 `more-than-granted` for the end that a session says, and `raised-unsealed`. */
export const checkStart: FactCheck<'session.start'> = async (parts, tx, fact) => {
  const { deviceId, seq, boot, up, body } = fact
  const { sessionId } = body
  const grant = await parts.store.grantOf(tx, deviceId, sessionId)
  if (grant === null || grant.start_seq !== null) return
  await parts.store.startGrant(tx, deviceId, grant.seq, { start_seq: seq, start_boot: boot, start_up: up })
  const saidMs = msOf(body.endsAt) - msOf(body.startedAt)
  if (saidMs > grant.granted_seconds * 1000)
    await parts.findings.find(tx, {
      ...{ word: 'more-than-granted', deviceId, from: grant.seq, to: seq, sessionId },
      details: { grantedSeconds: grant.granted_seconds, saidSeconds: Math.ceil(saidMs / 1000) },
    })
  // A computer that named no key at its enrolment seals nothing: the check cannot be made, and its sessions say so.
  if (((await parts.devices.device(deviceId, tx))?.log_key ?? null) === null) return
  const seal = await parts.store.sealBefore(tx, deviceId, seq)
  if (seal === null || seal.seq < grant.seq)
    await parts.findings.find(tx, {
      ...{ word: 'raised-unsealed', deviceId, from: grant.seq, to: seq, sessionId },
      details: { lastSeal: seal?.seq ?? null },
    })
}

/** E7 `lowered-late`. Powered-on time of one boot, so no clock has a part in it; another boot is late in any case. */
export const checkEnd: FactCheck<'session.end'> = async (parts, tx, fact) => {
  const { deviceId, seq, boot, up, body } = fact
  const grant = await parts.store.grantOf(tx, deviceId, body.sessionId)
  if (grant === null || grant.start_seq === null || grant.start_up === null) return
  const isSameBoot = boot === grant.start_boot
  const stoodMs = up - grant.start_up
  if (isSameBoot && stoodMs <= grant.granted_seconds * 1000 + LOWERING_MS) return
  await parts.findings.find(tx, {
    ...{ word: 'lowered-late', deviceId, from: grant.start_seq, to: seq, sessionId: body.sessionId },
    details: {
      grantedSeconds: grant.granted_seconds,
      stoodSeconds: isSameBoot ? Math.ceil(stoodMs / 1000) : null,
    },
  })
}
