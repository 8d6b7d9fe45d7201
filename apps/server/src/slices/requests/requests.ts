import { done, type Outcome, type RequestState, refused } from '@stint/elevation'
import type { JournalBody } from '@stint/wire/journal'
import { type Actor, actorText, serverActor } from '../../actor.ts'
import { type Clock, minuteMs, msOf } from '../../clock.ts'
import type { Database, Tx } from '../../db/database.ts'
import type { RequestRow } from '../../db/schema.ts'
import type { NewId } from '../../identifier.ts'
import type { IssuerLink } from '../../issuer/issuer-link.ts'
import type { Devices } from '../devices/devices.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Policies } from '../policies/policies.ts'
import { type CodeReading, createCodeReading } from './code-reading.ts'
import type { RequestStore } from './requests.store.ts'

export interface RequestParts {
  readonly db: Database
  readonly store: RequestStore
  readonly ledger: Ledger
  readonly issuer: IssuerLink
  readonly devices: Pick<Devices, 'device' | 'users' | 'byNumbers' | 'sawCounter' | 'suspend' | 'acted'>
  readonly policies: Pick<Policies, 'settings' | 'serials' | 'newestSerial'>
  readonly clock: Clock
  readonly newId: NewId
  readonly changed: (requestId: string) => void
  /** A request of which only the code was known has arrived; it may have been decided meanwhile. */
  readonly joined: (tx: Tx, request: RequestRow) => Promise<void>
}

export type RequestFact = JournalBody<'request.created'>

/** What people ask for, whichever way it came. */
export interface Requests extends CodeReading {
  /**
   * Takes what a computer says of a request, from its message or its journal; the same again changes nothing. Joins the
   * row of a code that somebody typed before. A counter that comes with two different codes suspends the computer:
   * refusal `device-suspended`, to be committed.
   */
  receive(tx: Tx, deviceId: string, fact: RequestFact): Promise<Outcome<RequestRow>>
  request(id: string, tx?: Tx): Promise<RequestRow | null>
  byDeviceRequest(deviceRequestId: string, tx?: Tx): Promise<RequestRow | null>
  /** Decided: leaves `pending`. The fact is the decision's. */
  decide(tx: Tx, request: RequestRow, outcome: 'approved' | 'denied'): Promise<void>
  /** The computer says that it takes no more answers. Nothing happens to one that was decided before. */
  voided(tx: Tx, deviceId: string, body: JournalBody<'request.void'>): Promise<void>
  /** Closes what nobody answered in time. */
  expire(): Promise<void>
}

export function createRequests(parts: RequestParts): Requests {
  const { store, db, clock } = parts
  return {
    ...createCodeReading(parts),
    receive: (tx, deviceId, fact) => receive(parts, tx, deviceId, fact),
    request: (id, tx) => store.request(id, tx),
    byDeviceRequest: (id, tx) => store.byDeviceRequest(id, tx),
    async decide(tx, request, outcome) {
      await store.close(tx, request.id, outcome, clock.now())
      tx.afterCommit(() => parts.changed(request.id))
    },
    voided: (tx, deviceId, body) => voided(parts, tx, deviceId, body),
    async expire() {
      for (const { id } of await store.pendingUntil(clock.now()))
        await db.write(async (tx) => {
          const row = await store.request(id, tx)
          if (row !== null) await end(parts, tx, row, 'expired')
        })
    },
  }
}

async function receive(
  parts: RequestParts,
  tx: Tx,
  deviceId: string,
  fact: RequestFact,
): Promise<Outcome<RequestRow>> {
  const { store, devices } = parts
  const byId = await store.byDeviceRequest(fact.requestId, tx)
  const known = await store.byCounter(tx, deviceId, fact.counter)
  if (known === null) return byId === null ? insertReceived(parts, tx, deviceId, fact) : refused('conflict')
  const isSame = known.request_code === fact.requestCode && known.user_id === fact.userId
  const isOther = known.device_request_id !== null && known.device_request_id !== fact.requestId
  if (!isSame || isOther || (byId !== null && byId.id !== known.id)) {
    await devices.suspend(tx, deviceId, 'counter-reused')
    return refused('device-suspended')
  }
  if (known.device_request_id !== null) return done(known)
  const facts = {
    device_request_id: fact.requestId,
    reason: fact.reason,
    minutes: fact.minutes,
    ticket: fact.ticket,
    user_name: fact.userName,
  }
  await store.complete(tx, known.id, facts)
  await received(parts, tx, known.id, deviceId, fact)
  await parts.joined(tx, { ...known, ...facts })
  return done({ ...known, ...facts })
}

async function insertReceived(
  parts: RequestParts,
  tx: Tx,
  deviceId: string,
  fact: RequestFact,
): Promise<Outcome<RequestRow>> {
  const { store, policies, clock } = parts
  const { settings } = await policies.settings(tx)
  const now = clock.now()
  const row: RequestRow = {
    id: fact.requestId,
    device_id: deviceId,
    state: 'pending',
    source: 'network',
    device_request_id: fact.requestId,
    request_code: fact.requestCode,
    counter: fact.counter,
    epoch: fact.epoch,
    policy_serial: fact.policySerial,
    user_id: fact.userId,
    user_name: fact.userName,
    mode: fact.mode,
    reason: fact.reason,
    minutes: fact.minutes,
    ticket: fact.ticket,
    // The computer's clock may be wrong; it never makes a request younger than its arrival.
    created_at: Math.min(now, msOf(fact.createdAt) || now),
    expires_at: now + settings.answerByMinutes * minuteMs,
    ended_at: null,
  }
  await store.insert(tx, row)
  await received(parts, tx, row.id, deviceId, fact)
  return done(row)
}

async function received(
  { ledger, devices, changed }: RequestParts,
  tx: Tx,
  id: string,
  deviceId: string,
  fact: RequestFact,
): Promise<void> {
  await devices.sawCounter(tx, deviceId, fact.counter)
  const { requestId, counter, mode, minutes } = fact
  const body = { deviceId, deviceRequestId: requestId, counter, mode, minutes }
  await ledger.append(tx, {
    type: 'request.received',
    actor: `device:${deviceId}`,
    subject: `request:${id}`,
    body,
  })
  tx.afterCommit(() => changed(id))
}

/** A denial is the server's own: a computer that claims one which nobody made has only given up. */
const voidStates = {
  withdrawn: 'withdrawn',
  expired: 'expired',
  denied: 'void',
  'too-many-wrong': 'void',
} as const satisfies Record<JournalBody<'request.void'>['reason'], RequestState>

async function voided(
  parts: RequestParts,
  tx: Tx,
  deviceId: string,
  { requestId, reason }: JournalBody<'request.void'>,
): Promise<void> {
  await parts.devices.acted(tx, deviceId, ['answer', 'denial'], requestId)
  const row = await parts.store.byDeviceRequest(requestId, tx)
  if (row?.device_id !== deviceId) return
  await end(parts, tx, row, voidStates[reason])
}

async function end(
  { store, ledger, clock, changed }: RequestParts,
  tx: Tx,
  row: RequestRow,
  state: 'withdrawn' | 'expired' | 'void',
): Promise<void> {
  if (row.state !== 'pending') return
  await store.close(tx, row.id, state, clock.now())
  const actor = state === 'withdrawn' ? `device:${row.device_id}` : serverActor
  await ledger.append(tx, { type: 'request.ended', actor, subject: `request:${row.id}`, body: { state } })
  tx.afterCommit(() => changed(row.id))
}

/** The fact that somebody looked a code up. */
export async function recordResolved(
  { ledger, changed }: RequestParts,
  tx: Tx,
  actor: Actor,
  row: RequestRow,
  counterWentBack: boolean,
): Promise<void> {
  const body = { deviceId: row.device_id, counter: row.counter, counterWentBack }
  await ledger.append(tx, {
    type: 'request.resolved',
    actor: actorText(actor),
    subject: `request:${row.id}`,
    body,
  })
  tx.afterCommit(() => changed(row.id))
}
