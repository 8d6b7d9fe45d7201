import { Button, EmptyState, ErrorState, Panel, ProcessTree, Skeleton, Switch } from '@stint/ui'
import type { SessionSummary } from '@stint/wire/console'
import { IconTerminal2 } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { asProblem } from '../../api/client.ts'
import type { Listed } from '../../api/pages.ts'
import { type ProcessRow, useProcesses } from '../../api/sessions.ts'
import { withoutOwnHook } from './own-hook.ts'

const ROW_PX = 32

export function ProcessPanel({ session }: { readonly session: SessionSummary }) {
  const listed = useProcesses(session.id)
  return (
    <Panel
      title="What ran with raised rights"
      about={aboutText(session.processes, listed.items?.length)}
      flush
    >
      {listed.error ? (
        <div className="c-pad">
          <ErrorState trouble={asProblem(listed.error)} onRetry={listed.refetch} size="inline" />
        </div>
      ) : listed.items === undefined ? (
        <div className="c-pad">
          <Skeleton height={Math.min(10, Math.max(2, session.processes)) * ROW_PX} />
        </div>
      ) : listed.items.length === 0 ? (
        <NoProcesses session={session} />
      ) : (
        <Processes items={listed.items} more={listed.more} isOver={session.state === 'ended'} />
      )}
    </Panel>
  )
}

interface ProcessesProps {
  readonly items: readonly ProcessRow[]
  readonly more: Listed<ProcessRow>['more']
  readonly isOver: boolean
}

function Processes({ items, more, isOver }: ProcessesProps) {
  const { others, hooks } = useMemo(() => withoutOwnHook(items), [items])
  const [showsHook, setShowsHook] = useState(false)
  return (
    <>
      <ProcessTree label="Elevated processes" processes={showsHook ? items : others} isOver={isOver} />
      {hooks > 0 && (
        <div className="c-own-hook">
          <Switch
            size="xs"
            label={`Show Stint’s own hook (${hooks})`}
            checked={showsHook}
            onChange={(event) => setShowsHook(event.currentTarget.checked)}
          />
        </div>
      )}
      {more && (
        <div className="st-table-more">
          <Button variant="subtle" size="xs" onClick={more.onMore} loading={more.pending}>
            Show more
          </Button>
        </div>
      )}
    </>
  )
}

function NoProcesses({ session }: { readonly session: SessionSummary }) {
  const icon = <IconTerminal2 size={22} />
  if (session.processes > 0 || session.completeness === 'not-yet-reported') {
    return (
      <EmptyState icon={icon} title="Nothing has arrived yet">
        Programs appear here as the computer reports them.
      </EmptyState>
    )
  }
  return (
    <EmptyState icon={icon} title="Nothing ran with raised rights">
      The rights were given and not used.
    </EmptyState>
  )
}

function aboutText(total: number, shown: number | undefined): string {
  if (shown === undefined || total === 0) return ' '
  const many = `${total.toLocaleString('en')} elevated process${total === 1 ? '' : 'es'}`
  return shown < total ? `${many}, ${shown} shown.` : `${many}. Enter shows everything about one.`
}
