import { done, type LedgerType, type Outcome, refused } from '@stint/elevation'
import { type Actor, actorText } from '../../actor.ts'
import type { Tx } from '../../db/database.ts'
import type { SinkRow } from '../../db/schema.ts'
import { testFact } from './out-fact.ts'
import { notTaken } from './outlet.ts'
import { BATCH_MS, openSecrets, outletOf, sealSecrets } from './outlets.ts'
import type { SinkParts } from './sinks.ts'
import { placeOf, type Secrets, shownPlace, type Target, targetMistake } from './targets.ts'

export interface SinkWish {
  readonly name: string
  readonly target: Target
  readonly types: readonly LedgerType[] | null
  readonly clientKey?: string
  readonly authorization?: string
}

export interface SinkMade {
  readonly id: string
  /** `whsec_…`, of a webhook only; it is not given again. */
  readonly secret: string | null
}

export interface SinkChanges {
  /** Refusals `conflict` for a name or a file that is taken, `invalid`, `not-offered`. */
  create(actor: Actor, wish: SinkWish, from: 'now' | 'beginning'): Promise<Outcome<SinkMade>>
  /** As `create`, and `not-found`, `invalid` for another kind. What was not confirmed goes to the new address. */
  change(actor: Actor, id: string, wish: SinkWish): Promise<Outcome<null>>
  /** Refusal `not-found`. The position stays while it is paused. */
  pause(actor: Actor, id: string, paused: boolean): Promise<Outcome<null>>
  /** A new key of a webhook. Refusals `not-found`, `conflict` for another kind, `not-offered`. */
  renewSecret(actor: Actor, id: string): Promise<Outcome<SinkMade>>
  delete(actor: Actor, id: string): Promise<Outcome<null>>
  /** Sends one made-up fact now, also to one that is paused. Null, or why it did not arrive. */
  test(actor: Actor, id: string): Promise<Outcome<string | null>>
}

export function createSinkChanges(parts: SinkParts): SinkChanges {
  const { db } = parts
  return {
    create: (actor, wish, from) => db.write((tx) => create(parts, tx, actor, wish, from)),
    change: (actor, id, wish) => db.write((tx) => change(parts, tx, actor, id, wish)),
    pause: (actor, id, paused) => db.write((tx) => pause(parts, tx, actor, id, paused)),
    renewSecret: (actor, id) => db.write((tx) => renewSecret(parts, tx, actor, id)),
    delete: (actor, id) => db.write((tx) => remove(parts, tx, actor, id)),
    test: (actor, id) => sendTest(parts, actor, id),
  }
}

async function create(parts: SinkParts, tx: Tx, actor: Actor, wish: SinkWish, from: 'now' | 'beginning') {
  const { store, clock, newId } = parts
  const id = newId()
  const key = wish.target.kind === 'webhook' ? newKey(parts) : undefined
  const secrets: Secrets = { ...givenSecrets(wish), ...(key === undefined ? {} : { webhook: key }) }
  const wrong = await wrongIn(parts, tx, wish, secrets, null)
  if (wrong !== null) return wrong
  const secret = sealSecrets(parts, id, secrets)
  if (secret === 'not-offered') return refused('not-offered')
  const row: SinkRow = {
    ...{ id, kind: wish.target.kind, ...columns(wish), secret, paused: 0, position: 0 },
    ...{ created_by: actor.label, created_at: clock.now(), last_sent_at: null },
    ...{ failures: 0, last_error: null, next_try_at: null, lease_by: null, lease_until: 0 },
  }
  const seq = await record(parts, tx, actor, 'sink.created', row, { from })
  await store.insert(tx, { ...row, position: from === 'now' ? seq : 0 })
  return done({ id, secret: key === undefined ? null : shown(key) })
}

async function change(parts: SinkParts, tx: Tx, actor: Actor, id: string, wish: SinkWish) {
  const before = await parts.store.sink(id, tx)
  if (before === null) return refused('not-found')
  if (before.kind !== wish.target.kind)
    return refused('invalid', { hint: 'Of another kind it is another receiver: make a new one.' })
  const kept = keptSecrets(parts, before, wish)
  if (kept === null) return refused('invalid', { hint: 'The address changes: give the authorization again.' })
  const secrets = { ...kept, ...givenSecrets(wish) }
  const wrong = await wrongIn(parts, tx, wish, secrets, id)
  if (wrong !== null) return wrong
  const secret = sealSecrets(parts, id, secrets)
  if (secret === 'not-offered') return refused('not-offered')
  const to = { ...columns(wish), secret, ...atOnce }
  await parts.store.change(tx, id, to)
  const isNewSecret = Object.keys(givenSecrets(wish)).length > 0
  await record(parts, tx, actor, 'sink.changed', { ...before, ...to }, { newSecret: isNewSecret })
  return done(null)
}

/** Takes the row from whoever is sending: what went to the old address does not count for the new one. */
const atOnce = { failures: 0, last_error: null, next_try_at: null, lease_by: null, lease_until: 0 } as const

/** A secret stays where it was given for. Null where one would be lost without a word. */
function keptSecrets(parts: SinkParts, before: SinkRow, wish: SinkWish): Secrets | null {
  const target: Target = JSON.parse(before.target)
  const { webhook, authorization, clientKey } = openSecrets(parts, before) ?? {}
  const isSamePlace = placeOf(target) === placeOf(wish.target)
  if (authorization !== undefined && !isSamePlace && wish.authorization === undefined) return null
  const certificate = (of: Target) => (of.kind === 'syslog' ? of.tls?.clientCertificate : undefined)
  const keepsKey = isSamePlace && certificate(target) === certificate(wish.target)
  return {
    ...(webhook === undefined ? {} : { webhook }),
    ...(authorization === undefined || !isSamePlace ? {} : { authorization }),
    ...(clientKey === undefined || !keepsKey ? {} : { clientKey }),
  }
}

async function pause(parts: SinkParts, tx: Tx, actor: Actor, id: string, paused: boolean) {
  const row = await parts.store.sink(id, tx)
  if (row === null) return refused('not-found')
  if ((row.paused === 1) === paused) return done(null)
  const to = { paused: paused ? 1 : 0, failures: 0, last_error: null, next_try_at: null } as const
  await parts.store.change(tx, id, to)
  await record(parts, tx, actor, 'sink.changed', { ...row, ...to }, {})
  return done(null)
}

async function renewSecret(parts: SinkParts, tx: Tx, actor: Actor, id: string) {
  const row = await parts.store.sink(id, tx)
  if (row === null) return refused('not-found')
  if (row.kind !== 'webhook') return refused('conflict', { hint: 'Only a webhook has a secret of ours.' })
  const key = newKey(parts)
  const secret = sealSecrets(parts, id, { ...openSecrets(parts, row), webhook: key })
  if (secret === 'not-offered') return refused('not-offered')
  await parts.store.change(tx, id, { secret, ...atOnce })
  await record(parts, tx, actor, 'sink.changed', row, { newSecret: true })
  return done({ id, secret: shown(key) })
}

async function remove(parts: SinkParts, tx: Tx, actor: Actor, id: string) {
  const row = await parts.store.sink(id, tx)
  if (row === null) return refused('not-found')
  await parts.store.delete(tx, id)
  await record(parts, tx, actor, 'sink.deleted', row, { position: row.position })
  return done(null)
}

async function sendTest(parts: SinkParts, actor: Actor, id: string): Promise<Outcome<string | null>> {
  const row = await parts.store.sink(id)
  if (row === null) return refused('not-found')
  try {
    const fact = testFact(parts.clock.now(), actorText(actor), id)
    await outletOf(parts, row).send([fact], AbortSignal.timeout(parts.patienceMs ?? BATCH_MS))
    return done(null)
  } catch (error) {
    return done(notTaken(error).message)
  }
}

async function wrongIn(parts: SinkParts, tx: Tx, wish: SinkWish, secrets: Secrets, id: string | null) {
  const { target, name } = wish
  const others = (await parts.store.sinks(tx)).filter((row) => row.id !== id)
  if (others.some((row) => row.name === name))
    return refused('conflict', { hint: 'There is a receiver of that name; choose another one.' })
  if (target.kind === 'file') {
    if (parts.means.folder === null) return refused('not-offered')
    const place = (row: SinkRow) => placeOf(JSON.parse(row.target))
    if (others.some((row) => row.kind === 'file' && place(row) === target.name))
      return refused('conflict', { hint: 'Another receiver writes to that file; choose another one.' })
  }
  const mistake = targetMistake(target, secrets)
  return mistake === null ? null : refused('invalid', { hint: mistake })
}

function givenSecrets({ clientKey, authorization }: SinkWish): Secrets {
  return {
    ...(clientKey === undefined ? {} : { clientKey }),
    ...(authorization === undefined ? {} : { authorization }),
  }
}

function columns({ name, target, types }: SinkWish) {
  const distinct = types === null ? null : JSON.stringify([...new Set(types)])
  return { name, target: JSON.stringify(target), types: distinct }
}

const newKey = ({ random }: SinkParts) => Buffer.from(random(32)).toString('base64')
/** As Standard Webhooks writes one. */
const shown = (key: string) => `whsec_${key}`

/** Where facts go from now on is a fact too; no secret is in it. */
function record(
  { ledger }: SinkParts,
  tx: Tx,
  actor: Actor,
  type: 'sink.created' | 'sink.changed' | 'sink.deleted',
  row: SinkRow,
  more: Readonly<Record<string, string | number | boolean>>,
): Promise<number> {
  const body = {
    ...{
      name: row.name,
      kind: row.kind,
      place: shownPlace(JSON.parse(row.target)),
      paused: row.paused === 1,
    },
    ...{ types: row.types === null ? null : JSON.parse(row.types), ...more },
  }
  return ledger.append(tx, { type, actor: actorText(actor), subject: `sink:${row.id}`, body })
}
