import { ErrorState, PageHeader } from '@stint/ui'
import { useMe } from '../../api/account.ts'
import { asProblem } from '../../api/client.ts'
import { useOverview } from '../../api/settings.ts'
import { Counts } from './Counts.tsx'
import { FirstSteps } from './FirstSteps.tsx'
import { LiveNow } from './LiveNow.tsx'
import { OpenFindings } from './OpenFindings.tsx'
import { Troubled } from './Troubled.tsx'
import { WaitingNow } from './WaitingNow.tsx'

export function OverviewPage() {
  const me = useMe()
  const overview = useOverview()
  if (overview.error && !overview.data) {
    return (
      <ErrorState
        title="The overview could not be read."
        trouble={asProblem(overview.error)}
        onRetry={() => void overview.refetch()}
      />
    )
  }
  return (
    <>
      <PageHeader title="Overview" about={me ? aboutText(overview.data) : ' '} />
      <div className="st-stack" data-gap="6">
        <Counts overview={overview.data} />
        {overview.data && overview.data.todo.length > 0 && <FirstSteps todo={overview.data.todo} />}
        <div className="c-two-columns">
          <WaitingNow />
          <LiveNow />
        </div>
        {overview.data && overview.data.openFindings > 0 && (
          <OpenFindings count={overview.data.openFindings} />
        )}
        <Troubled />
      </div>
    </>
  )
}

function aboutText(overview: ReturnType<typeof useOverview>['data']): string {
  if (!overview) return ' '
  const { pendingRequests: waiting, liveSessions: live } = overview
  if (waiting === 0 && live === 0) return 'All quiet: nobody waits and nobody has raised rights.'
  const people = (n: number, does: string, doing: string) =>
    `${n} ${n === 1 ? `person ${does}` : `people ${doing}`}`
  const parts = [
    ...(waiting > 0 ? [`${people(waiting, 'waits', 'wait')} for an answer`] : []),
    ...(live > 0 ? [`${people(live, 'has', 'have')} administrator rights right now`] : []),
  ]
  return `${parts.join(', ')}.`
}
