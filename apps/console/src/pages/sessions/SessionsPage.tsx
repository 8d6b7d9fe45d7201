import { EmptyState, ErrorState, PageHeader, Panel, Tabs } from '@stint/ui'
import { IconHistory, IconHourglassHigh } from '@tabler/icons-react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { asProblem } from '../../api/client.ts'
import { useSessions } from '../../api/sessions.ts'
import { SessionTable } from '../../ui/SessionTable.tsx'

export function SessionsPage() {
  const search = useSearch({ from: '/shell/sessions' })
  const navigate = useNavigate({ from: '/sessions' })
  const tab = search.tab === 'past' ? 'past' : 'live'
  return (
    <>
      <PageHeader
        title="Sessions"
        about="Every time somebody had administrator rights: who agreed, what ran, and whether the record is whole."
      />
      <Tabs
        value={tab}
        onChange={(next) => void navigate({ search: next === 'past' ? { tab: 'past' } : {} })}
      >
        <Tabs.List aria-label="Sessions" mb="md">
          <Tabs.Tab value="live">Live</Tabs.Tab>
          <Tabs.Tab value="past">Past</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="live">
          <SessionList state="live" />
        </Tabs.Panel>
        <Tabs.Panel value="past">
          <SessionList state="ended" />
        </Tabs.Panel>
      </Tabs>
    </>
  )
}

function SessionList({ state }: { readonly state: 'live' | 'ended' }) {
  const sessions = useSessions({ state })
  if (sessions.error) {
    return (
      <ErrorState
        title="The sessions could not be read."
        trouble={asProblem(sessions.error)}
        onRetry={sessions.refetch}
      />
    )
  }
  const empty =
    state === 'live' ? (
      <EmptyState icon={<IconHourglassHigh size={22} />} title="Nobody has raised rights right now">
        As far as the computers that report have said. One that was offline tells of its sessions when it is
        back.
      </EmptyState>
    ) : (
      <EmptyState icon={<IconHistory size={22} />} title="No session has ended yet">
        When one does, it stays here with its programs, its times, and the verdict on its recording.
      </EmptyState>
    )
  return (
    <Panel flush>
      <SessionTable
        caption={state === 'live' ? 'Live sessions' : 'Past sessions'}
        kind={state}
        sessions={sessions}
        empty={empty}
      />
    </Panel>
  )
}
