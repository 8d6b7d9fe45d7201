import { done, isOneOf, type JournalType, journalTypes, type Outcome } from '@stint/elevation'
import { type JournalBody, journalBodies } from '@stint/wire/journal'
import { Compile } from 'typebox/compile'
import type { Tx } from '../../db/database.ts'
import { type CheckedFact, checkFact } from './check-facts.ts'
import type { EvidenceParts } from './evidence.ts'

/** An entry that is stored; its body has not been looked at yet. */
export interface StoredEntry {
  readonly deviceId: string
  readonly seq: number
  readonly at: number
  readonly boot: string
  readonly up: number
  readonly type: string
  readonly body: unknown
}

/**
 * `applied`; or why an entry changed nothing. The evidence is kept in any case, because a computer that tells
 * nonsense must not be able to keep its journal from us.
 */
export type Projected = 'applied' | 'unknown-type' | 'malformed-body' | 'contradiction'

/** The schemas of the bodies, ready for the thousands that come in a storm of processes. */
const bodyCheck = Object.fromEntries(
  journalTypes.map((type) => [type, Compile(journalBodies[type])]),
) as unknown as Readonly<Record<JournalType, { Check(body: unknown): boolean }>>

/** Hands a fact to the slice that it is about. Refusal `device-suspended` where it shows two computers in one. */
export async function project(parts: EvidenceParts, tx: Tx, entry: StoredEntry): Promise<Outcome<Projected>> {
  const { type, body } = entry
  if (!isOneOf(journalTypes, type)) return done('unknown-type')
  if (!bodyCheck[type].Check(body)) return done('malformed-body')
  const fact = { ...entry, type, body: body as JournalBody<JournalType> }
  const projected = await projectFact(parts, tx, fact)
  await checkFact(parts, tx, fact)
  return projected
}

async function projectFact(
  parts: EvidenceParts,
  tx: Tx,
  fact: CheckedFact,
): Promise<Outcome<Exclude<Projected, 'unknown-type' | 'malformed-body'>>> {
  const about = await projectOthers(parts, tx, fact.deviceId, fact.type, fact.body)
  if (!about.ok) return about.refused.code === 'device-suspended' ? about : done('contradiction')
  return done((await parts.sessions.apply(tx, fact)) ? 'applied' : 'contradiction')
}

/** What is not about sessions. `body` has been checked against the schema of `type`. */
async function projectOthers(
  { requests, devices }: EvidenceParts,
  tx: Tx,
  deviceId: string,
  type: JournalType,
  body: JournalBody<JournalType>,
): Promise<Outcome<unknown>> {
  if (type === 'request.created') return requests.receive(tx, deviceId, body as JournalBody<typeof type>)
  if (type === 'request.void') await requests.voided(tx, deviceId, body as JournalBody<typeof type>)
  if (type === 'policy.applied')
    await devices.appliedPolicy(tx, deviceId, (body as JournalBody<typeof type>).serial)
  return done(null)
}
