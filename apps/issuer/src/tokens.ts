import { tokenAssociatedData } from '@stint/code/at-rest'
import { type Outcome, refused } from '@stint/elevation'
import type { IssuerCall, IssuerResults } from '@stint/wire/issuer'
import { bytes, hex, type IssuerContext } from './context.ts'
import { append } from './record.ts'

interface TokenRow {
  readonly expires_at: number
  readonly uses: number
  readonly used: number
  readonly revoked_at: number | null
  readonly kek_version: number | null
  readonly sealed: Uint8Array | null
}

/** Longest life of an enrolment token. */
const maxDays = 31
/** An offer outlives its token by this, so that a slow computer can still confirm. */
const offerGraceMs = 3_600_000
/** Offers that a token may have open beyond its uses: repeated tries of computers that lost theirs. */
const spareOffers = 32

type Create = Extract<IssuerCall, { call: 'token.create' }>
type Revoke = Extract<IssuerCall, { call: 'token.revoke' }>

/** Makes a token; its secret leaves with this answer and never again. Refusal `invalid`: a time past or too far. */
export async function createToken(
  context: IssuerContext,
  { expiresAt, uses }: Create,
): Promise<Outcome<IssuerResults['token.create']>> {
  const { store, keys, identity, random } = context
  const now = context.now()
  const expires = Date.parse(expiresAt)
  if (!(expires > now) || expires > now + maxDays * 24 * 3_600_000) return refused('invalid')
  sweep(context)
  const tokenId = random(16)
  const psk = random(32)
  const wrapped = await keys.wrap(psk, tokenAssociatedData(identity.tenant, tokenId))
  store.transaction(() => {
    append(store, now, { call: 'token.create', body: { tokenId: hex(tokenId), expiresAt, uses } })
    store.run(
      'insert into enrollment_token (token_id, expires_at, uses, kek_version, sealed) values (?, ?, ?, ?, ?)',
      ...[tokenId, expires, uses, wrapped.version, wrapped.sealed],
    )
  })
  const answer = { tokenId: hex(tokenId), psk: hex(psk) }
  psk.fill(0)
  return { ok: true, value: answer }
}

/** Ends a token and erases its secret; open offers of it can no longer be confirmed. Repeating it is harmless. */
export async function revokeToken(
  { store, now }: IssuerContext,
  call: Revoke,
): Promise<Outcome<IssuerResults['token.revoke']>> {
  const tokenId = bytes(call.tokenId)
  const token = find(store, tokenId)
  if (token === undefined) return refused('not-found')
  if (token.revoked_at !== null) return { ok: true, value: {} }
  store.transaction(() => {
    append(store, now(), { call: 'token.revoke', body: { tokenId: call.tokenId } })
    store.run(
      'update enrollment_token set revoked_at = ?, kek_version = null, sealed = null where token_id = ?',
      ...[now(), tokenId],
    )
  })
  store.forgetDeleted()
  return { ok: true, value: {} }
}

/**
 * The secret of a token that may still be used. The caller erases it. Refusal `token-used`: unknown, expired,
 * revoked, used up, or with too many offers open.
 */
export async function usableSecret(
  { store, keys, identity, now }: IssuerContext,
  tokenId: Uint8Array,
): Promise<Outcome<Uint8Array>> {
  const token = find(store, tokenId)
  if (token === undefined || token.sealed === null || token.kek_version === null) return refused('token-used')
  const open = store.one<{ n: number }>(
    `select count(*) as n from device where token_id = ? and state = 'offered'`,
    tokenId,
  )
  const left = token.uses - token.used
  if (token.expires_at <= now() || left <= 0 || (open?.n ?? 0) >= left + spareOffers)
    return refused('token-used')
  const wrapped = { version: token.kek_version, sealed: token.sealed }
  return { ok: true, value: await keys.unwrap(wrapped, tokenAssociatedData(identity.tenant, tokenId)) }
}

/** Takes one use, inside the caller's transaction. False when none is left; the last use erases the secret. */
export function takeUse({ store }: IssuerContext, tokenId: Uint8Array): boolean {
  const taken = store.run(
    'update enrollment_token set used = used + 1 where token_id = ? and used < uses and revoked_at is null',
    tokenId,
  )
  store.run(
    'update enrollment_token set kek_version = null, sealed = null where token_id = ? and used = uses',
    tokenId,
  )
  return taken === 1
}

/** Erases secrets of tokens that ran out, and offers that nobody confirmed. */
export function sweep({ store, now }: IssuerContext): void {
  const late = now() - offerGraceMs
  const stale = `select device_id from device join enrollment_token using (token_id)
    where state = 'offered' and expires_at < ?`
  const changed = store.transaction(() => {
    store.run(`delete from code_key where device_id in (${stale})`, late)
    const offers = store.run(`delete from device where device_id in (${stale})`, late)
    const secrets = store.run(
      'update enrollment_token set kek_version = null, sealed = null where expires_at < ? and sealed is not null',
      now(),
    )
    return offers + secrets
  })
  if (changed > 0) store.forgetDeleted()
}

function find(store: IssuerContext['store'], tokenId: Uint8Array): TokenRow | undefined {
  return store.one<TokenRow>('select * from enrollment_token where token_id = ?', tokenId)
}
