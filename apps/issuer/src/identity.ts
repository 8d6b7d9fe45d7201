import { createHash, createPrivateKey, createPublicKey } from 'node:crypto'
import { jcs } from '@stint/code'
import { signingKeyAssociatedData } from '@stint/code/at-rest'
import { Fault } from '@stint/elevation'
import { parseJson } from '@stint/wire'
import { TrustBundle } from '@stint/wire/issuer'
import type { JWK } from 'jose'
import type { KeyProvider, Wrapped } from './key-provider.ts'
import { append } from './record.ts'
import { type SigningUse, signingUses } from './schema.ts'
import type { IssuerStore } from './store.ts'

/** Who this issuer is: tenant (16 bytes), the bundle that computers pin, and its SHA-256 (32 bytes). */
export interface Identity {
  readonly tenant: Uint8Array
  readonly trust: string
  readonly trustHash: Uint8Array
}

/** A signing key for one signature: not kept. */
export interface SigningKey {
  readonly kid: string
  readonly key: JWK
}

/** Online keys are valid this long (protocol 4.1). */
const validDays = 400

interface SigningRow {
  readonly kid: string
  readonly public: Uint8Array
  readonly expires_at: number
  readonly kek_version: number
  readonly sealed: Uint8Array
}

/** Reads the identity, or makes it at the very first start: tenant, one Ed25519 key for each use, trust bundle. */
export async function openIdentity(
  store: IssuerStore,
  keys: KeyProvider,
  random: (length: number) => Uint8Array,
  now: number,
): Promise<Identity> {
  if (store.one('select 1 from issuer') === undefined) await makeIdentity(store, keys, random, now)
  const row = store.one<{ tenant: Uint8Array; trust: string }>('select tenant, trust from issuer')
  if (row === undefined)
    throw new Fault('store-empty', 'The issuer has no identity', 'Restore its data folder.')
  parseJson(TrustBundle, row.trust)
  return { ...row, trustHash: createHash('sha256').update(row.trust).digest() }
}

/**
 * Unwraps a signing key for one signature. Throws `Fault`: `signing-key-expired`, `secret-unreadable` also when the
 * private key is not the one whose public half was handed out.
 */
export async function signingKey(
  store: IssuerStore,
  keys: KeyProvider,
  tenant: Uint8Array,
  use: SigningUse,
  now: number,
): Promise<SigningKey> {
  const row = store.one<SigningRow>('select * from signing_key where use = ?', use)
  if (row === undefined) throw unreadable(use)
  if (now / 1000 >= row.expires_at)
    throw new Fault(
      'signing-key-expired',
      `The signing key for ${use} has run out`,
      'Rotate the signing keys.',
    )
  const wrapped = { version: row.kek_version, sealed: row.sealed }
  const seed = await keys.unwrap(wrapped, signingKeyAssociatedData(tenant, row.kid))
  const key = privateJwk(seed)
  seed.fill(0)
  if (key.x !== Buffer.from(row.public).toString('base64url')) throw unreadable(use)
  return { kid: row.kid, key }
}

async function makeIdentity(
  store: IssuerStore,
  keys: KeyProvider,
  random: (length: number) => Uint8Array,
  now: number,
): Promise<void> {
  const tenant = random(16)
  const iat = Math.floor(now / 1000)
  const exp = iat + validDays * 24 * 3600
  const made: { use: SigningUse; kid: string; publicKey: Buffer; wrapped: Wrapped }[] = []
  for (const use of signingUses) {
    const seed = random(32)
    const kid = `${use}-1`
    const publicKey = Buffer.from(privateJwk(seed).x ?? '', 'base64url')
    made.push({ use, kid, publicKey, wrapped: await keys.wrap(seed, signingKeyAssociatedData(tenant, kid)) })
    seed.fill(0)
  }
  const tenantHex = Buffer.from(tenant).toString('hex')
  const bundleKeys = made.map(({ kid, use, publicKey }) => {
    return { kid, alg: 'Ed25519', pub: publicKey.toString('hex'), use, nbf: iat, exp }
  })
  const trust = jcs({ v: 1, n: 1, tenant: tenantHex, iat, keys: bundleKeys })
  store.transaction(() => {
    append(store, now, { call: 'issuer.made', body: { tenant: tenantHex, trust } })
    store.run('insert into issuer (one, tenant, trust) values (1, ?, ?)', tenant, trust)
    for (const { kid, use, publicKey, wrapped } of made)
      store.run(
        'insert into signing_key (kid, use, public, expires_at, kek_version, sealed) values (?, ?, ?, ?, ?, ?)',
        ...[kid, use, publicKey, exp, wrapped.version, wrapped.sealed],
      )
  })
}

/** PKCS#8 of an Ed25519 seed is this prefix and the 32 bytes (RFC 8410). */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')

function privateJwk(seed: Uint8Array): JWK {
  const key = createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: 'der', type: 'pkcs8' })
  const { x } = createPublicKey(key).export({ format: 'jwk' })
  return { kty: 'OKP', crv: 'Ed25519', d: Buffer.from(seed).toString('base64url'), x: x ?? '' }
}

function unreadable(use: SigningUse): Fault {
  return new Fault(
    'secret-unreadable',
    `The signing key for ${use} is not usable`,
    'Restore the issuer’s data folder and its key file from one backup.',
  )
}
