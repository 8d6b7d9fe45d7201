import { callerCheckLabels } from '@stint/elevation'
import { minutesText, RequestStateBadge, spanText } from '@stint/ui'
import type { RequestReportRow, RequestsSummary } from '@stint/wire/reports'
import { Link } from '@tanstack/react-router'
import { ComputerCell, count, UserCell, When } from './cells.tsx'
import { type ReportKind, type Summed, topRows } from './kind.ts'

export const requests: ReportKind<'requests'> = {
  answers: 'What was asked for, what became of it, who answered, and how long people waited.',
  has: ['text', 'user', 'device', 'approver', 'state', 'mode'],
  hasPeriod: true,
  hasChart: true,
  hasRankings: true,
  figures: 6,
  usualSort: '-created',
  rowKey: (row) => row.requestId,
  rowLink: (row, children, className) => (
    <Link
      to="/requests"
      search={{ open: row.requestId, ...(row.state === 'pending' ? {} : { tab: 'decided' }) }}
      className={className}
    >
      {children}
    </Link>
  ),
  columns: [
    {
      key: 'created',
      header: 'Asked',
      width: '11rem',
      sorts: ['-created', 'created'],
      cell: (row) => (
        <span className="st-two">
          <When at={row.createdAt} />
          <span>{row.source === 'code' ? 'by telephone' : 'over the network'}</span>
        </span>
      ),
    },
    {
      key: 'user',
      header: 'User',
      width: '14%',
      sorts: ['user', '-user'],
      cell: (row) => <UserCell user={row.user} />,
    },
    {
      key: 'computer',
      header: 'Computer',
      width: '15%',
      sorts: ['computer', '-computer'],
      cell: (row) => <ComputerCell computer={row.computer} />,
    },
    { key: 'why', header: 'Why', onCard: 'line', cell: (row) => <Why row={row} /> },
    {
      key: 'state',
      header: 'State',
      width: '7.5rem',
      cell: (row) => <RequestStateBadge state={row.state} />,
    },
    { key: 'answered', header: 'Answered by', width: '14%', cell: (row) => <Answered row={row} /> },
    {
      key: 'answer',
      header: 'Waited',
      width: '7rem',
      align: 'end',
      sorts: ['-answer', 'answer'],
      cell: (row) => (row.answerSeconds === null ? '' : spanText(row.answerSeconds * 1000)),
    },
  ],
  summed: requestsSummed,
  nothing: 'Nobody asked for rights in a way that fits these filters.',
}

function Why({ row }: { readonly row: RequestReportRow }) {
  const asked = row.minutesAsked === null ? null : minutesText(row.minutesAsked)
  const granted = row.minutesGranted === null ? null : minutesText(row.minutesGranted)
  const times = [asked && `asked for ${asked}`, granted && granted !== asked && `got ${granted}`, row.ticket]
  return (
    <span className="st-two">
      <span title={row.reason ?? undefined}>
        {row.reason ?? <span className="st-muted">Not known to the server</span>}
      </span>
      <span>{times.filter(Boolean).join(', ')}</span>
    </span>
  )
}

function Answered({ row }: { readonly row: RequestReportRow }) {
  if (row.answeredBy === null) return <span className="st-faint">Nobody</span>
  return (
    <span className="st-two">
      <span>{row.answeredBy.name}</span>
      {row.callerCheck && (
        <span title={callerCheckLabels[row.callerCheck]}>{callerCheckLabels[row.callerCheck]}</span>
      )}
    </span>
  )
}

function requestsSummed(summary: RequestsSummary): Summed {
  const span = (seconds: number | null) => (seconds === null ? '–' : spanText(seconds * 1000))
  return {
    figures: [
      { label: 'Asked', value: count(summary.generated) },
      { label: 'Approved', value: count(summary.approved) },
      { label: 'Denied', value: count(summary.denied) },
      { label: 'Waiting', value: count(summary.pending) },
      { label: 'Median wait', value: span(summary.medianAnswerSeconds) },
      { label: '95 of 100 waited under', value: span(summary.p95AnswerSeconds) },
    ],
    chart: {
      title: 'Requests',
      days: summary.perDay.map(({ day, generated, approved, denied }) => ({
        day,
        counts: { approved, denied, rest: Math.max(0, generated - approved - denied) },
      })),
      series: [
        { key: 'approved', label: 'Approved', tone: 'main' },
        { key: 'denied', label: 'Denied', tone: 'bad' },
        { key: 'rest', label: 'Neither', tone: 'rest' },
      ],
    },
    rankings: [
      { label: 'Users', rows: topRows(summary.topUsers), filter: 'user' },
      { label: 'Computers', rows: topRows(summary.topComputers), filter: 'device' },
      { label: 'Approvers', rows: topRows(summary.topApprovers), filter: 'approver' },
    ],
  }
}
