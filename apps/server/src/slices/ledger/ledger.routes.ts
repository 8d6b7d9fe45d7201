import { LedgerEntry, Page, PageQuery } from '@stint/wire/console'
import { pageAsked } from '../../http/paging.ts'
import { type App, answers } from '../../http/server.ts'
import type { LedgerViews } from '../../views/ledger-view.ts'

export function ledgerRoutes(app: App, views: LedgerViews): void {
  app.get(
    '/ledger',
    {
      config: { access: 'read-ledger' },
      schema: { querystring: PageQuery, response: answers({ 200: Page(LedgerEntry) }) },
    },
    async (request) => views.ledger(pageAsked(request.query, ['number'])),
  )
}
