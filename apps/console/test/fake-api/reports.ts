import { isOneOf, type ReportName, reportNames } from '@stint/elevation'
import { ExportQuery, type ReportFilter, ReportQuery } from '@stint/wire/reports'
import { type Call, found, type Route, refuse } from './call.ts'
import type { ReportRows } from './report-rows.ts'
import { summaries } from './report-summaries.ts'

const PAGE = 50

/** Rows, summary and export of each report. */
export const reportRoutes: readonly Route[] = [
  ['GET', /^\/reports\/([a-z-]+)\/summary$/, summaryOf],
  ['GET', /^\/reports\/([a-z-]+)\/export$/, exportOf],
  ['GET', /^\/reports\/([a-z-]+)$/, rowsOf],
]

function named({ params }: Call): ReportName {
  const name = params[0]
  return found(isOneOf(reportNames, name) ? name : undefined)
}

/** Like the real one: a filter that is misspelt is refused, not passed over. */
function filterOf(query: URLSearchParams, known: object): ReportFilter {
  for (const name of query.keys()) {
    if (!(name in known)) refuse(422, 'invalid', `There is no filter ${name}.`, 'Correct the marked fields.')
  }
  const {
    sort: _sort,
    limit: _limit,
    cursor: _cursor,
    format: _format,
    bom: _bom,
    ...filter
  } = Object.fromEntries(query)
  return filter as ReportFilter
}

function rowsOf(call: Call) {
  const name = named(call)
  const { query, world } = call
  const rows = sorted(
    fitting(world.reports, name, filterOf(query, ReportQuery(name).properties)),
    query.get('sort'),
  )
  const from = Number(query.get('cursor') ?? 0)
  const limit = Number(query.get('limit') ?? PAGE)
  const next = from + limit
  return { items: rows.slice(from, next), cursor: next < rows.length ? String(next) : null }
}

function summaryOf(call: Call) {
  const name = named(call)
  const rows = fitting(call.world.reports, name, filterOf(call.query, ReportQuery(name).properties))
  return summaries[name](rows as never)
}

function exportOf(call: Call) {
  const name = named(call)
  return fitting(call.world.reports, name, filterOf(call.query, ExportQuery(name).properties))
}

interface AnyRow {
  readonly user?: { readonly id: string; readonly name: string }
  readonly computer?: { readonly id: string; readonly name: string }
  readonly approvedBy?: { readonly id: string } | null
  readonly answeredBy?: { readonly id: string } | null
  readonly [more: string]: unknown
}

function fitting(reports: ReportRows, name: ReportName, filter: ReportFilter): readonly AnyRow[] {
  const rows = reports[name] as readonly AnyRow[]
  return rows.filter((row) => {
    const at = String(row.activatedAt ?? row.createdAt ?? row.at ?? row.startedAt ?? filter.from ?? '')
    const { from = '', to = '9', text, user, device, approver, session, ...same } = filter
    const words = [row.user?.name, row.computer?.name, row.reason, row.program].join(' ').toLowerCase()
    return (
      at >= from &&
      at < to &&
      (text === undefined || words.includes(text.toLowerCase())) &&
      (user === undefined || row.user === undefined || row.user.id === user) &&
      (device === undefined || row.computer === undefined || row.computer.id === device) &&
      (approver === undefined || (row.approvedBy ?? row.answeredBy)?.id === approver) &&
      (session === undefined || row.sessionId === session) &&
      Object.entries(same).every(([key, value]) => row[key] === value)
    )
  })
}

const sortKeys: Readonly<Record<string, (row: AnyRow) => string | number>> = {
  user: (row) => row.user?.name ?? '',
  computer: (row) => row.computer?.name ?? '',
  elevation: (row) => Number(row.elevationSeconds),
  processes: (row) => Number(row.processes),
  activated: (row) => String(row.activatedAt),
  starts: (row) => Number(row.starts),
  program: (row) => String(row.program),
}

function sorted(rows: readonly AnyRow[], sort: string | null): readonly AnyRow[] {
  const key = sortKeys[sort?.replace('-', '') ?? '']
  if (key === undefined) return rows
  const way = sort?.startsWith('-') ? -1 : 1
  return rows.toSorted((a, b) => (key(a) < key(b) ? -way : key(a) > key(b) ? way : 0))
}
