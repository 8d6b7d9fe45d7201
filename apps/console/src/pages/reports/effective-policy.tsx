import { StatusBadge } from '@stint/ui'
import type { EffectivePolicyRow } from '@stint/wire/reports'
import { ComputerKind, count } from './cells.tsx'
import type { ReportKind } from './kind.ts'
import { PolicyRowLink } from './PolicyRowLink.tsx'

export const effectivePolicy: ReportKind<'effective-policy'> = {
  answers: 'Which settings each computer really applies, and where each setting comes from.',
  has: ['text', 'device'],
  hasPeriod: false,
  hasChart: false,
  hasRankings: false,
  figures: 4,
  usualSort: 'computer',
  rowKey: (row) => row.computer.id,
  rowLink: (row, children, className) => (
    <PolicyRowLink row={row} className={className}>
      {children}
    </PolicyRowLink>
  ),
  columns: [
    {
      key: 'computer',
      header: 'Computer',
      sorts: ['computer', '-computer'],
      cell: (row) => (
        <span className="st-two">
          <span>{row.computer.name}</span>
          <ComputerKind computer={row.computer} />
        </span>
      ),
    },
    { key: 'state', header: 'Applies', width: '18rem', cell: (row) => <Applies row={row} /> },
    {
      key: 'chosen',
      header: 'Settings chosen here',
      width: '12rem',
      align: 'end',
      cell: (row) => count(row.settings.filter(({ from }) => from === 'settings').length),
    },
    {
      key: 'usual',
      header: 'As delivered',
      width: '9rem',
      align: 'end',
      cell: (row) => count(row.settings.filter(({ from }) => from === 'default').length),
    },
  ],
  summed: (summary) => ({
    figures: [
      { label: 'Computers', value: count(summary.computers) },
      { label: 'Apply the current policy', value: count(summary.current) },
      { label: 'Apply an older one', value: count(summary.behind) },
      { label: 'Have not said', value: count(summary.unknown) },
    ],
    rankings: [],
  }),
  nothing: 'No computer fits these filters.',
}

function Applies({ row: { serial, wanted } }: { readonly row: EffectivePolicyRow }) {
  if (serial === null) {
    return (
      <StatusBadge tone="unknown" plain>
        Has not said so yet
      </StatusBadge>
    )
  }
  return serial < wanted ? (
    <StatusBadge tone="warn" plain>
      Policy {serial}, should be {wanted}
    </StatusBadge>
  ) : (
    <StatusBadge tone="good" plain>
      Policy {serial}, the current one
    </StatusBadge>
  )
}
