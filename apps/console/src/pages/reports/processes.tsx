import { spanText } from '@stint/ui'
import type { ProcessRow } from '@stint/wire/reports'
import { Link } from '@tanstack/react-router'
import { CommandCell, ComputerCell, count, UserCell, When } from './cells.tsx'
import type { ReportKind } from './kind.ts'

export const processes: ReportKind<'processes'> = {
  answers: 'Every program that ran with raised rights, with its arguments, its times and what became of it.',
  has: [
    'text',
    'user',
    'device',
    'program',
    'session',
    'approver',
    'credential',
    'mode',
    'endReason',
    'completeness',
  ],
  hasPeriod: true,
  hasChart: false,
  hasRankings: false,
  figures: 2,
  usualSort: '-session',
  rowKey: (row, at) => `${row.sessionId} ${row.pid} ${row.startedAt} ${at}`,
  rowLink: (row, children, className) => (
    <Link to="/sessions/$sessionId" params={{ sessionId: row.sessionId }} className={className}>
      {children}
    </Link>
  ),
  columns: [
    {
      key: 'started',
      header: 'Started',
      width: '10rem',
      sorts: ['-session', 'session'],
      cell: (row) => <When at={row.startedAt} />,
    },
    {
      key: 'command',
      header: 'Program and arguments',
      onCard: 'line',
      cell: (row) => <CommandCell program={row.program} args={row.args} />,
    },
    { key: 'user', header: 'User', width: '13%', cell: (row) => <UserCell user={row.user} /> },
    {
      key: 'computer',
      header: 'Computer',
      width: '14%',
      cell: (row) => <ComputerCell computer={row.computer} />,
    },
    { key: 'ran', header: 'Ran', width: '6rem', align: 'end', cell: (row) => ranText(row) },
    { key: 'exit', header: 'Ended with', width: '8rem', cell: (row) => exitText(row) },
  ],
  summed: (summary) => ({
    figures: [
      { label: 'Processes in these sessions', value: count(summary.processes) },
      { label: 'Sessions', value: count(summary.sessions) },
    ],
    rankings: [],
  }),
  nothing: 'No program that fits these filters ran with raised rights.',
}

function ranText({ startedAt, endedAt }: ProcessRow): string {
  return endedAt === null ? '' : spanText(Date.parse(endedAt) - Date.parse(startedAt))
}

function exitText({ endedAt, exitCode, signal }: ProcessRow): string {
  if (endedAt === null) return 'End not seen'
  if (signal !== null) return signal
  return exitCode === null ? 'Not known' : exitCode === 0 ? 'Success' : `Exit code ${exitCode}`
}
