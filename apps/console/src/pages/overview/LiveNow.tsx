import { Countdown, EmptyState, ErrorState, Panel, TimeRing } from '@stint/ui'
import { IconHourglassHigh } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { asProblem } from '../../api/client.ts'
import { useSessions } from '../../api/sessions.ts'
import { SkeletonRows } from './WaitingNow.tsx'

const SHOWN = 5

export function LiveNow() {
  const { items, error, refetch } = useSessions({ state: 'live' })
  return (
    <Panel
      title="Raised right now"
      actions={
        <Link to="/sessions" className="st-small">
          All sessions
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
        <EmptyState icon={<IconHourglassHigh size={22} />} title="Nobody is an administrator right now">
          As far as the computers that report have said.
        </EmptyState>
      ) : (
        <ul className="c-list">
          {items.slice(0, SHOWN).map((session) => (
            <li key={session.id}>
              <TimeRing from={session.startedAt} until={session.endsAt} size={26} />
              <div className="st-two">
                <span>
                  <Link to="/sessions/$sessionId" params={{ sessionId: session.id }} className="st-row-link">
                    {session.userName}
                  </Link>
                  <span className="st-muted"> on {session.device.name}</span>
                </span>
                <span>{session.reason ?? 'Reason not reported yet'}</span>
              </div>
              <div className="c-list-end">
                <Countdown until={session.endsAt} label="Rights end in" over="Ending…" suffix="left" />
              </div>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
