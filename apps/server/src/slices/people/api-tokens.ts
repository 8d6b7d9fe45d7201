import { rights as allRights, done, type Outcome, type Right, refused } from '@stint/elevation'
import { type Actor, actorText } from '../../actor.ts'
import { dayMs, minuteMs } from '../../clock.ts'
import type { Tx } from '../../db/database.ts'
import type { ApiTokenRow } from '../../db/schema.ts'
import type { CursorKey } from '../../http/paging.ts'
import type { PeopleParts } from './people.ts'
import { newSecret, secretHash } from './secret.ts'
import { rightsOf } from './sign-in.ts'

/** So that a scanner recognises one that was published by mistake. */
const PREFIX = 'stint_'
const SEEN_EVERY_MS = minuteMs

export interface MadeToken {
  readonly row: ApiTokenRow
  /** Shown once. */
  readonly secret: string
}

export interface ApiTokens {
  /** Who a program acts for. It never has a right that its maker does not have now. Null when unknown, revoked or over. */
  programByToken(secret: string): Promise<Actor | null>
  tokens(
    limit: number,
    after: CursorKey | null,
  ): Promise<readonly (ApiTokenRow & { readonly maker: string })[]>
  /** Refusal `not-an-approver` for a right that the maker lacks. `days` null: until revoked. */
  createToken(
    actor: Actor,
    name: string,
    rights: readonly Right[],
    days: number | null,
  ): Promise<Outcome<MadeToken>>
  /** Refusal `not-found`. A second time changes nothing. */
  revokeToken(actor: Actor, id: string): Promise<Outcome<null>>
}

export function createApiTokens(parts: PeopleParts): ApiTokens {
  return {
    programByToken: (secret) => programByToken(parts, secret),
    tokens: (limit, after) => parts.store.tokens(limit, after),
    async createToken(actor, name, rights, days) {
      if (!rights.every((right) => actor.rights.includes(right))) return refused('not-an-approver')
      const expiresAtMs = days === null ? null : parts.clock.now() + days * dayMs
      const made = { actor: actorText(actor), maker: actor.personId, name, rights, expiresAtMs }
      return done(await parts.db.write((tx) => insertToken(parts, tx, made)))
    },
    revokeToken: (actor, id) => parts.db.write((tx) => revokeToken(parts, tx, actor, id)),
  }
}

/** Inserts a token and its fact. `actor` is who asked, `maker` the person whose rights bound it. */
export async function insertToken(
  { store, ledger, clock, random, newId }: PeopleParts,
  tx: Tx,
  made: {
    readonly actor: string
    readonly maker: string
    readonly name: string
    readonly rights: readonly Right[]
    readonly expiresAtMs: number | null
  },
): Promise<MadeToken> {
  const secret = `${PREFIX}${newSecret(random)}`
  const row: ApiTokenRow = {
    id: newId(),
    name: made.name,
    rights: JSON.stringify(made.rights),
    secret_hash: secretHash(secret),
    created_by: made.maker,
    created_at: clock.now(),
    last_used_at: null,
    expires_at: made.expiresAtMs,
    revoked_at: null,
  }
  await store.insertToken(tx, row)
  const body = { name: made.name, rights: made.rights, expiresAt: made.expiresAtMs }
  await ledger.append(tx, { type: 'api-token.created', actor: made.actor, subject: `token:${row.id}`, body })
  return { row, secret }
}

async function programByToken({ store, db, clock }: PeopleParts, secret: string): Promise<Actor | null> {
  const row = await store.tokenBySecret(secretHash(secret))
  const now = clock.now()
  if (row === null || row.revoked_at !== null || (row.expires_at !== null && row.expires_at <= now))
    return null
  const maker = await store.person(row.created_by)
  if (maker === null || maker.state === 'disabled') return null
  if (row.last_used_at === null || now - row.last_used_at > SEEN_EVERY_MS)
    await db.write((tx) => store.seeToken(tx, row.id, now))
  const held = rightsOf(maker.role)
  return {
    kind: 'token',
    id: row.id,
    personId: maker.id,
    email: maker.email,
    label: `${maker.name || maker.email} (${row.name})`,
    rights: tokenRights(row).filter((right) => held.includes(right)),
  }
}

/** The rights that were given to it, in the order of the list. */
export function tokenRights(row: Pick<ApiTokenRow, 'rights'>): readonly Right[] {
  const given: unknown = JSON.parse(row.rights)
  return allRights.filter((right) => Array.isArray(given) && given.includes(right))
}

async function revokeToken(parts: PeopleParts, tx: Tx, actor: Actor, id: string): Promise<Outcome<null>> {
  const row = await parts.store.token(id, tx)
  if (row === null) return refused('not-found')
  if (row.revoked_at !== null) return done(null)
  await parts.store.revokeToken(tx, id, parts.clock.now())
  await parts.ledger.append(tx, {
    type: 'api-token.revoked',
    actor: actorText(actor),
    subject: `token:${id}`,
    body: {},
  })
  return done(null)
}
