import { type DevicePolicy, done, type Outcome, type UserSlot } from '@stint/elevation'
import type { Tx } from '../../db/database.ts'
import type { SlottedUser } from '../devices/devices.ts'
import type { CurrentSettings, PolicyParts } from './policies.ts'

/** How often a serial that the issuer refuses is raised: it may have signed some that a crash kept from us. */
const SERIAL_TRIES = 16
/** Serials that a request code may have been made under. */
const SERIALS_KNOWN = 16

export interface Publisher {
  /** The policy that a computer is welcomed with. Refusals of the issuer. */
  firstPolicy(deviceId: string, users: readonly SlottedUser[]): Promise<Outcome<string>>
  /** Signs and sends a computer's policy when it is not the one that it should have. Refusals of the issuer. */
  publish(deviceId: string): Promise<Outcome<null>>
  /** The same for every enrolled computer; stops at the first refusal. Called after a change, at the start, and by a job. */
  publishAll(): Promise<void>
  /** Serials that were signed for a computer, newest first, at most 16. */
  serials(deviceId: string): Promise<readonly number[]>
  newestSerial(deviceId: string, tx: Tx): Promise<number | null>
}

type Settings = () => Promise<CurrentSettings>

export function createPublisher(parts: PolicyParts, settings: Settings): Publisher {
  let running: Promise<void> = Promise.resolve()
  return {
    async firstPolicy(deviceId, users) {
      const known = await parts.store.latestPolicy(deviceId)
      if (known !== null) return done(known.jws)
      return signNext(parts, await settings(), deviceId, slotsOf(users))
    },
    publish: (deviceId) => publish(parts, settings, deviceId),
    publishAll() {
      running = running.then(async () => {
        for (const { id } of await parts.devices.enrolledDevices()) {
          const published = await publish(parts, settings, id)
          if (!published.ok && published.refused.code === 'issuer-unreachable') return
        }
      })
      const done = running
      running = running.catch(() => undefined)
      return done
    },
    serials: (deviceId) => parts.store.serials(deviceId, SERIALS_KNOWN),
    newestSerial: async (deviceId, tx) => (await parts.store.latestPolicy(deviceId, tx))?.serial ?? null,
  }
}

async function publish(parts: PolicyParts, settings: Settings, deviceId: string): Promise<Outcome<null>> {
  const { store, devices, db } = parts
  const device = await devices.device(deviceId)
  if (device?.state !== 'enrolled') return done(null)
  const current = await settings()
  const users = slotsOf(await devices.users(deviceId))
  const latest = await store.latestPolicy(deviceId)
  if (
    latest === null ||
    latest.settings_version !== current.version ||
    latest.users !== JSON.stringify(users)
  ) {
    const signed = await signNext(parts, current, deviceId, users)
    return signed.ok ? done(null) : signed
  }
  if (device.policy_serial !== null && device.policy_serial < latest.serial)
    await db.write((tx) =>
      devices.tell(tx, deviceId, `${latest.serial}`, { type: 'policy', policy: latest.jws }),
    )
  return done(null)
}

/**
 * Signs the policy with the next serial, stores it and queues it. Two at once end in one: the later finds the serial
 * taken and leaves it at that. A computer that is just being enrolled gets it with its welcome instead.
 */
async function signNext(
  { store, devices, issuer, db, clock, changed }: PolicyParts,
  current: CurrentSettings,
  deviceId: string,
  users: readonly UserSlot[],
): Promise<Outcome<string>> {
  const trust = await issuer.call({ call: 'trust' })
  if (!trust.ok) return trust
  const last = (await store.latestPolicy(deviceId))?.serial ?? 0
  const policy = { ...current.settings, v: 1, iss: trust.value.tenant, dev: deviceId, users } as const
  const iat = Math.floor(clock.now() / 1000)
  const signed = await signFrom(issuer, { ...policy, iat, serial: last + 1 })
  if (!signed.ok) return signed
  const { jws, serial } = signed.value
  await db.write(async (tx) => {
    if (((await store.latestPolicy(deviceId, tx))?.serial ?? 0) !== last) return
    await store.insertPolicy(tx, {
      device_id: deviceId,
      serial,
      settings_version: current.version,
      users: JSON.stringify(users),
      jws,
      created_at: clock.now(),
    })
    if ((await devices.device(deviceId, tx)) !== null)
      await devices.tell(tx, deviceId, `${serial}`, { type: 'policy', policy: jws })
    tx.afterCommit(() => changed())
  })
  return done(jws)
}

async function signFrom(
  issuer: PolicyParts['issuer'],
  policy: DevicePolicy,
): Promise<Outcome<{ readonly jws: string; readonly serial: number }>> {
  for (let tries = 1; ; tries++) {
    const serial = policy.serial + tries - 1
    const signed = await issuer.call({ call: 'sign.policy', policy: { ...policy, serial } })
    if (signed.ok) return done({ jws: signed.value.jws, serial })
    if (signed.refused.code !== 'conflict' || tries === SERIAL_TRIES) return signed
  }
}

function slotsOf(users: readonly SlottedUser[]): UserSlot[] {
  return users
    .flatMap(({ slot, user_id }) => (slot === null ? [] : [{ slot, userId: user_id }]))
    .sort((a, b) => a.slot - b.slot)
}
