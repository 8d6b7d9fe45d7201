import { Button, EmptyState, ErrorState } from '@stint/ui'
import { IconCompass } from '@tabler/icons-react'
import type { ErrorComponentProps } from '@tanstack/react-router'
import { Link } from '@tanstack/react-router'
import { asProblem } from '../api/client.ts'

export function MissingPage() {
  return (
    <EmptyState
      icon={<IconCompass size={22} />}
      title="There is no page at this address"
      action={
        <Link to="/" className="c-link">
          Go to the overview
        </Link>
      }
    >
      The link may be old, or mistyped.
    </EmptyState>
  )
}

export function BrokenPage({ error, reset }: ErrorComponentProps) {
  return (
    <div className="c-alone">
      <ErrorState
        title="This page could not be shown."
        trouble={asProblem(error)}
        onRetry={reset}
        action={
          <Button variant="subtle" size="xs" onClick={() => window.location.assign('/')}>
            Go to the overview
          </Button>
        }
      />
    </div>
  )
}
