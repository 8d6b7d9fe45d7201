import { Button } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import type { ReactNode } from 'react'

/** Anything that went wrong, in the shape of a refusal. */
export interface Trouble {
  /** Stable, kebab-case. */
  readonly code: string
  /** What happened, one sentence. */
  readonly message: string
  /** What to do next, one sentence. */
  readonly hint: string
}

interface ErrorStateProps {
  readonly trouble: Trouble
  /** Says what could not be done: "The requests could not be read." */
  readonly title?: string
  readonly onRetry?: () => void
  readonly action?: ReactNode
  /** `inline`: one block inside a form or panel. `page`: in place of the content. */
  readonly size?: 'inline' | 'page'
}

/** What happened, why, what to do next, and the code to quote. */
export function ErrorState({ trouble, title, onRetry, action, size = 'page' }: ErrorStateProps) {
  return (
    <div className="st-error" data-size={size} role="alert">
      <IconAlertTriangle className="st-error-icon" size={20} aria-hidden="true" />
      <div className="st-error-body">
        {title && <p className="st-error-title">{title}</p>}
        <p className={title ? '' : 'st-error-title'}>{trouble.message}</p>
        <p className="st-muted">{trouble.hint}</p>
        <p className="st-error-code">
          Code <span className="st-mono">{trouble.code}</span>
        </p>
        {(onRetry ?? action) && (
          <div className="st-row" data-gap="2">
            {onRetry && (
              <Button variant="default" size="xs" onClick={onRetry}>
                Try again
              </Button>
            )}
            {action}
          </div>
        )}
      </div>
    </div>
  )
}
