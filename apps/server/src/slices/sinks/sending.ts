import { minuteMs } from '../../clock.ts'
import type { Tx } from '../../db/database.ts'
import type { SinkRow } from '../../db/schema.ts'
import { backoffMs } from './backoff.ts'
import { type OutFact, outFact } from './out-fact.ts'
import { NotTaken, notTaken } from './outlet.ts'
import { BATCH_MS, outletOf } from './outlets.ts'
import type { SinkParts } from './sinks.ts'

const BATCH_FACTS = 500
/** Of bodies, in characters; one fact alone may be more. */
const BATCH_LENGTH = 500_000
/** A server that says nothing for this long has stopped. Longer than a batch may take. */
const LEASE_MS = 3 * minuteMs

/**
 * Sends to each receiver what it has not confirmed yet, in the order of the ledger. Facts are read and sent outside of
 * any transaction; the position moves only after a batch was confirmed, so a stop in between sends it once more and
 * loses nothing. Of several servers on one database, one sends to a receiver: the one whose name stands in its row.
 */
export interface Sending {
  /** Starts what is due and is not being sent to already; does not wait for it. */
  wake(): Promise<void>
  /** Starts what is due, and waits until everything was sent or failed. */
  send(): Promise<void>
  /** Ends what is being sent; what was not confirmed is sent again by the next start. */
  stop(): Promise<void>
}

export function createSending(parts: SinkParts): Sending {
  const server = parts.newId()
  const running = new Map<string, Promise<void>>()
  const stopping = new AbortController()
  async function wake() {
    const last = await parts.facts.last()
    if (last === null || stopping.signal.aborted) return
    for (const { id } of await parts.store.due({ nowMs: parts.clock.now(), server, newest: last.seq }))
      if (!running.has(id) && !stopping.signal.aborted)
        running.set(
          id,
          sendAll(parts, server, id, stopping.signal)
            .catch(parts.failed)
            .finally(() => running.delete(id)),
        )
  }
  return {
    wake,
    async send() {
      await wake()
      await Promise.all(running.values())
    },
    async stop() {
      stopping.abort()
      await Promise.allSettled(running.values())
    },
  }
}

/** One batch after the other, until there is no more, one failed, or somebody else sends. */
async function sendAll(parts: SinkParts, server: string, id: string, stopped: AbortSignal): Promise<void> {
  const { db, facts } = parts
  while (!stopped.aborted) {
    const row = await db.write((tx) => take(parts, tx, server, id))
    if (row === null) return
    const batch = await readBatch(parts, row)
    const failure = batch.gap ?? (await trySend(parts, row, batch.facts, stopped))
    const isLast = batch.next > ((await facts.last())?.seq ?? -1)
    const ended = failure !== null && stopped.aborted ? 'stopped' : failure
    if (!(await db.write((tx) => finish(parts, tx, row, { ...batch, isLast }, ended)))) return
  }
}

/** The row with our name in it; null where there is nothing to do for us. */
async function take(
  { store, clock }: SinkParts,
  tx: Tx,
  server: string,
  id: string,
): Promise<SinkRow | null> {
  const row = await store.sink(id, tx)
  const now = clock.now()
  if (row === null || row.paused === 1 || (row.next_try_at ?? 0) > now) return null
  if (row.lease_by !== null && row.lease_by !== server && row.lease_until > now) return null
  const lease = { lease_by: server, lease_until: now + LEASE_MS }
  await store.change(tx, id, lease)
  return { ...row, ...lease }
}

interface Batch {
  readonly facts: readonly OutFact[]
  /** Number of the fact behind the last that was looked at. */
  readonly next: number
  /** When the ledger itself lacks a fact: nobody is told that there was none. */
  readonly gap: NotTaken | null
}

async function readBatch({ facts }: SinkParts, { position, types }: SinkRow): Promise<Batch> {
  const wanted: readonly string[] | null = types === null ? null : JSON.parse(types)
  const found: OutFact[] = []
  let [next, length] = [position, 0]
  for (const row of await facts.rows(position, BATCH_FACTS)) {
    if (row.seq !== next) return { facts: [], next, gap: new NotTaken(`The ledger has no fact ${next}.`) }
    length += row.body?.length ?? 0
    if (found.length > 0 && length > BATCH_LENGTH) break
    if (wanted === null || wanted.includes(row.type)) found.push(outFact(row))
    next += 1
  }
  return { facts: found, next, gap: null }
}

async function trySend(
  parts: SinkParts,
  row: SinkRow,
  facts: readonly OutFact[],
  stopped: AbortSignal,
): Promise<NotTaken | null> {
  if (facts.length === 0) return null
  try {
    const signal = AbortSignal.any([stopped, AbortSignal.timeout(parts.patienceMs ?? BATCH_MS)])
    await outletOf(parts, row).send(facts, signal)
    return null
  } catch (error) {
    return notTaken(error)
  }
}

/** Whether there may be more to send. Nothing counts once the row is not ours, or was set to another address. */
async function finish(
  { store, clock, random }: SinkParts,
  tx: Tx,
  taken: SinkRow,
  { facts, next, isLast }: Batch & { readonly isLast: boolean },
  failure: NotTaken | 'stopped' | null,
): Promise<boolean> {
  const row = await store.sink(taken.id, tx)
  if (row === null || row.lease_by !== taken.lease_by || row.position !== taken.position) return false
  const released = { lease_by: null, lease_until: 0 }
  if (failure === 'stopped' || (failure === null && next === taken.position)) {
    await store.change(tx, row.id, released)
    return false
  }
  if (failure instanceof NotTaken) {
    const failures = row.failures + 1
    const next_try_at = clock.now() + backoffMs(failures, random)
    await store.change(tx, row.id, { ...released, failures, last_error: failure.message, next_try_at })
    return false
  }
  const sent = facts.length === 0 ? {} : { last_sent_at: clock.now() }
  const fine = { position: next, failures: 0, last_error: null, next_try_at: null, ...sent }
  await store.change(tx, row.id, { ...fine, ...(isLast ? released : {}) })
  return !isLast
}
