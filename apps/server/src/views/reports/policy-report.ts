import { defaultPolicy } from '@stint/elevation'
import type { EffectivePolicyRow, EffectivePolicySummary } from '@stint/wire/reports'
import { sql } from 'kysely'
import { isoTime } from '../../clock.ts'
import type { Reader } from '../../db/database.ts'
import type { SettingsVersionRow } from '../../db/schema.ts'
import { computersThatFit } from './computers-report.ts'
import type { CsvCell } from './csv.ts'
import { beyond, direction, pageOf, sorting } from './paged.ts'
import { policiesWanted } from './policy-wanted.ts'
import type { Report } from './report.ts'
import { computerRef } from './session-scope.ts'
import { every, rowsOf } from './sql-parts.ts'

interface Found {
  id: string
  name: string
  facts: string
  policy_serial: number | null
  /** Of the policy that the computer applies; null before it has said so. */
  settings_version: number | null
}

const name = { by: sql`d.name`, kind: 'text' } as const

/** What each computer said it applies, setting by setting, and where each value comes from. */
export function createPolicyReport(read: Reader): Report<EffectivePolicyRow, EffectivePolicySummary> {
  return {
    async rows(asked, sort, limit, cursor) {
      const { key, descending } = sorting({ computer: name }, sort, 'computer')
      const found = await rowsOf(
        read,
        sql<Found>`select d.id, d.name, d.facts, d.policy_serial, p.settings_version
          from device d left join device_policy p on p.device_id = d.id and p.serial = d.policy_serial
          where ${every([computersThatFit(asked), beyond(key, sql`d.id`, descending, cursor)])}
          order by d.name ${direction(descending)}, d.id ${direction(descending)} limit ${limit + 1}`,
      )
      const settings = await settingsOf(read, found)
      const ids = found.map(({ id }) => id)
      const wanted = await policiesWanted(read, ids)
      const view = (row: Found): EffectivePolicyRow => ({
        computer: computerRef(row.id, row.name, row.facts),
        serial: row.policy_serial,
        wanted: wanted(row.id),
        settings: row.settings_version === null ? [] : (settings.get(row.settings_version) ?? []),
      })
      return pageOf(found, limit, (row) => [row.name, row.id], view)
    },
    async summary(asked) {
      const computers = await rowsOf(
        read,
        sql<{ id: string; policy_serial: number | null }>`select d.id, d.policy_serial from device d
          where ${computersThatFit(asked)} and d.state = 'enrolled'`,
      )
      const wanted = await policiesWanted(read, null)
      const known = computers.filter(({ policy_serial }) => policy_serial !== null)
      const current = known.filter(({ id, policy_serial }) => (policy_serial ?? 0) >= wanted(id)).length
      const unknown = computers.length - known.length
      return { computers: computers.length, current, behind: known.length - current, unknown }
    },
    columns: policyColumns,
  }
}

type Setting = EffectivePolicyRow['settings'][number]

/** The settings of each version that a row names. Version 0 are the defaults, which nobody chose. */
async function settingsOf(read: Reader, rows: readonly Found[]): Promise<Map<number, Setting[]>> {
  const versions = [...new Set(rows.flatMap(({ settings_version: version }) => version ?? []))]
  const chosen =
    versions.length === 0
      ? []
      : await read.selectFrom('settings_version').selectAll().where('version', 'in', versions).execute()
  const byVersion = new Map(chosen.map((row) => [row.version, row]))
  return new Map(versions.map((version) => [version, settingsIn(byVersion.get(version) ?? null)]))
}

function settingsIn(row: SettingsVersionRow | null): Setting[] {
  const chosen: Record<string, unknown> = row === null ? {} : JSON.parse(row.body)
  return Object.entries(defaultPolicy).map(([setting, value]): Setting => {
    if (row === null || !(setting in chosen))
      return { name: setting, value, from: 'default', version: null, changedAt: null, changedBy: null }
    const { version, changed_at, changed_by } = row
    const source = {
      from: 'settings',
      version,
      changedAt: isoTime(changed_at),
      changedBy: changed_by,
    } as const
    return { name: setting, value: chosen[setting], ...source }
  })
}

const policyColumns: Report<EffectivePolicyRow, EffectivePolicySummary>['columns'] = [
  ['Computer', (row) => row.computer.name],
  ['Computer id', (row) => row.computer.id],
  ['Class', (row) => row.computer.class],
  ['OS', (row) => row.computer.os],
  ['Policy', (row) => row.serial],
  ['Policy wanted', (row) => row.wanted],
  ...Object.keys(defaultPolicy).flatMap((setting) => settingColumns(setting)),
]

type Column = readonly [name: string, cell: (row: EffectivePolicyRow) => CsvCell]

/** A column for the value and one for where it comes from. */
function settingColumns(setting: string): Column[] {
  const find = (row: EffectivePolicyRow) => row.settings.find((one) => one.name === setting)
  return [
    [setting, (row) => plain(find(row)?.value)],
    [`${setting} from`, (row) => sourceText(find(row))],
  ]
}

function plain(value: unknown): CsvCell {
  if (value === undefined || value === null) return null
  return typeof value === 'object' ? JSON.stringify(value) : (value as string | number | boolean)
}

function sourceText(setting: Setting | undefined): string | null {
  if (setting === undefined) return null
  return setting.from === 'default' ? 'default' : `settings ${setting.version}`
}
