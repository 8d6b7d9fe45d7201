import { EmptyState, ErrorState, minutesText, Panel, RelativeTime } from '@stint/ui'
import { IconInbox } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { asProblem } from '../../api/client.ts'
import { useRequests } from '../../api/requests.ts'

const SHOWN = 5

export function WaitingNow() {
  const { items, error, refetch } = useRequests('pending')
  return (
    <Panel
      title="Waiting for an answer"
      actions={
        <Link to="/requests" className="st-small">
          All requests
        </Link>
      }
      flush
    >
      {error ? (
        <div className="c-pad">
          <ErrorState trouble={asProblem(error)} onRetry={refetch} size="inline" />
        </div>
      ) : items === undefined ? (
        <SkeletonRows />
      ) : items.length === 0 ? (
        <EmptyState icon={<IconInbox size={22} />} title="Nobody is waiting">
          New requests appear here by themselves.
        </EmptyState>
      ) : (
        <ul className="c-list">
          {items.slice(0, SHOWN).map((request) => (
            <li key={request.id}>
              <div className="st-two">
                <span>
                  <Link to="/requests" search={{ open: request.id }} className="st-row-link">
                    {request.userName}
                  </Link>
                  <span className="st-muted"> on {request.device.name}</span>
                </span>
                <span>{request.reason ?? 'Read by telephone: the reason is on their screen'}</span>
              </div>
              <div className="c-list-end">
                <span>{request.minutes === null ? '' : minutesText(request.minutes)}</span>
                <span className="st-faint st-small">
                  <RelativeTime at={request.createdAt} quiet />
                </span>
              </div>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}

export function SkeletonRows() {
  return (
    <ul className="c-list" aria-busy="true">
      {[0, 1, 2].map((row) => (
        <li key={row}>
          <span className="st-skel" data-size={row} />
        </li>
      ))}
    </ul>
  )
}
