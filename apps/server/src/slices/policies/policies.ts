import {
  type Contacts,
  defaultPolicy,
  done,
  type Outcome,
  type PolicySettings,
  refused,
} from '@stint/elevation'
import { type Actor, actorText } from '../../actor.ts'
import type { Clock } from '../../clock.ts'
import type { Database, Tx } from '../../db/database.ts'
import type { IssuerLink } from '../../issuer/issuer-link.ts'
import type { Devices } from '../devices/devices.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { PolicyStore } from './policies.store.ts'
import { createPublisher, type Publisher } from './publisher.ts'
import { type ChosenSettings, settingsMistake } from './settings-mistake.ts'

export interface PolicyParts {
  readonly db: Database
  readonly store: PolicyStore
  readonly ledger: Ledger
  readonly issuer: IssuerLink
  readonly devices: Pick<Devices, 'device' | 'enrolledDevices' | 'users' | 'tell'>
  readonly clock: Clock
  /** Of a signed policy that computers take, in characters. */
  readonly policyLengthMax: number
  readonly changed: () => void
}

/** The settings of every computer. Version 0 are the defaults, which nobody chose. */
export interface CurrentSettings {
  readonly version: number
  readonly changedAtMs: number | null
  readonly changedBy: string | null
  readonly settings: PolicySettings
}

/** What is decided for the computers, and the signed policies that tell them. */
export interface Policies extends Publisher {
  settings(tx?: Tx): Promise<CurrentSettings>
  /**
   * Refusals `conflict` when `version` is not the newest, `invalid` for settings that contradict each other or cannot
   * be signed, with the `field` that is wrong.
   */
  changeSettings(actor: Actor, version: number, chosen: ChosenSettings): Promise<Outcome<CurrentSettings>>
}

export function createPolicies(parts: PolicyParts): Policies {
  const settings = (tx?: Tx) => currentSettings(parts.store, tx)
  return {
    settings,
    changeSettings: (actor, version, chosen) =>
      parts.db.write((tx) => changeSettings(parts, tx, actor, version, chosen)),
    ...createPublisher(parts, settings),
  }
}

async function currentSettings(store: PolicyStore, tx?: Tx): Promise<CurrentSettings> {
  const row = await store.latestSettings(tx)
  if (row === null) return { version: 0, changedAtMs: null, changedBy: null, settings: defaultPolicy }
  const settings: PolicySettings = { ...defaultPolicy, ...JSON.parse(row.body) }
  return { version: row.version, changedAtMs: row.changed_at, changedBy: row.changed_by, settings }
}

async function changeSettings(
  parts: PolicyParts,
  tx: Tx,
  actor: Actor,
  version: number,
  chosen: ChosenSettings,
): Promise<Outcome<CurrentSettings>> {
  const { store, ledger, clock } = parts
  const before = await currentSettings(store, tx)
  if (before.version !== version) return refused('conflict', { details: { version: before.version } })
  const mistake = settingsMistake(chosen, parts.policyLengthMax)
  if (mistake !== null)
    return refused('invalid', { hint: mistake.message, details: { field: mistake.field } })
  const row = {
    version: version + 1,
    changed_at: clock.now(),
    changed_by: actor.label,
    body: JSON.stringify(chosen),
  }
  await store.insertSettings(tx, row)
  const body = { version: row.version, from: { ...bodyOf(before.settings) }, to: { ...bodyOf(chosen) } }
  await ledger.append(tx, { type: 'policy.changed', actor: actorText(actor), subject: 'settings:all', body })
  tx.afterCommit(() => parts.changed())
  const settings = { ...defaultPolicy, ...chosen }
  return done({ version: row.version, changedAtMs: row.changed_at, changedBy: row.changed_by, settings })
}

/** As JSON for the ledger. */
function bodyOf({ contacts, ...plain }: ChosenSettings & { readonly modes?: unknown }) {
  const { modes: _fixed, ...settings } = plain
  return { ...settings, contacts: { ...contacts } satisfies Contacts }
}
