import { useNow } from './clock.tsx'
import { clockText, spanText } from './format.ts'

interface CountdownProps {
  /** RFC 3339, or milliseconds since 1970. */
  readonly until: string | number
  /** What runs out, for screen readers: "Rights end in". */
  readonly label?: string
  /** Shown once nothing is left. */
  readonly over?: string
  /** After the time, while there is some: "left". */
  readonly suffix?: string
}

/** Time left, to the second. Says whole minutes to a screen reader instead of ticking at it. */
export function Countdown({ until, label, over = '0:00', suffix = '' }: CountdownProps) {
  const now = useNow(500)
  const left = (typeof until === 'number' ? until : Date.parse(until)) - now
  if (left <= 0) return <span className="st-num">{over}</span>
  return (
    <span className="st-num" role="timer" aria-live="off">
      <span aria-hidden="true">
        {clockText(left)} {suffix}
      </span>
      <span className="st-sr">{`${label ?? 'Time left'} ${spanText(left)}`}</span>
    </span>
  )
}

interface TimeRingProps {
  readonly from: string | number
  readonly until: string | number
  readonly size?: number
}

/** How much of a stint is left, as a ring that empties clockwise. Decoration: a Countdown says it in words. */
export function TimeRing({ from, until, size = 20 }: TimeRingProps) {
  const now = useNow(1000)
  const [start, end] = [from, until].map((t) => (typeof t === 'number' ? t : Date.parse(t)))
  const span = (end ?? 0) - (start ?? 0)
  const left = span <= 0 ? 0 : Math.min(1, Math.max(0, ((end ?? 0) - now) / span))
  const stroke = Math.max(2, size / 8)
  const radius = (size - stroke) / 2
  const around = 2 * Math.PI * radius
  return (
    <svg className="st-ring" width={size} height={size} viewBox={`0 0 ${size} ${size}`} aria-hidden="true">
      <circle
        className="st-ring-track"
        cx={size / 2}
        cy={size / 2}
        r={radius}
        strokeWidth={stroke}
        fill="none"
      />
      <circle
        className="st-ring-left"
        cx={size / 2}
        cy={size / 2}
        r={radius}
        strokeWidth={stroke}
        fill="none"
        strokeDasharray={`${around * left} ${around}`}
        transform={`rotate(-90 ${size / 2} ${size / 2}) scale(1 -1) translate(0 ${-size})`}
      />
    </svg>
  )
}
