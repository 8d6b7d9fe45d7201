import { Overview } from '@stint/wire/console'
import { type App, answers } from '../../http/server.ts'
import type { OverviewViews } from '../../views/overview.ts'

export function reportRoutes(app: App, views: OverviewViews): void {
  app.get(
    '/overview',
    { config: { access: 'see' }, schema: { response: answers({ 200: Overview }) } },
    async () => views.overview(),
  )
}
