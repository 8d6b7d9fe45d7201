import { deviceOrigin, verifierKey, vkeyOf } from '@stint/chain'
import { jcs } from '@stint/code'
import { done, type Outcome, refused } from '@stint/elevation'
import type { DeviceFacts } from '@stint/wire/journal'
import { type Actor, actorText, serverActor } from '../../actor.ts'
import { hourMs, isoTime, minuteMs } from '../../clock.ts'
import type { Tx } from '../../db/database.ts'
import type { EnrollmentTokenRow, PendingDeviceRow } from '../../db/schema.ts'
import type { CursorKey } from '../../http/paging.ts'
import type { IssuerRequest } from '../../issuer/issuer-link.ts'
import { readTrust } from '../../issuer/trust.ts'
import type { DeviceParts } from './devices.ts'
import { numberUsers } from './user-slots.ts'

/** An enrolment that was not confirmed by then is forgotten. */
const PENDING_MS = hourMs

export type EnrolHello = IssuerRequest<'enrol'>['hello']

/** What stands in an enrolment token; `psk` is a secret and leaves once. `exp` in seconds since 1970. */
export interface MadeEnrollmentToken {
  readonly row: EnrollmentTokenRow
  readonly content: {
    readonly v: 1
    readonly url: string
    readonly tenant: string
    readonly tokenId: string
    readonly psk: string
    readonly trustHash: string
    readonly exp: number
  }
}

export interface Welcome {
  readonly deviceId: string
  readonly devNo: number
  readonly eS: string
  readonly nS: string
  readonly trust: string
  readonly policy: string
  readonly confirmS: string
  readonly sigS: string
}

export interface Enrolments {
  enrollmentTokens(limit: number, after: CursorKey | null): Promise<readonly EnrollmentTokenRow[]>
  /** Refusal `issuer-unreachable`. */
  createEnrollmentToken(actor: Actor, minutes: number, uses: number): Promise<Outcome<MadeEnrollmentToken>>
  /** Refusals `not-found`, `issuer-unreachable`. A second time changes nothing. */
  revokeEnrollmentToken(actor: Actor, id: string): Promise<Outcome<null>>
  /** First half (protocol 4.2). Refusals `token-used`, and the issuer's: `device-unauthenticated`, `conflict` … */
  enrol(hello: EnrolHello): Promise<Outcome<Welcome>>
  /** Second half: only now is it one of ours. Harmless to repeat. Refusals `device-unauthenticated`, the issuer's `bad`, `token-used`. */
  confirmEnrolment(deviceId: string, confirmD: string): Promise<Outcome<null>>
  forgetUnconfirmed(): Promise<void>
}

export function createEnrolments(parts: DeviceParts): Enrolments {
  const { store, db, clock } = parts
  return {
    enrollmentTokens: (limit, after) => store.tokens(limit, after),
    createEnrollmentToken: (actor, minutes, uses) => createToken(parts, actor, minutes, uses),
    revokeEnrollmentToken: (actor, id) => revokeToken(parts, actor, id),
    enrol: (hello) => enrol(parts, hello),
    confirmEnrolment: (deviceId, confirmD) => confirm(parts, deviceId, confirmD),
    forgetUnconfirmed: () => db.write((tx) => store.deletePendingBefore(tx, clock.now() - PENDING_MS)),
  }
}

async function createToken(
  parts: DeviceParts,
  actor: Actor,
  minutes: number,
  uses: number,
): Promise<Outcome<MadeEnrollmentToken>> {
  const { issuer, clock, db, store, ledger } = parts
  const trust = await issuer.call({ call: 'trust' })
  if (!trust.ok) return trust
  const expiresAtMs = clock.now() + minutes * minuteMs
  const made = await issuer.call({ call: 'token.create', expiresAt: isoTime(expiresAtMs), uses })
  if (!made.ok) return made
  const { tokenId, psk } = made.value
  const row: EnrollmentTokenRow = {
    id: tokenId,
    created_by: actor.label,
    created_at: clock.now(),
    expires_at: expiresAtMs,
    uses,
    used: 0,
    revoked_at: null,
  }
  await db.write(async (tx) => {
    await store.insertToken(tx, row)
    const body = { uses, expiresAt: expiresAtMs }
    const subject = `enrollment-token:${tokenId}`
    await ledger.append(tx, { type: 'enrollment-token.created', actor: actorText(actor), subject, body })
    tx.afterCommit(() => parts.changed(tokenId))
  })
  const { tenant, trustHash } = trust.value
  const exp = Math.floor(expiresAtMs / 1000)
  return done({ row, content: { v: 1, url: parts.publicUrl, tenant, tokenId, psk, trustHash, exp } })
}

async function revokeToken(parts: DeviceParts, actor: Actor, id: string): Promise<Outcome<null>> {
  const { store, db, issuer, ledger, clock } = parts
  const row = await store.token(id)
  if (row === null) return refused('not-found')
  if (row.revoked_at !== null) return done(null)
  const told = await issuer.call({ call: 'token.revoke', tokenId: id })
  if (!told.ok) return told
  await db.write(async (tx) => {
    if ((await store.token(id, tx))?.revoked_at !== null) return
    await store.updateToken(tx, id, { revoked_at: clock.now() })
    const subject = `enrollment-token:${id}`
    await ledger.append(tx, { type: 'enrollment-token.revoked', actor: actorText(actor), subject, body: {} })
    tx.afterCommit(() => parts.changed(id))
  })
  return done(null)
}

async function enrol(parts: DeviceParts, hello: EnrolHello): Promise<Outcome<Welcome>> {
  const { store, issuer, db, clock } = parts
  const token = await store.token(hello.tokenId)
  if (token === null || !isUsable(token, clock.now())) return refused('token-used')
  const answer = await issuer.call({ call: 'enrol', hello })
  if (!answer.ok) return answer
  const { deviceId, devNo, eS, nS, trust, confirmS, sigS } = answer.value
  const users = numberUsers([], hello.facts.users, deviceId, clock.now())
  const policy = await parts.firstPolicy(deviceId, users)
  if (!policy.ok) return policy
  await db.write((tx) =>
    store.putPending(tx, {
      id: deviceId,
      dev_no: devNo,
      token_id: hello.tokenId,
      dik: hello.dik,
      dxk: hello.dxk,
      facts: JSON.stringify(hello.facts),
      created_at: clock.now(),
      ...logKeyOf(hello, deviceId, trust),
    }),
  )
  return done({ deviceId, devNo, eS, nS, trust, policy: policy.value, confirmS, sigS })
}

/** The key that signs the first checkpoint of its journal; the issuer has verified that the computer named it. */
function logKeyOf(
  hello: EnrolHello,
  deviceId: string,
  trust: string,
): Pick<PendingDeviceRow, 'log_key' | 'log_key_fact'> {
  const { lsk, lskSig: sig, dik, tokenId, nD } = hello
  const { tenant } = readTrust(trust)
  const key = verifierKey(deviceOrigin(tenant, deviceId), Buffer.from(lsk, 'hex'))
  return { log_key: vkeyOf(key), log_key_fact: jcs({ deviceId, dik, tokenId, nD, lsk, sig }) }
}

function isUsable(token: EnrollmentTokenRow, now: number): boolean {
  return token.revoked_at === null && token.expires_at > now && token.used < token.uses
}

async function confirm(parts: DeviceParts, deviceId: string, confirmD: string): Promise<Outcome<null>> {
  const { store, issuer, db } = parts
  const isKnown = (await store.device(deviceId)) !== null || (await store.pending(deviceId)) !== null
  if (!isKnown) return refused('device-unauthenticated')
  const confirmed = await issuer.call({ call: 'enrol.confirm', deviceId, confirmD })
  if (!confirmed.ok) return confirmed
  await db.write(async (tx) => {
    const pending = await store.pending(deviceId, tx)
    if (pending !== null && (await store.device(deviceId, tx)) === null) await admit(parts, tx, pending)
  })
  return done(null)
}

async function admit(parts: DeviceParts, tx: Tx, pending: PendingDeviceRow): Promise<void> {
  const { store, ledger, clock } = parts
  const facts: DeviceFacts = JSON.parse(pending.facts)
  const { id, dev_no, token_id, dik, dxk, log_key } = pending
  const now = clock.now()
  await store.insertDevice(tx, {
    ...{ id, dev_no, token_id, dik, dxk, log_key, facts: pending.facts },
    state: 'enrolled',
    name: facts.hostname,
    epoch: 0,
    last_counter: -1,
    policy_serial: null,
    last_seen_at: now,
    enrolled_at: now,
    revoked_at: null,
    keys_erased_at: null,
  })
  // The same numbering as in the policy that it was welcomed with: same list, same order.
  for (const user of numberUsers([], facts.users, id, now)) await store.insertUser(tx, user)
  const token = await store.token(token_id, tx)
  if (token !== null) await store.updateToken(tx, token_id, { used: Math.min(token.uses, token.used + 1) })
  await store.deletePending(tx, id)
  const body = { tokenId: token_id, devNo: dev_no, name: facts.hostname }
  const about = { actor: serverActor, subject: `device:${id}` }
  await ledger.append(tx, { type: 'device.enrolled', ...about, body })
  await ledger.append(tx, { type: 'device.log-key', ...about, body: JSON.parse(pending.log_key_fact) })
  tx.afterCommit(() => parts.changed(id))
}
