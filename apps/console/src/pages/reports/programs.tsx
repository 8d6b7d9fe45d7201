import type { ProgramReportRow, ProgramsSummary } from '@stint/wire/reports'
import { Link } from '@tanstack/react-router'
import { count, When } from './cells.tsx'
import { type ReportKind, type Summed, topRows } from './kind.ts'

export const programs: ReportKind<'programs'> = {
  answers: 'Which programs run with raised rights most, and which are new here.',
  has: ['text', 'user', 'device', 'program', 'approver', 'credential', 'mode'],
  hasPeriod: true,
  hasChart: true,
  hasRankings: true,
  figures: 2,
  usualSort: '-starts',
  rowKey: (row) => row.program,
  rowLink: (row, children, className) => (
    <Link
      to="/reports/$report"
      params={{ report: 'processes' }}
      search={({ sort: _sort, text: _text, ...now }) => ({ ...now, program: row.program })}
      className={className}
    >
      {children}
    </Link>
  ),
  columns: [
    {
      key: 'program',
      header: 'Program',
      sorts: ['program'],
      cell: (row) => <span className="st-mono c-path">{row.program}</span>,
    },
    {
      key: 'contents',
      header: 'Contents',
      width: '9rem',
      wideOnly: true,
      cell: (row) => <Contents row={row} />,
    },
    {
      key: 'starts',
      header: 'Starts',
      width: '6rem',
      align: 'end',
      sorts: ['-starts', 'starts'],
      cell: (row) => count(row.starts),
    },
    {
      key: 'people',
      header: 'People',
      width: '6rem',
      align: 'end',
      sorts: ['-people'],
      cell: (row) => count(row.people),
    },
    {
      key: 'computers',
      header: 'Computers',
      width: '7rem',
      align: 'end',
      sorts: ['-computers'],
      cell: (row) => count(row.computers),
    },
    {
      key: 'first',
      header: 'First seen',
      width: '10.5rem',
      sorts: ['-first', 'first'],
      cell: (row) => <When at={row.firstSeenAt} />,
    },
    {
      key: 'last',
      header: 'Last seen',
      width: '10.5rem',
      sorts: ['-last', 'last'],
      cell: (row) => <When at={row.lastSeenAt} />,
    },
  ],
  summed: programsSummed,
  nothing: 'No program that fits these filters ran with raised rights.',
}

/** More than one content under one path is worth a look: an update, or something else. */
function Contents({ row }: { readonly row: ProgramReportRow }) {
  const { variants } = row
  const [newest] = variants
  if (newest === undefined) return <span className="st-faint">Not read</span>
  const hash = newest.sha256 === null ? 'not read' : newest.sha256.slice(0, 10)
  const all = variants.map(({ sha256 }) => sha256 ?? 'could not be read').join('\n')
  return (
    <span className="st-two" title={all}>
      <span className="st-mono">{hash}</span>
      {variants.length > 1 && <span>and {variants.length - 1} before</span>}
    </span>
  )
}

function programsSummed(summary: ProgramsSummary): Summed {
  return {
    figures: [
      { label: 'Programs', value: count(summary.programs) },
      { label: 'Starts', value: count(summary.starts) },
    ],
    chart: {
      title: 'Starts',
      days: summary.perDay.map(({ day, starts }) => ({ day, counts: { starts } })),
      series: [{ key: 'starts', label: 'Starts', tone: 'main' }],
    },
    rankings: [{ label: 'Most started', rows: topRows(summary.top), filter: 'program', isCode: true }],
  }
}
