import type { DeviceState } from '@stint/elevation'
import type { DeviceFacts } from '@stint/wire/journal'
import type { ComputerRow, ComputersSummary } from '@stint/wire/reports'
import { sql } from 'kysely'
import { isoTime, isoTimeOrNull } from '../../clock.ts'
import type { Engine, Reader } from '../../db/database.ts'
import { beyond, direction, pageOf, sorting } from './paged.ts'
import { policiesWanted } from './policy-wanted.ts'
import type { Asked, Report } from './report.ts'
import { computerRef } from './session-scope.ts'
import { contains, equals, every, type Part, rowsOf, sharesOf, within } from './sql-parts.ts'

interface Found {
  id: string
  name: string
  facts: string
  state: DeviceState
  enrolled_at: number
  last_seen_at: number | null
  policy_serial: number | null
  sessions: number
  sort_key: number | string
}

const sortKeys = {
  computer: { by: sql`d.name`, kind: 'text' },
  seen: { by: sql`coalesce(d.last_seen_at, 0)`, kind: 'number' },
  sessions: { by: sql`coalesce(c.sessions, 0)`, kind: 'number' },
} as const

export interface ComputersParts {
  readonly read: Reader
  readonly engine: Engine
  readonly isOnline: (deviceId: string) => boolean
}

/** The computers: whether they are there, what they run, what they cannot do, and how often rights were raised. */
export function createComputersReport(parts: ComputersParts): Report<ComputerRow, ComputersSummary> {
  const { read, isOnline } = parts
  return {
    async rows(asked, sort, limit, cursor) {
      const { key, descending } = sorting(sortKeys, sort, 'computer')
      const found = await rowsOf(
        read,
        sql<Found>`select d.id, d.name, d.facts, d.state, d.enrolled_at, d.last_seen_at, d.policy_serial,
          coalesce(c.sessions, 0) as sessions, ${key.by} as sort_key
          from device d left join ${sessionCounts(asked)} c on c.device_id = d.id
          where ${every([computersThatFit(asked), beyond(key, sql`d.id`, descending, cursor)])}
          order by ${key.by} ${direction(descending)}, d.id ${direction(descending)} limit ${limit + 1}`,
      )
      const wanted = await policiesWanted(
        read,
        found.map(({ id }) => id),
      )
      const view = (row: Found) => computerRow(row, isOnline(row.id), wanted(row.id))
      return pageOf(found, limit, (row) => [row.sort_key, row.id], view)
    },
    summary: (asked) => computersSummary(parts, asked),
    columns: computerColumns,
  }
}

function sessionCounts({ fromMs, toMs }: Asked): Part {
  return sql`(select s.device_id, count(*) as sessions from session s
    where ${every([within('s.started_at', fromMs, toMs)])} group by s.device_id)`
}

export function computersThatFit({ filter }: Asked): Part {
  return every([equals('d.id', filter.device), contains(filter.text, ['d.name'])])
}

function computerRow(row: Found, online: boolean, policyWanted: number): ComputerRow {
  const facts: DeviceFacts = JSON.parse(row.facts)
  return {
    computer: computerRef(row.id, row.name, row.facts),
    state: row.state,
    agentVersion: facts.agentVersion,
    enrolledAt: isoTime(row.enrolled_at),
    lastSeenAt: isoTimeOrNull(row.last_seen_at),
    online,
    weaknesses: facts.weaknesses,
    policySerial: row.policy_serial,
    policyWanted,
    sessions: row.sessions,
  }
}

interface Kind {
  n: number
  class: string
  system: string
  version: string
  state: string
  weak: boolean | number
}

async function computersSummary(
  { read, engine, isOnline }: ComputersParts,
  asked: Asked,
): Promise<ComputersSummary> {
  const fact = (name: string): Part =>
    engine === 'postgres'
      ? sql`(cast(d.facts as json) ->> ${sql.lit(name)})`
      : sql`(d.facts ->> ${sql.lit(name)})`
  const kinds = await rowsOf(
    read,
    sql<Kind>`select class, system, version, state, weak, count(*) as n from (
        select ${fact('class')} as class, ${fact('osName')} || ' ' || ${fact('osVersion')} as system,
          ${fact('agentVersion')} as version, d.state, ${fact('weaknesses')} <> '[]' as weak
        from device d where ${computersThatFit(asked)}
      ) t group by class, system, version, state, weak`,
  )
  const ids = await rowsOf(
    read,
    sql<{ id: string }>`select d.id from device d where ${computersThatFit(asked)}`,
  )
  const count = (rows: readonly Kind[]) => rows.reduce((all, { n }) => all + n, 0)
  return {
    computers: count(kinds),
    // Who listens now is known to this process alone.
    online: ids.filter(({ id }) => isOnline(id)).length,
    withWeaknesses: count(kinds.filter(({ weak }) => Boolean(weak))),
    classes: sharesOf(kinds, (row) => row.class),
    systems: sharesOf(kinds, ({ system }) => system.trim()),
    versions: sharesOf(kinds, ({ version }) => version),
    states: sharesOf(kinds, ({ state }) => state),
  }
}

const computerColumns: Report<ComputerRow, ComputersSummary>['columns'] = [
  ['Computer', (row) => row.computer.name],
  ['Computer id', (row) => row.computer.id],
  ['Class', (row) => row.computer.class],
  ['OS', (row) => row.computer.os],
  ['State', (row) => row.state],
  ['Agent version', (row) => row.agentVersion],
  ['Enrolled', (row) => row.enrolledAt],
  ['Last seen', (row) => row.lastSeenAt],
  ['Online', (row) => row.online],
  ['Weaknesses', (row) => row.weaknesses.join('; ')],
  ['Policy', (row) => row.policySerial],
  ['Policy wanted', (row) => row.policyWanted],
  ['Sessions', (row) => row.sessions],
]
