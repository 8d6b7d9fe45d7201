import { ledgerOrigin, rootOf, type VerifierKey, verifierKey, verifyLedgerCheckpoint } from '@stint/chain'
import { done, Fault, type Outcome } from '@stint/elevation'
import type { Clock } from '../../clock.ts'
import type { Database } from '../../db/database.ts'
import type { LedgerCheckpointRow } from '../../db/schema.ts'
import { treeOf } from '../../db/tree-nodes.ts'
import type { IssuerLink } from '../../issuer/issuer-link.ts'
import { readTrust } from '../../issuer/trust.ts'
import { hash, primitives } from '../../native-crypto.ts'
import type { LedgerStore } from './ledger.store.ts'

/** Whose ledger it is, and the keys that sign it: those of the trust bundle. */
export interface LedgerIdentity {
  readonly origin: string
  readonly logKeys: readonly VerifierKey[]
}

/** What is signed of the ledger, stored before anybody sees it. */
export interface Signing {
  /**
   * Signs the ledger as it is now, unless that is signed; null while it is empty. Who asks while somebody else's turn
   * runs shares the next one. Refusal `issuer-unreachable`. Throws `Fault('ledger-set-back')` when the issuer has
   * signed more, or other, than this database holds.
   */
  sign(): Promise<Outcome<LedgerCheckpointRow | null>>
  /** Refusal `issuer-unreachable`, only until the issuer was reached once. */
  identity(): Promise<Outcome<LedgerIdentity>>
}

export interface SigningParts {
  readonly db: Pick<Database, 'write'>
  readonly store: LedgerStore
  readonly issuer: IssuerLink
  readonly clock: Clock
}

export function createSigning(parts: SigningParts): Signing {
  const identity = once(() => readIdentity(parts.issuer))
  return { identity, sign: shared(() => sign(parts, identity)) }
}

/** One run at a time. A call during a run waits for it and joins the one that all who wait share. */
function shared<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | null = null
  let waiting: Promise<T> | null = null
  const run = (): Promise<T> => {
    const started = work().finally(() => {
      if (running === started) running = null
    })
    running = started
    return started
  }
  return () => {
    if (running === null) return run()
    waiting ??= running
      .catch(() => undefined)
      .then(() => {
        waiting = null
        return run()
      })
    return waiting
  }
}

/** Keeps the first value that is none of a refusal. */
function once<T>(ask: () => Promise<Outcome<T>>): () => Promise<Outcome<T>> {
  let kept: Outcome<T> | null = null
  return async () => {
    if (kept?.ok) return kept
    kept = await ask()
    return kept
  }
}

async function readIdentity(issuer: IssuerLink): Promise<Outcome<LedgerIdentity>> {
  const told = await issuer.call({ call: 'trust' })
  if (!told.ok) return told
  const origin = ledgerOrigin(told.value.tenant)
  const logKeys = readTrust(told.value.trust)
    .keys.filter(({ use }) => use === 'server-log')
    .map(({ pub }) => verifierKey(origin, Buffer.from(pub, 'hex')))
  return done({ origin, logKeys })
}

/** How often another server on the same database may be quicker. */
const TRIES = 5

async function sign(
  parts: SigningParts,
  identity: Signing['identity'],
): Promise<Outcome<LedgerCheckpointRow | null>> {
  const known = await identity()
  if (!known.ok) return known
  const { store, issuer, db, clock } = parts
  const { origin, logKeys } = known.value
  for (let tries = 0; tries < TRIES; tries++) {
    const last = await store.last()
    if (last === null) return done(null)
    const size = last.seq + 1
    const newest = await store.newestCheckpoint()
    if (newest?.size === size) return done(newest)
    const root = rootOf(await treeOf(store.nodes(), size), hash)
    const signed = await issuer.call({ call: 'sign.checkpoint', origin, size, root })
    if (!signed.ok && signed.refused.code === 'conflict') continue
    if (!signed.ok) return signed
    const { note } = signed.value
    verifyLedgerCheckpoint(note, { origin, logKeys }, primitives)
    const row = { size, root, note, signed_at: clock.now() }
    await db.write((tx) => store.insertCheckpoint(tx, row))
    return done(row)
  }
  throw new Fault(
    'ledger-set-back',
    'The issuer has signed more of the ledger, or another one, than this database holds',
    'Somebody restored an older database or changed it. Restore the newest; what was signed shows what is missing.',
  )
}
