import type { SinkRow } from '../../db/schema.ts'
import { createFileOutlet } from './file-outlet.ts'
import { createOtlpOutlet } from './otlp-outlet.ts'
import { NotTaken, type Outlet } from './outlet.ts'
import { createSecretBox } from './secret-box.ts'
import type { SinkParts } from './sinks.ts'
import { createSyslogOutlet } from './syslog-outlet.ts'
import type { Secrets, Target } from './targets.ts'
import { createWebhookOutlet } from './webhook-outlet.ts'

/** How long one batch may take from first to last byte. */
export const BATCH_MS = 60_000

/** The way to a sink as it is set now. Throws `NotTaken` where this server lacks what it needs for it. */
export function outletOf(parts: SinkParts, row: Pick<SinkRow, 'id' | 'target' | 'secret'>): Outlet {
  const { means, clock, host } = parts
  const target: Target = JSON.parse(row.target)
  if (target.kind === 'file') {
    if (means.folder === null) throw new NotTaken('This server was started without a folder for facts.')
    return createFileOutlet(means.folder, target.name)
  }
  const secrets = openSecrets(parts, row)
  if (secrets === null)
    throw new NotTaken('The secret of this receiver was kept with another key than this server has.')
  const { webhook, clientKey = null, authorization = null } = secrets
  if (target.kind === 'syslog') return createSyslogOutlet(target, clientKey, host)
  if (target.kind === 'otlp') return createOtlpOutlet(target, authorization, host)
  if (webhook === undefined) throw new NotTaken('This receiver has no secret; make a new one.')
  return createWebhookOutlet(target, webhook, authorization, clock)
}

/** Null where they cannot be read. */
export function openSecrets(
  { means, random }: Pick<SinkParts, 'means' | 'random'>,
  { id, secret }: Pick<SinkRow, 'id' | 'secret'>,
): Secrets | null {
  if (secret === null) return {}
  const text = means.key === null ? null : createSecretBox(means.key, random).open(secret, `sink:${id}`)
  return text === null ? null : JSON.parse(text)
}

/** Null for none; `not-offered` where this server cannot keep one. */
export function sealSecrets(
  { means, random }: Pick<SinkParts, 'means' | 'random'>,
  id: string,
  secrets: Secrets,
): string | null | 'not-offered' {
  if (Object.keys(secrets).length === 0) return null
  if (means.key === null) return 'not-offered'
  return createSecretBox(means.key, random).seal(JSON.stringify(secrets), `sink:${id}`)
}
