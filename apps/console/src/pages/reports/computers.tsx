import { deviceStateLabels } from '@stint/elevation'
import { DeviceStateBadge, StatusBadge } from '@stint/ui'
import type { ComputerRow, ComputersSummary } from '@stint/wire/reports'
import { Link } from '@tanstack/react-router'
import { ComputerKind, count, When } from './cells.tsx'
import { type ReportKind, type Summed, shareRows } from './kind.ts'

export const computers: ReportKind<'computers'> = {
  answers: 'Which computers report, since when they were silent, what they run, and what they cannot do.',
  has: ['text', 'device'],
  hasPeriod: true,
  hasChart: false,
  hasRankings: true,
  figures: 3,
  usualSort: 'computer',
  rowKey: (row) => row.computer.id,
  rowLink: (row, children, className) => (
    <Link to="/computers/$deviceId" params={{ deviceId: row.computer.id }} className={className}>
      {children}
    </Link>
  ),
  columns: [
    {
      key: 'computer',
      header: 'Computer',
      width: '20%',
      sorts: ['computer', '-computer'],
      cell: (row) => (
        <span className="st-two">
          <span>{row.computer.name}</span>
          <ComputerKind computer={row.computer} />
        </span>
      ),
    },
    {
      key: 'state',
      header: 'State',
      width: '8rem',
      cell: (row) => <DeviceStateBadge state={row.state} online={row.online} />,
    },
    {
      key: 'seen',
      header: 'Last seen',
      width: '10.5rem',
      sorts: ['-seen', 'seen'],
      cell: (row) => <When at={row.lastSeenAt} none="Never" />,
    },
    { key: 'health', header: 'Health', onCard: 'line', cell: (row) => <Health row={row} /> },
    { key: 'policy', header: 'Policy', width: '9rem', cell: (row) => policyText(row) },
    {
      key: 'version',
      header: 'Version',
      width: '6rem',
      cell: (row) => <span className="st-num">{row.agentVersion}</span>,
    },
    {
      key: 'sessions',
      header: 'Sessions',
      width: '6rem',
      align: 'end',
      sorts: ['-sessions'],
      cell: (row) => count(row.sessions),
    },
  ],
  summed: computersSummed,
  nothing: 'No computer fits these filters.',
}

function Health({ row }: { readonly row: ComputerRow }) {
  const [first, ...more] = row.weaknesses
  if (first === undefined) {
    return (
      <StatusBadge tone="good" plain>
        Nothing is missing
      </StatusBadge>
    )
  }
  return (
    <span className="c-health" title={row.weaknesses.join('\n')}>
      <StatusBadge tone="warn" plain>
        {first}
      </StatusBadge>
      {more.length > 0 && <span className="st-small st-muted">and {more.length} more</span>}
    </span>
  )
}

function policyText({ policySerial, policyWanted }: ComputerRow): string {
  if (policySerial === null) return 'Not said yet'
  return policySerial < policyWanted ? `${policySerial}, behind ${policyWanted}` : `${policySerial}, current`
}

function computersSummed(summary: ComputersSummary): Summed {
  return {
    figures: [
      { label: 'Computers', value: count(summary.computers) },
      { label: 'Online now', value: count(summary.online) },
      { label: 'With something missing', value: count(summary.withWeaknesses) },
    ],
    rankings: [
      { label: 'Systems', rows: shareRows(summary.systems) },
      { label: 'Versions', rows: shareRows(summary.versions) },
      { label: 'Classes', rows: shareRows(summary.classes) },
      { label: 'States', rows: shareRows(summary.states, deviceStateLabels) },
    ],
  }
}
