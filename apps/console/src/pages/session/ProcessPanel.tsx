import { Button, EmptyState, ErrorState, Panel, ProcessTree, Skeleton } from '@stint/ui'
import type { SessionSummary } from '@stint/wire/console'
import { IconTerminal2 } from '@tabler/icons-react'
import { asProblem } from '../../api/client.ts'
import { useProcesses } from '../../api/sessions.ts'

export function ProcessPanel({ session }: { readonly session: SessionSummary }) {
  const processes = useProcesses(session.id)
  const shown = processes.items?.length ?? 0
  const about =
    processes.items === undefined
      ? ' '
      : `${session.processes} elevated process${session.processes === 1 ? '' : 'es'}${shown < session.processes ? `, ${shown} shown` : ''}. Enter shows everything about one.`
  return (
    <Panel title="What ran with raised rights" about={about} flush>
      {processes.error ? (
        <div className="c-pad">
          <ErrorState trouble={asProblem(processes.error)} onRetry={processes.refetch} size="inline" />
        </div>
      ) : processes.items === undefined ? (
        <div className="c-pad">
          <Skeleton height={Math.min(10, Math.max(2, session.processes)) * 32} />
        </div>
      ) : processes.items.length === 0 ? (
        <EmptyState icon={<IconTerminal2 size={22} />} title="Nothing ran with raised rights">
          {session.state === 'live'
            ? 'Programs appear here as the computer reports them.'
            : 'The rights were not used.'}
        </EmptyState>
      ) : (
        <>
          <ProcessTree label="Elevated processes" processes={processes.items} />
          {processes.more && (
            <div className="st-table-more">
              <Button
                variant="subtle"
                size="xs"
                onClick={processes.more.onMore}
                loading={processes.more.pending}
              >
                Show more
              </Button>
            </div>
          )}
        </>
      )}
    </Panel>
  )
}
