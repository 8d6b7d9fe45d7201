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
    {
      label: 'Asked for',
      value: (
        <TwoLines
          first={request.minutes === null ? 'Time not known' : minutesText(request.minutes)}
          second={modeLabels[request.mode]}
        />
      ),
    },
    ...(request.ticket ? [{ label: 'Ticket', value: request.ticket }] : []),
    {
      label: 'Asked',
      value: (
        <div className="st-two">
          <RelativeTime at={request.createdAt} />
          {request.state === 'pending' && (
            <span>
              runs out <RelativeTime at={request.expiresAt} />
            </span>
          )}
        </div>
      ),
    },
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
