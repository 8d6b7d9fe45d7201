import { credentialLabels, endReasonLabels } from '@stint/elevation'
import {
  type Column,
  CompletenessBadge,
  Countdown,
  DataTable,
  RelativeTime,
  SessionStateBadge,
  spanText,
  TimeRing,
} from '@stint/ui'
import type { SessionSummary } from '@stint/wire/console'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Listed } from '../api/pages.ts'

const who: Column<SessionSummary> = {
  key: 'who',
  header: 'Who and where',
  width: '19%',
  cell: (session) => (
    <span className="st-two">
      <span>{session.userName}</span>
      <span>{session.device.name}</span>
    </span>
  ),
}
const why: Column<SessionSummary> = {
  key: 'why',
  header: 'Why',
  onCard: 'line',
  cell: (session) => (
    <span className="st-two">
      <span>{session.reason ?? <span className="st-muted">Reason not reported yet</span>}</span>
      {session.ticket && <span>{session.ticket}</span>}
    </span>
  ),
}
const agreed: Column<SessionSummary> = {
  key: 'agreed',
  header: 'Agreed by',
  width: '14%',
  cell: (session) => (
    <span className="st-two">
      <span>{session.approvedBy ?? 'Nobody on the server'}</span>
      <span>{credentialLabels[session.credential]}</span>
    </span>
  ),
}
const processes: Column<SessionSummary> = {
  key: 'processes',
  header: 'Processes',
  width: '6rem',
  align: 'end',
  wideOnly: true,
  cell: (session) => session.processes.toLocaleString('en'),
}
const left: Column<SessionSummary> = {
  key: 'left',
  header: 'Time left',
  width: '8.5rem',
  cell: (session) => (
    <span className="c-left">
      <TimeRing from={session.startedAt} until={session.endsAt} />
      <Countdown
        until={session.endsAt}
        label="Rights end in"
        over={session.overdue ? 'Not reported' : 'Ending…'}
      />
    </span>
  ),
}
const ended: Column<SessionSummary> = {
  key: 'ended',
  header: 'Ended',
  width: '17%',
  cell: (session) => (
    <span className="st-two">
      <span>
        {session.endReason ? endReasonLabels[session.endReason] : <SessionStateBadge state={session.state} />}
      </span>
      <span>
        {session.endedAt === null && 'began '}
        <RelativeTime at={session.endedAt ?? session.startedAt} quiet />
        {session.endedAt &&
          `, after ${spanText(Date.parse(session.endedAt) - Date.parse(session.startedAt))}`}
      </span>
    </span>
  ),
}
const recording: Column<SessionSummary> = {
  key: 'recording',
  header: 'Recording',
  width: '10rem',
  cell: (session) => <CompletenessBadge state={session.completeness} />,
}

const columnsFor = {
  live: [who, why, agreed, processes, left],
  ended: [who, why, agreed, ended, processes, recording],
  /** On the page of one computer: live and past together. */
  device: [who, why, ended, recording],
} as const

interface SessionTableProps {
  readonly caption: string
  readonly kind: keyof typeof columnsFor
  readonly sessions: Pick<Listed<SessionSummary>, 'items' | 'more'>
  readonly expected?: number
  readonly empty: ReactNode
}

export function SessionTable({ caption, kind, sessions, expected = 5, empty }: SessionTableProps) {
  return (
    <DataTable
      caption={caption}
      columns={columnsFor[kind]}
      rows={sessions.items}
      expected={expected}
      rowKey={(session) => session.id}
      rowLink={(session, children, className) => (
        <Link to="/sessions/$sessionId" params={{ sessionId: session.id }} className={className}>
          {children}
        </Link>
      )}
      empty={empty}
      more={sessions.more}
    />
  )
}
