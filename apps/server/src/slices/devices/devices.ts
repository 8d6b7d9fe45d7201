import type { Outcome } from '@stint/elevation'
import type { Clock } from '../../clock.ts'
import type { Database, Tx } from '../../db/database.ts'
import type { DeviceRow, DeviceUserRow } from '../../db/schema.ts'
import type { DeviceKeys } from '../../http/device-keys.ts'
import type { NewId, Random } from '../../identifier.ts'
import type { IssuerLink } from '../../issuer/issuer-link.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { createDeviceProof, type DeviceProof } from './device-proof.ts'
import type { DeviceStore } from './devices.store.ts'
import { createEnrolments, type Enrolments } from './enrolments.ts'
import { createHealing, type Healing } from './healing.ts'
import { createOutbox, type Outbox } from './outbox.ts'
import { createPresence, type Presence } from './presence.ts'
import { createStanding, type Standing } from './standing.ts'

export type { LiveStream } from './presence.ts'

export interface DeviceParts {
  readonly db: Database
  readonly store: DeviceStore
  readonly ledger: Ledger
  readonly issuer: IssuerLink
  readonly keys: DeviceKeys
  readonly clock: Clock
  readonly random: Random
  readonly newId: NewId
  /** Where computers reach the server. */
  readonly publicUrl: string
  /** The computers on somebody's screen may have changed. */
  readonly changed: (deviceId: string) => void
  /** The first signed policy of a computer that is being enrolled. */
  readonly firstPolicy: (deviceId: string, users: readonly SlottedUser[]) => Promise<Outcome<string>>
}

export type SlottedUser = Pick<DeviceUserRow, 'user_id' | 'slot'>

interface Looking {
  device(id: string, tx?: Tx): Promise<DeviceRow | null>
  enrolledDevices(): Promise<readonly DeviceRow[]>
  /** Users of a computer, in the order of their slots. */
  users(deviceId: string, tx?: Tx): Promise<readonly DeviceUserRow[]>
  /** The computers whose number is one of these. */
  byNumbers(devNos: readonly number[]): Promise<readonly DeviceRow[]>
  /** Remembers the highest counter of a request of this computer. */
  sawCounter(tx: Tx, deviceId: string, counter: number): Promise<void>
}

/** The computers: how they come, prove themselves, are told things, and go. */
export type Devices = Looking & Enrolments & DeviceProof & Standing & Healing & Outbox & Presence

export function createDevices(parts: DeviceParts): Devices {
  const { store } = parts
  const presence = createPresence(parts)
  const outbox = createOutbox(parts, presence)
  const standing = createStanding(parts, presence, outbox)
  return {
    device: (id, tx) => store.device(id, tx),
    enrolledDevices: () => store.enrolledDevices(),
    users: (deviceId, tx) => store.users(deviceId, tx),
    byNumbers: (devNos) => store.byNumbers(devNos),
    sawCounter: (tx, deviceId, counter) => store.raiseCounter(tx, deviceId, counter),
    ...presence,
    ...outbox,
    ...standing,
    ...createEnrolments(parts),
    ...createDeviceProof(parts),
    ...createHealing(parts, standing, outbox),
  }
}
