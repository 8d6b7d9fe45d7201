import { modeLabels } from '@stint/elevation'
import { DeviceStateBadge, type Fact, Facts, minutesText, RelativeTime } from '@stint/ui'
import type { RequestView } from '@stint/wire/console'
import { Link } from '@tanstack/react-router'

/** The account as the computer numbers it: `uid 1000` of `uid:1000:ana`, or the rest of `upn:…` and `sid:…`. */
export function accountText(userId: string): string {
  const uid = /^uid:(\d+):/.exec(userId)
  return uid ? `uid ${uid[1]}` : userId.replace(/^(upn|sid):/, '')
}

/** Who, where, why: what somebody must know to decide. */
export function RequestFacts({ request }: { readonly request: RequestView }) {
  const facts: Fact[] = [
    {
      label: 'Reason',
      wide: true,
      value: request.reason ?? (
        <span className="st-muted">
          Not known: it is on the computer’s screen. Ask the caller to read it.
        </span>
      ),
    },
    { label: 'User', value: <TwoLines first={request.userName} second={accountText(request.userId)} /> },
    {
      label: 'Computer',
      value: (
        <div className="st-two">
          <Link to="/computers/$deviceId" params={{ deviceId: request.device.id }}>
            {request.device.name}
          </Link>
          <DeviceStateBadge state="enrolled" online={request.device.online} />
        </div>
      ),
    },
    { label: 'What', value: modeLabels[request.mode] },
    { label: 'Asked for', value: request.minutes === null ? 'Not known' : minutesText(request.minutes) },
    ...(request.ticket ? [{ label: 'Ticket', value: request.ticket }] : []),
    { label: 'Asked', value: <RelativeTime at={request.createdAt} /> },
    ...(request.state === 'pending'
      ? [{ label: 'Runs out', value: <RelativeTime at={request.expiresAt} /> }]
      : []),
  ]
  return <Facts facts={facts} />
}

function TwoLines({ first, second }: { readonly first: string; readonly second: string }) {
  return (
    <div className="st-two">
      <span>{first}</span>
      {second !== first && <span>{second}</span>}
    </div>
  )
}
