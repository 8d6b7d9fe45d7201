import type { Overview } from '@stint/wire/console'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

/** Four numbers, each leading to what it counts. */
export function Counts({ overview }: { readonly overview: Overview | undefined }) {
  const offline = overview ? overview.devices - overview.devicesOnline : 0
  return (
    <ul className="c-counts">
      <Count to="/requests" label="Waiting requests" value={overview?.pendingRequests} isHot />
      <Count to="/sessions" label="Live sessions" value={overview?.liveSessions} isLive />
      <Count to="/computers" label="Computers" value={overview?.devices} />
      <Count
        to="/computers"
        label="Online now"
        value={overview?.devicesOnline}
        note={overview && offline > 0 ? `${offline} offline` : undefined}
      />
    </ul>
  )
}

interface CountProps {
  readonly to: '/requests' | '/sessions' | '/computers'
  readonly label: string
  readonly value: number | undefined
  readonly note?: ReactNode
  readonly isHot?: boolean
  readonly isLive?: boolean
}

function Count({ to, label, value, note, isHot = false, isLive = false }: CountProps) {
  return (
    <li
      className="c-count"
      data-hot={(isHot && (value ?? 0) > 0) || undefined}
      data-live={(isLive && (value ?? 0) > 0) || undefined}
    >
      <Link to={to} className="st-row-link c-count-label">
        {label}
      </Link>
      <p className="c-count-value st-num">{value ?? <span className="st-skel" />}</p>
      {note && <p className="c-count-note">{note}</p>}
    </li>
  )
}
