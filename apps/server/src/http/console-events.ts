/** What of the console's screens may have changed. */
export const topics = ['requests', 'sessions', 'devices', 'settings', 'people', 'findings'] as const
export type Topic = (typeof topics)[number]
export interface Change {
  readonly topic: Topic
  /** Of the thing that changed; empty for "any of them". */
  readonly id: string
}
export interface NumberedChange {
  readonly eventId: string
  readonly change: Change
}

/** Tells listeners what changed. Only a hint to read again: nothing is lost that the database does not have. */
export interface ConsoleEvents {
  publish(change: Change): void
  /** Calls `listener` for every change from now on; gives back the function that stops it. */
  listen(listener: (numbered: NumberedChange) => void): () => void
  /** What came after `lastEventId`; all topics at once when that is too long ago or from another run. */
  since(lastEventId: string): NumberedChange[]
}

const KEPT = 1000

/** `run` tells one run of the server from the next, so that an old number is not taken for a new one. */
export function createConsoleEvents(run: string): ConsoleEvents {
  const listeners = new Set<(numbered: NumberedChange) => void>()
  const kept: NumberedChange[] = []
  let count = 0
  return {
    publish(change) {
      count += 1
      const numbered = { eventId: `${run}-${count}`, change }
      kept.push(numbered)
      if (kept.length > KEPT) kept.shift()
      for (const listener of listeners) listener(numbered)
    },
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    since(lastEventId) {
      if (lastEventId === `${run}-${count}`) return []
      const at = kept.findIndex(({ eventId }) => eventId === lastEventId)
      if (at !== -1) return kept.slice(at + 1)
      return topics.map((topic) => ({ eventId: `${run}-${count}`, change: { topic, id: '' } }))
    },
  }
}
