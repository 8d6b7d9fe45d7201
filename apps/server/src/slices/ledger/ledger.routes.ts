import { LedgerEntry, Page, PageQuery } from '@stint/wire/console'
import {
  ConsistencyQuery,
  EntriesQuery,
  InclusionQuery,
  LedgerCheckpoint,
  LedgerEntries,
  LedgerProof,
} from '@stint/wire/ledger'
import { isoTime } from '../../clock.ts'
import { pageAsked } from '../../http/paging.ts'
import { found, granted } from '../../http/problem.ts'
import { type App, answers } from '../../http/server.ts'
import type { LedgerViews } from '../../views/ledger-view.ts'
import { entryOf } from './ledger.ts'
import type { Proofs } from './proofs.ts'

const access = { config: { access: 'read-ledger' } } as const

export function ledgerRoutes(app: App, views: LedgerViews, proofs: Proofs): void {
  app.get(
    '/ledger',
    { ...access, schema: { querystring: PageQuery, response: answers({ 200: Page(LedgerEntry) }) } },
    async (request) => views.ledger(pageAsked(request.query, ['number'])),
  )
  app.get(
    '/ledger/checkpoint',
    { ...access, schema: { response: answers({ 200: LedgerCheckpoint }) } },
    async () => {
      const { signedAt, ...signed } = found(await proofs.checkpoint())
      return { ...signed, signedAt: isoTime(signedAt) }
    },
  )
  app.get(
    '/ledger/proofs/inclusion',
    { ...access, schema: { querystring: InclusionQuery, response: answers({ 200: LedgerProof }) } },
    async ({ query }) => proofView(granted(await proofs.inclusion(query.seq, query.size))),
  )
  app.get(
    '/ledger/proofs/consistency',
    { ...access, schema: { querystring: ConsistencyQuery, response: answers({ 200: LedgerProof }) } },
    async ({ query }) => proofView(granted(await proofs.consistency(query.old, query.size))),
  )
  app.get(
    '/ledger/entries',
    { ...access, schema: { querystring: EntriesQuery, response: answers({ 200: LedgerEntries }) } },
    async ({ query }) => ({
      entries: (await proofs.entries(query.from ?? 0, query.limit ?? 200)).map(entryOf),
    }),
  )
}

function proofView(proof: readonly string[]): LedgerProof {
  return { proof: proof.map((hash) => Buffer.from(hash, 'hex').toString('base64')) }
}
