import type { Tx } from '../../db/database.ts'
import type { DeviceMessageRow, MessageType } from '../../db/schema.ts'
import type { DeviceParts } from './devices.ts'
import type { Presence } from './presence.ts'

/** A message to a computer, in the words of the wire. */
export type MessageBody =
  | { readonly type: 'answer'; readonly requestId: string; readonly token: string }
  | { readonly type: 'denial'; readonly requestId: string; readonly note: string }
  | { readonly type: 'policy'; readonly policy: string }
  | { readonly type: 'end-session'; readonly sessionId: string }
  | { readonly type: 'heal' }

/**
 * What has to reach a computer. A message is a row until the computer's own progress shows that it was acted on, so
 * it survives a restart of either side and a line that breaks; the computer may get it twice.
 */
export interface Outbox {
  /**
   * Queues in the transaction of the fact behind it and wakes the computer after the commit. `about` is what its being
   * done is seen by. The same message that is still waiting is not queued twice; a newer policy replaces an older one.
   */
  tell(tx: Tx, deviceId: string, about: string, body: MessageBody): Promise<void>
  /** Progress of the computer: messages of these types about this are done. */
  acted(tx: Tx, deviceId: string, types: readonly MessageType[], about: string): Promise<void>
  /** The computer applies this policy: messages with this serial or a lower one are done. */
  actedOnPolicy(tx: Tx, deviceId: string, serial: number): Promise<void>
}

export function createOutbox({ store, clock }: DeviceParts, presence: Presence): Outbox {
  const finish = async (tx: Tx, deviceId: string, isDone: (row: DeviceMessageRow) => boolean) => {
    const rows = await store.undoneMessages(deviceId, 0, tx)
    const ids = rows.filter(isDone).map(({ id }) => id)
    await store.finishMessages(tx, deviceId, ids, clock.now())
  }
  return {
    async tell(tx, deviceId, about, body) {
      if (body.type === 'policy') await finish(tx, deviceId, ({ type }) => type === 'policy')
      const waiting = await store.undoneMessages(deviceId, 0, tx)
      if (waiting.some((row) => row.type === body.type && row.about === about)) return
      await store.insertMessage(tx, {
        device_id: deviceId,
        id: (await store.lastMessageId(tx, deviceId)) + 1,
        type: body.type,
        about,
        body: JSON.stringify(body),
        created_at: clock.now(),
        done_at: null,
      })
      tx.afterCommit(() => presence.wake(deviceId))
    },
    acted: (tx, deviceId, types, about) =>
      finish(tx, deviceId, (row) => types.includes(row.type) && row.about === about),
    actedOnPolicy: (tx, deviceId, serial) =>
      finish(tx, deviceId, (row) => row.type === 'policy' && Number(row.about) <= serial),
  }
}
