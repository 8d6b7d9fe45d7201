import type { ExportFormat } from '@stint/elevation'
import { byteOrderMark, csvRecord } from './csv.ts'
import type { Asked, Report } from './report.ts'

/** Rows that are in memory at once, whatever the report has in all. */
const ROWS_AT_ONCE = 500

export interface ExportAsked {
  readonly sort: string | undefined
  readonly format: ExportFormat
  readonly bom: boolean
}

/**
 * The whole report as text, piece by piece. Each piece is read when it is asked for, so a slow reader costs nothing and
 * one who goes away ends it. Rows that come meanwhile may be in it or not; none comes twice.
 */
export async function* exported<Row>(
  report: Report<Row, unknown>,
  asked: Asked,
  { sort, format, bom }: ExportAsked,
): AsyncGenerator<string> {
  const isCsv = format === 'csv'
  const head = csvRecord(report.columns.map(([name]) => name))
  yield isCsv ? `${bom ? byteOrderMark : ''}${head}` : '['
  let before = '\n'
  for (let cursor: string | null = null; ; ) {
    const page: Awaited<ReturnType<typeof report.rows>> = await report.rows(asked, sort, ROWS_AT_ONCE, cursor)
    if (page.items.length > 0) {
      yield isCsv
        ? page.items.map((row) => csvRecord(report.columns.map(([, cell]) => cell(row)))).join('')
        : `${before}${page.items.map((row) => JSON.stringify(row)).join(',\n')}`
      before = ',\n'
    }
    cursor = page.cursor
    if (cursor === null) break
  }
  if (!isCsv) yield '\n]\n'
}
