import type { Outcome } from '@stint/elevation'
import { Settings, SettingsBody } from '@stint/wire/console'
import { isoTimeOrNull } from '../../clock.ts'
import { actorOf } from '../../http/access.ts'
import { granted, RefusedCall } from '../../http/problem.ts'
import { type App, answers } from '../../http/server.ts'
import type { CurrentSettings, Policies } from './policies.ts'

/** As many rules and patterns as there may be, each as long as it may be. */
const SETTINGS_BYTES = 1024 * 1024

export function policyRoutes(app: App, policies: Policies): void {
  app.get(
    '/settings',
    { config: { access: 'see' }, schema: { response: answers({ 200: Settings }) } },
    async () => settingsView(await policies.settings()),
  )
  app.put(
    '/settings',
    {
      bodyLimit: SETTINGS_BYTES,
      config: { access: 'administer-policy' },
      schema: { body: SettingsBody, response: answers({ 200: Settings }) },
    },
    async (request) => {
      const { version, ...chosen } = request.body
      const changed = saved(await policies.changeSettings(actorOf(request), version, chosen))
      // Signing takes the issuer; the computers hear of it when it answers, now or by the job.
      policies.publishAll().catch((error: unknown) => request.log.error({ err: error }, 'publishing failed'))
      return settingsView(changed)
    },
  )
}

function settingsView({ version, changedAtMs, changedBy, settings }: CurrentSettings): Settings {
  const { modes: _fixed, contacts, ...plain } = settings
  return { version, changedAt: isoTimeOrNull(changedAtMs), changedBy, ...plain, contacts: { ...contacts } }
}

/** A refusal that is about one setting says so at its field. */
function saved(outcome: Outcome<CurrentSettings>): CurrentSettings {
  const field = outcome.ok ? undefined : outcome.refused.details?.field
  if (!outcome.ok && typeof field === 'string')
    throw new RefusedCall(outcome.refused, { fields: { [field]: outcome.refused.hint } })
  return granted(outcome)
}
