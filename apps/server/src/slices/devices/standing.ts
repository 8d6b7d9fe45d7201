import { done, type Outcome, refused } from '@stint/elevation'
import type { DeviceFacts } from '@stint/wire/journal'
import { type Actor, actorText, serverActor } from '../../actor.ts'
import type { Tx } from '../../db/database.ts'
import type { DeviceRow } from '../../db/schema.ts'
import type { DeviceParts } from './devices.ts'
import type { Outbox } from './outbox.ts'
import type { Presence } from './presence.ts'
import { numberUsers } from './user-slots.ts'

/** Why two computers seem to be one (protocol 5.11). */
export type CloneSign = 'journal-fork' | 'counter-reused' | 'stale-heal' | 'epoch-went-back'

export interface Report {
  readonly facts: DeviceFacts
  readonly policySerial: number
  readonly epoch: number
}

export interface Standing {
  /** What a computer says of itself. Gives back whether it has users that its policy does not know. */
  report(deviceId: string, report: Report): Promise<Outcome<{ readonly usersChanged: boolean }>>
  /** In the journal: it applies this policy. */
  appliedPolicy(tx: Tx, deviceId: string, serial: number): Promise<void>
  /** Its identity is worthless from now on, its code keys are erased. Refusal `not-found`. A second time changes nothing. */
  revoke(actor: Actor, deviceId: string): Promise<Outcome<DeviceRow>>
  /** An administrator looked: a suspended computer may go on. Refusals `not-found`, `conflict`. */
  release(actor: Actor, deviceId: string): Promise<Outcome<DeviceRow>>
  /** Holds a computer until somebody looks, because two seem to share its identity. */
  suspend(tx: Tx, deviceId: string, sign: CloneSign): Promise<void>
  /** Asks the issuer again where it did not hear of a revocation. */
  eraseKeys(): Promise<void>
}

export function createStanding(parts: DeviceParts, presence: Presence, outbox: Outbox): Standing {
  const standing: Standing = {
    report: (deviceId, said) => report(parts, standing, outbox, deviceId, said),
    appliedPolicy: (tx, deviceId, serial) => appliedPolicy(parts, outbox, tx, deviceId, serial),
    async revoke(actor, deviceId) {
      const outcome = await parts.db.write((tx) => revoke(parts, presence, tx, actor, deviceId))
      if (outcome.ok) await standing.eraseKeys()
      return outcome
    },
    release: (actor, deviceId) => parts.db.write((tx) => release(parts, tx, actor, deviceId)),
    suspend: (tx, deviceId, sign) => suspend(parts, presence, tx, deviceId, sign),
    async eraseKeys() {
      for (const { id } of await parts.store.keysToErase()) {
        const erased = await parts.issuer.call({ call: 'device.revoke', deviceId: id })
        if (!erased.ok && erased.refused.code !== 'unknown-device') return
        const at = parts.clock.now()
        await parts.db.write((tx) => parts.store.updateDevice(tx, id, { keys_erased_at: at }))
      }
    },
  }
  return standing
}

async function report(
  parts: DeviceParts,
  standing: Standing,
  outbox: Outbox,
  deviceId: string,
  { facts, policySerial, epoch }: Report,
): Promise<Outcome<{ readonly usersChanged: boolean }>> {
  const { db, store, clock } = parts
  return db.write(async (tx) => {
    const device = await store.device(deviceId, tx)
    if (device === null) return refused('not-found')
    if (epoch < device.epoch) {
      await standing.suspend(tx, deviceId, 'epoch-went-back')
      return refused('device-suspended')
    }
    const now = clock.now()
    await store.updateDevice(tx, deviceId, {
      name: facts.hostname,
      facts: JSON.stringify(facts),
      last_seen_at: now,
    })
    await appliedPolicy(parts, outbox, tx, deviceId, policySerial)
    const known = await store.users(deviceId, tx)
    for (const user of known) {
      const name = facts.users.find(({ userId }) => userId === user.user_id)?.name
      if (name !== undefined && name !== user.name) await store.renameUser(tx, deviceId, user.user_id, name)
    }
    const added = numberUsers(known, facts.users, deviceId, now)
    for (const user of added) await store.insertUser(tx, user)
    tx.afterCommit(() => parts.changed(deviceId))
    return done({ usersChanged: added.some(({ slot }) => slot !== null) })
  })
}

async function appliedPolicy(
  { store, changed }: DeviceParts,
  outbox: Outbox,
  tx: Tx,
  deviceId: string,
  serial: number,
): Promise<void> {
  await store.updateDevice(tx, deviceId, { policy_serial: serial })
  await outbox.actedOnPolicy(tx, deviceId, serial)
  tx.afterCommit(() => changed(deviceId))
}

async function revoke(
  parts: DeviceParts,
  presence: Presence,
  tx: Tx,
  actor: Actor,
  deviceId: string,
): Promise<Outcome<DeviceRow>> {
  const { store, ledger, keys, clock } = parts
  const device = await store.device(deviceId, tx)
  if (device === null) return refused('not-found')
  if (device.state === 'revoked') return done(device)
  const change = { state: 'revoked', revoked_at: clock.now() } as const
  await store.updateDevice(tx, deviceId, change)
  const subject = `device:${deviceId}`
  await ledger.append(tx, { type: 'device.revoked', actor: actorText(actor), subject, body: {} })
  tx.afterCommit(() => {
    presence.putOut(deviceId, { type: 'revoked' })
    keys.drop(deviceId)
    parts.changed(deviceId)
  })
  return done({ ...device, ...change })
}

async function release(
  parts: DeviceParts,
  tx: Tx,
  actor: Actor,
  deviceId: string,
): Promise<Outcome<DeviceRow>> {
  const device = await parts.store.device(deviceId, tx)
  if (device === null) return refused('not-found')
  if (device.state !== 'suspended') return refused('conflict', { hint: 'This computer is not suspended.' })
  await parts.store.updateDevice(tx, deviceId, { state: 'enrolled' })
  const subject = `device:${deviceId}`
  await parts.ledger.append(tx, { type: 'device.released', actor: actorText(actor), subject, body: {} })
  tx.afterCommit(() => parts.changed(deviceId))
  return done({ ...device, state: 'enrolled' as const })
}

async function suspend(
  parts: DeviceParts,
  presence: Presence,
  tx: Tx,
  deviceId: string,
  sign: CloneSign,
): Promise<void> {
  const device = await parts.store.device(deviceId, tx)
  if (device?.state !== 'enrolled') return
  await parts.store.updateDevice(tx, deviceId, { state: 'suspended' })
  const subject = `device:${deviceId}`
  await parts.ledger.append(tx, { type: 'device.suspended', actor: serverActor, subject, body: { sign } })
  tx.afterCommit(() => {
    presence.putOut(deviceId, null)
    parts.keys.drop(deviceId)
    parts.changed(deviceId)
  })
}
