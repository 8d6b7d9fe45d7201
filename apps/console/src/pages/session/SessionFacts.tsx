import { callerCheckLabels, credentialLabels, endReasonLabels } from '@stint/elevation'
import { type Fact, Facts, minutesText, Panel, RelativeTime, spanText } from '@stint/ui'
import type { SessionDetail } from '@stint/wire/console'
import { Link } from '@tanstack/react-router'
import { accountText } from '../../ui/RequestFacts.tsx'

/** Who asked, who agreed, and how the answer travelled. */
export function AskedAndAgreed({ detail }: { readonly detail: SessionDetail }) {
  const { summary, request } = detail
  const decision = request?.decision ?? null
  const facts: Fact[] = [
    {
      label: 'Reason',
      value: summary.reason ?? <span className="st-muted">Not reported yet</span>,
      wide: true,
    },
    ...(summary.ticket ? [{ label: 'Ticket', value: summary.ticket, wide: true }] : []),
    { label: 'Asked by', value: `${summary.userName}, ${accountText(summary.userId)}`, wide: true },
    { label: 'Agreed by', value: summary.approvedBy ?? 'Nobody on the server' },
    {
      label: 'How it travelled',
      value:
        credentialLabels[summary.credential] + (decision?.carried === 'telephone' ? ', by telephone' : ''),
    },
    ...(request?.minutes ? [{ label: 'Asked for', value: minutesText(request.minutes) }] : []),
    ...(decision?.minutes ? [{ label: 'Granted', value: minutesText(decision.minutes) }] : []),
    ...(decision?.callerCheck
      ? [{ label: 'How the caller was known', value: callerCheckLabels[decision.callerCheck], wide: true }]
      : []),
    ...(decision?.note ? [{ label: 'Note', value: decision.note, wide: true }] : []),
  ]
  return (
    <Panel
      title="Asked and agreed"
      actions={
        summary.requestId && (
          <Link to="/requests" search={{ tab: 'decided', open: summary.requestId }} className="st-small">
            Request
          </Link>
        )
      }
    >
      <Facts facts={facts} />
    </Panel>
  )
}

/** Times, end, and what the computer proved. */
export function HowItWent({ detail }: { readonly detail: SessionDetail }) {
  const { summary } = detail
  const lasted =
    (summary.endedAt ? Date.parse(summary.endedAt) : Date.parse(summary.endsAt)) -
    Date.parse(summary.startedAt)
  const facts: Fact[] = [
    { label: 'Began', value: <RelativeTime at={summary.startedAt} /> },
    summary.endedAt
      ? { label: 'Ended', value: <RelativeTime at={summary.endedAt} /> }
      : { label: 'Ends', value: <RelativeTime at={summary.endsAt} /> },
    { label: summary.endedAt ? 'Lasted' : 'Length', value: spanText(lasted) },
    ...(summary.endReason ? [{ label: 'Why it ended', value: endReasonLabels[summary.endReason] }] : []),
    {
      label: 'Rights taken away',
      value:
        detail.proven === null
          ? 'Not yet'
          : detail.proven
            ? 'Yes, read again and proven'
            : 'Could not be proven',
    },
    { label: 'End programs', value: detail.endProcesses ? 'Yes' : 'No' },
    { label: 'Recorded by', value: detail.recording },
    { label: 'Denying', value: detail.denying === 'no rules' ? 'No rules to deny by' : detail.denying },
    { label: 'Was an administrator before', value: detail.wasAdministrator ? 'Yes' : 'No' },
    ...rightsElsewhere(detail),
    {
      label: 'Computer',
      wide: true,
      value: (
        <Link to="/computers/$deviceId" params={{ deviceId: summary.device.id }}>
          {summary.device.name}
        </Link>
      ),
    },
  ]
  return (
    <Panel title="How it went">
      <Facts facts={facts} />
    </Panel>
  )
}

/** Rights that somebody gave or took without Stint while the session was live. */
function rightsElsewhere({ timeline }: SessionDetail): Fact[] {
  const changes = timeline.filter(({ type }) => type === 'rights.changed-elsewhere')
  if (changes.length === 0) return []
  const value = (
    <ul>
      {changes.map(({ at, text }) => (
        <li key={at}>
          {text} <RelativeTime at={at} />
        </li>
      ))}
    </ul>
  )
  return [{ label: 'Rights changed without Stint', value, wide: true }]
}
