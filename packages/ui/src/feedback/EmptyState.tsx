import type { ReactNode } from 'react'

interface EmptyStateProps {
  /** An icon of 20 to 24 px; decoration. */
  readonly icon?: ReactNode
  readonly title: string
  /** Why it is empty and what will appear here. */
  readonly children?: ReactNode
  /** The one thing to do next. */
  readonly action?: ReactNode
}

/** Nothing here yet, said by somebody who cares: what this place is for and how the first thing gets in. */
export function EmptyState({ icon, title, children, action }: EmptyStateProps) {
  return (
    <div className="st-empty">
      {icon && (
        <span className="st-empty-icon" aria-hidden="true">
          {icon}
        </span>
      )}
      <h2 className="st-empty-title">{title}</h2>
      {children && <div className="st-empty-text">{children}</div>}
      {action && <div className="st-empty-action">{action}</div>}
    </div>
  )
}
