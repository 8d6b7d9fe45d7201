import { done, type Outcome, refused } from '@stint/elevation'
import { serverActor } from '../../actor.ts'
import type { IssuerRequest } from '../../issuer/issuer-link.ts'
import type { DeviceParts } from './devices.ts'
import type { Outbox } from './outbox.ts'
import type { Standing } from './standing.ts'

export type HealHello = IssuerRequest<'heal'>['hello']
export interface HealAnswer {
  readonly epoch: number
  readonly eS: string
  readonly nS: string
  readonly confirmS: string
  readonly sigS: string
}

export interface Healing {
  /** New code keys by a fresh agreement (protocol 4.3). A computer that wants an epoch it had before is suspended. */
  heal(deviceId: string, hello: HealHello): Promise<Outcome<HealAnswer>>
  /** Harmless to repeat. Refusal `device-suspended` when the other side does not hold the key that it should. */
  confirmHeal(deviceId: string, epoch: number, confirmD: string): Promise<Outcome<null>>
}

export function createHealing(parts: DeviceParts, standing: Standing, outbox: Outbox): Healing {
  const { db, issuer, store, ledger } = parts
  const suspend = async (deviceId: string) => {
    await db.write((tx) => standing.suspend(tx, deviceId, 'stale-heal'))
    return refused('device-suspended')
  }
  return {
    async heal(deviceId, hello) {
      const answer = await issuer.call({ call: 'heal', deviceId, hello })
      return !answer.ok && answer.refused.code === 'device-suspended' ? suspend(deviceId) : answer
    },
    async confirmHeal(deviceId, epoch, confirmD) {
      const confirmed = await issuer.call({ call: 'heal.confirm', deviceId, epoch, confirmD })
      if (!confirmed.ok) return confirmed.refused.code === 'bad' ? suspend(deviceId) : confirmed
      await db.write(async (tx) => {
        const device = await store.device(deviceId, tx)
        if (device === null || device.epoch >= epoch) return
        await store.updateDevice(tx, deviceId, { epoch })
        await outbox.acted(tx, deviceId, ['heal'], '')
        const subject = `device:${deviceId}`
        await ledger.append(tx, { type: 'device.healed', actor: serverActor, subject, body: { epoch } })
      })
      return done(null)
    },
  }
}
