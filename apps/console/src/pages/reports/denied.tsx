import type { DeniedSummary } from '@stint/wire/reports'
import { Link } from '@tanstack/react-router'
import { CommandCell, ComputerCell, count, UserCell, When } from './cells.tsx'
import { type ReportKind, type Summed, topRows } from './kind.ts'

export const denied: ReportKind<'denied'> = {
  answers: 'Which programs a rule kept from starting, who tried, and how often.',
  has: ['text', 'user', 'device', 'program', 'session', 'credential', 'mode'],
  hasPeriod: true,
  hasChart: true,
  hasRankings: true,
  figures: 1,
  usualSort: '-at',
  rowKey: (row, at) => `${row.sessionId} ${row.at} ${at}`,
  rowLink: (row, children, className) => (
    <Link to="/sessions/$sessionId" params={{ sessionId: row.sessionId }} className={className}>
      {children}
    </Link>
  ),
  columns: [
    {
      key: 'at',
      header: 'Tried',
      width: '10.5rem',
      sorts: ['-at', 'at'],
      cell: (row) => <When at={row.at} />,
    },
    {
      key: 'command',
      header: 'Program and arguments',
      onCard: 'line',
      cell: (row) => <CommandCell program={row.program} args={row.args} />,
    },
    {
      key: 'rule',
      header: 'By the rule',
      width: '13%',
      cell: (row) => (row.rule === null ? 'No rule allows it' : <span className="st-mono">{row.rule}</span>),
    },
    { key: 'user', header: 'User', width: '14%', cell: (row) => <UserCell user={row.user} /> },
    {
      key: 'computer',
      header: 'Computer',
      width: '15%',
      cell: (row) => <ComputerCell computer={row.computer} />,
    },
    {
      key: 'times',
      header: 'Times',
      width: '5rem',
      align: 'end',
      cell: (row) => count(row.repeated + 1),
    },
  ],
  summed: deniedSummed,
  nothing: 'No program was kept from starting that fits these filters.',
}

function deniedSummed(summary: DeniedSummary): Summed {
  return {
    figures: [{ label: 'Starts kept from happening', value: count(summary.denied) }],
    chart: {
      title: 'Denied starts',
      days: summary.perDay.map(({ day, denied: tried }) => ({ day, counts: { tried } })),
      series: [{ key: 'tried', label: 'Denied', tone: 'bad' }],
    },
    rankings: [
      { label: 'Programs', rows: topRows(summary.topPrograms), filter: 'program', isCode: true },
      { label: 'Rules', rows: topRows(summary.topRules) },
      { label: 'Users', rows: topRows(summary.topUsers), filter: 'user' },
      { label: 'Computers', rows: topRows(summary.topComputers), filter: 'device' },
    ],
  }
}
