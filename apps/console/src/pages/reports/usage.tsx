import { completenessLabels, credentialLabels, endReasonLabels } from '@stint/elevation'
import { CompletenessBadge, SessionStateBadge, spanText } from '@stint/ui'
import type { UsageRow, UsageSummary } from '@stint/wire/reports'
import { Link } from '@tanstack/react-router'
import { approverText, ComputerCell, count, UserCell, When } from './cells.tsx'
import { type ReportKind, type Summed, shareRows, topRows } from './kind.ts'

export const usage: ReportKind<'usage'> = {
  answers: 'Who had administrator rights, where, why, for how long, who agreed, and how it ended.',
  has: ['text', 'user', 'device', 'approver', 'credential', 'mode', 'endReason', 'completeness', 'program'],
  hasPeriod: true,
  hasChart: true,
  hasRankings: true,
  figures: 5,
  usualSort: '-activated',
  rowKey: (row) => row.sessionId,
  rowLink: (row, children, className) => (
    <Link to="/sessions/$sessionId" params={{ sessionId: row.sessionId }} className={className}>
      {children}
    </Link>
  ),
  columns: [
    {
      key: 'activated',
      header: 'Activated',
      width: '9.5rem',
      sorts: ['-activated', 'activated'],
      cell: (row) => (
        <span className="st-two">
          <When at={row.activatedAt} />
          <span>
            {row.endReason ? endReasonLabels[row.endReason] : <SessionStateBadge state={row.state} />}
          </span>
        </span>
      ),
    },
    {
      key: 'user',
      header: 'User',
      width: '12%',
      sorts: ['user', '-user'],
      cell: (row) => <UserCell user={row.user} />,
    },
    {
      key: 'computer',
      header: 'Computer',
      width: '14%',
      sorts: ['computer', '-computer'],
      cell: (row) => <ComputerCell computer={row.computer} />,
    },
    {
      key: 'why',
      header: 'Why',
      onCard: 'line',
      cell: (row) => (
        <span className="st-two">
          <span title={row.reason ?? undefined}>
            {row.reason ?? <span className="st-muted">Not reported yet</span>}
          </span>
          {row.ticket && <span>{row.ticket}</span>}
        </span>
      ),
    },
    { key: 'how', header: 'Given by', width: '11.5%', cell: (row) => <HowGiven row={row} /> },
    {
      key: 'elevation',
      header: 'Raised for',
      width: '7rem',
      align: 'end',
      sorts: ['-elevation'],
      cell: (row) => spanText(row.elevationSeconds * 1000),
    },
    {
      key: 'processes',
      header: 'Processes',
      width: '6rem',
      align: 'end',
      sorts: ['-processes'],
      cell: (row) =>
        row.processes === 0 ? (
          '0'
        ) : (
          <Link
            to="/reports/$report"
            params={{ report: 'processes' }}
            search={{ session: row.sessionId, period: 'all' }}
            aria-label={`${count(row.processes)} processes of this session`}
          >
            {count(row.processes)}
          </Link>
        ),
    },
    {
      key: 'recording',
      header: 'Recording',
      width: '10.25rem',
      cell: (row) => <CompletenessBadge state={row.completeness} />,
    },
  ],
  summed: usageSummed,
  nothing: 'Nobody had raised rights that fit these filters.',
}

function HowGiven({ row }: { readonly row: UsageRow }) {
  const { credential, passcode, use, approvedBy } = row
  const uses = use === null || use.of === 1 ? '' : `, use ${use.n} of ${use.of}`
  return (
    <span className="st-two">
      <span>
        {passcode?.title ?? credentialLabels[credential]}
        {uses}
      </span>
      <span>{approverText(approvedBy)}</span>
    </span>
  )
}

function usageSummed(summary: UsageSummary): Summed {
  return {
    figures: [
      { label: 'Sessions', value: count(summary.sessions) },
      { label: 'Rights raised for', value: spanText(summary.elevationSeconds * 1000) },
      { label: 'Processes', value: count(summary.processes) },
      { label: 'People', value: count(summary.people) },
      { label: 'Computers', value: count(summary.computers) },
    ],
    chart: {
      title: 'Sessions',
      days: summary.perDay.map(({ day, sessions }) => ({ day, counts: { sessions } })),
      series: [{ key: 'sessions', label: 'Sessions', tone: 'main' }],
    },
    rankings: [
      { label: 'Users', rows: topRows(summary.topUsers), filter: 'user' },
      { label: 'Computers', rows: topRows(summary.topComputers), filter: 'device' },
      { label: 'Approvers', rows: topRows(summary.topApprovers), filter: 'approver' },
      { label: 'Why they ended', rows: shareRows(summary.endReasons, endReasonLabels), filter: 'endReason' },
      {
        label: 'How they were given',
        rows: shareRows(summary.credentials, credentialLabels),
        filter: 'credential',
      },
      {
        label: 'Recording',
        rows: shareRows(summary.completeness, completenessLabels),
        filter: 'completeness',
      },
    ],
  }
}
