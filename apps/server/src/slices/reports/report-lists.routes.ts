import { Readable } from 'node:stream'
import type { ReportName } from '@stint/elevation'
import { Type } from '@stint/wire'
import { Page } from '@stint/wire/console'
import {
  ComputerRow,
  ComputersSummary,
  DeniedRow,
  DeniedSummary,
  EffectivePolicyRow,
  EffectivePolicySummary,
  ExportQuery,
  ProcessesSummary,
  ProcessRow,
  ProgramReportRow,
  ProgramsSummary,
  type ReportFilter,
  ReportQuery,
  RequestReportRow,
  RequestsSummary,
  UsageRow,
  UsageSummary,
} from '@stint/wire/reports'
import type { TSchema } from 'typebox'
import type { Clock } from '../../clock.ts'
import { type App, answers } from '../../http/server.ts'
import { exported } from '../../views/reports/report-export.ts'
import { askedBy, type Reports, reportNamed } from '../../views/reports/reports.ts'

/** The rows, the summary and the export of each report. */
const shapes: Readonly<Record<ReportName, { readonly row: TSchema; readonly summary: TSchema }>> = {
  usage: { row: UsageRow, summary: UsageSummary },
  processes: { row: ProcessRow, summary: ProcessesSummary },
  requests: { row: RequestReportRow, summary: RequestsSummary },
  programs: { row: ProgramReportRow, summary: ProgramsSummary },
  denied: { row: DeniedRow, summary: DeniedSummary },
  'effective-policy': { row: EffectivePolicyRow, summary: EffectivePolicySummary },
  computers: { row: ComputerRow, summary: ComputersSummary },
}

export function reportListRoutes(app: App, reports: Reports, clock: Clock): void {
  for (const name of Object.keys(shapes) as ReportName[]) {
    listRoutes(app, reports, clock, name)
    exportRoute(app, reports, clock, name)
  }
}

interface ListQuery extends ReportFilter {
  readonly sort?: string
  readonly limit?: number
  readonly cursor?: string
}

function listRoutes(app: App, reports: Reports, clock: Clock, name: ReportName): void {
  const report = reportNamed(reports, name)
  const { row, summary } = shapes[name]
  const config = { access: 'read-reports' } as const
  app.get(
    `/reports/${name}`,
    { config, schema: { querystring: ReportQuery(name), response: answers({ 200: Page(row) }) } },
    async (request) => {
      const { sort, limit = 50, cursor, ...filter }: ListQuery = request.query
      return report.rows(askedBy(filter, clock), sort, limit, cursor ?? null)
    },
  )
  app.get(
    `/reports/${name}/summary`,
    { config, schema: { querystring: ReportQuery(name), response: answers({ 200: summary }) } },
    async (request) => {
      const { sort: _sort, limit: _limit, cursor: _cursor, ...filter }: ListQuery = request.query
      return report.summary(askedBy(filter, clock)) as Promise<never>
    },
  )
}

interface ExportAsked extends ReportFilter {
  readonly sort?: string
  readonly format?: 'csv' | 'json'
  readonly bom?: boolean
}

function exportRoute(app: App, reports: Reports, clock: Clock, name: ReportName): void {
  const report = reportNamed(reports, name)
  const types = { csv: 'text/csv; charset=utf-8; header=present', json: 'application/json; charset=utf-8' }
  app.get(
    `/reports/${name}/export`,
    {
      config: { access: 'read-reports' },
      schema: { querystring: ExportQuery(name), response: answers({ 200: Type.String() }) },
    },
    async (request, reply) => {
      const { sort, format = 'csv', bom = false, ...filter }: ExportAsked = request.query
      const asked = askedBy(filter, clock)
      const day = new Date(asked.nowMs).toISOString().slice(0, 10)
      const pieces = exported(report, asked, { sort, format, bom })
      return reply
        .type(types[format])
        .header('content-disposition', `attachment; filename="stint-${name}-${day}.${format}"`)
        .send(Readable.from(pieces, { objectMode: false }) as never)
    },
  )
}
