import {
  IconAlertTriangleFilled,
  IconCircleCheckFilled,
  IconCircleDashed,
  IconCircleDotFilled,
  IconCircleMinus,
  IconHourglassHigh,
  IconXboxXFilled,
  type TablerIcon,
} from '@tabler/icons-react'
import type { ReactNode } from 'react'

/** What a state means to whoever looks at it. Each has its own shape, so colour is never the only sign. */
export type Tone = 'live' | 'good' | 'wait' | 'warn' | 'bad' | 'off' | 'unknown'

const shapes: Record<Tone, TablerIcon> = {
  live: IconCircleDotFilled,
  good: IconCircleCheckFilled,
  wait: IconHourglassHigh,
  warn: IconAlertTriangleFilled,
  bad: IconXboxXFilled,
  off: IconCircleMinus,
  unknown: IconCircleDashed,
}

interface StatusBadgeProps {
  readonly tone: Tone
  readonly children: ReactNode
  /** `plain`: shape and text without a background, for dense rows. */
  readonly plain?: boolean
}

export function StatusBadge({ tone, children, plain = false }: StatusBadgeProps) {
  const Shape = shapes[tone]
  return (
    <span className="st-badge" data-tone={tone} data-plain={plain || undefined}>
      <Shape size={14} aria-hidden="true" />
      {children}
    </span>
  )
}

interface NoticeProps {
  readonly tone: Tone
  readonly title?: string
  readonly children?: ReactNode
  readonly action?: ReactNode
}

/** Something the person should know before going on: one block, with the shape of its tone. */
export function Notice({ tone, title, children, action }: NoticeProps) {
  const Shape = shapes[tone]
  return (
    <div className="st-notice" data-tone={tone}>
      <Shape size={18} aria-hidden="true" />
      <div className="st-notice-body">
        {title && <p className="st-strong">{title}</p>}
        {children && <div>{children}</div>}
      </div>
      {action && <div className="st-notice-action">{action}</div>}
    </div>
  )
}
