import type { DeviceMessageRow } from '../../db/schema.ts'
import type { DeviceParts } from './devices.ts'

/** A computer that listens now. `send` is false when it was let go. */
export interface LiveStream {
  send(message: { readonly id: number; readonly data: unknown }): boolean
  close(): void
}

export interface Presence {
  isOnline(deviceId: string): boolean
  onlineCount(): number
  /**
   * Sends what is not done with a number above `after`, and from now on whatever comes. One stream per computer: an
   * older one is closed, because a line that broke without a word looks alive for a while. Gives back `detach`.
   */
  attach(deviceId: string, stream: LiveStream, after: number): () => void
  /** Something may have come for this computer. */
  wake(deviceId: string): void
  /** The last words to a computer that is put out: `farewell`, if any, then the end of the line. */
  putOut(deviceId: string, farewell: unknown): void
  /** At the end of the process. */
  closeAll(): void
}

interface Listener {
  readonly stream: LiveStream
  sentId: number
  /** One pump at a time, so that messages keep their order. */
  pumping: Promise<void>
}

export function createPresence({ store, changed }: Pick<DeviceParts, 'store' | 'changed'>): Presence {
  const listeners = new Map<string, Listener>()
  const wake = (deviceId: string) => {
    const listener = listeners.get(deviceId)
    if (listener === undefined) return
    const pump = async () => {
      if (listeners.get(deviceId) !== listener) return
      for (const row of await store.undoneMessages(deviceId, listener.sentId)) deliver(listener, row)
    }
    listener.pumping = listener.pumping.then(pump).catch(() => listener.stream.close())
  }
  return {
    isOnline: (deviceId) => listeners.has(deviceId),
    onlineCount: () => listeners.size,
    wake,
    attach(deviceId, stream, after) {
      listeners.get(deviceId)?.stream.close()
      const listener: Listener = { stream, sentId: after, pumping: Promise.resolve() }
      listeners.set(deviceId, listener)
      changed(deviceId)
      wake(deviceId)
      return () => {
        if (listeners.get(deviceId) !== listener) return
        listeners.delete(deviceId)
        changed(deviceId)
      }
    },
    putOut(deviceId, farewell) {
      const listener = listeners.get(deviceId)
      if (listener === undefined) return
      // A number of its own: a computer takes the number that it saw last for a repetition.
      if (farewell !== null) listener.stream.send({ id: listener.sentId + 1, data: farewell })
      listener.stream.close()
    },
    closeAll() {
      for (const { stream } of listeners.values()) stream.close()
    },
  }
}

function deliver(listener: Listener, row: DeviceMessageRow): void {
  if (row.id <= listener.sentId) return
  if (listener.stream.send({ id: row.id, data: JSON.parse(row.body) })) listener.sentId = row.id
}
