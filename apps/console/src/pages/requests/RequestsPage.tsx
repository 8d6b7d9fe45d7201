import { modeLabels } from '@stint/elevation'
import {
  type Column,
  DataTable,
  EmptyState,
  ErrorState,
  minutesText,
  PageHeader,
  Panel,
  RelativeTime,
  RequestStateBadge,
  Split,
  Tabs,
} from '@stint/ui'
import type { RequestView } from '@stint/wire/console'
import { IconHistory, IconInbox, IconPhone } from '@tabler/icons-react'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useMay } from '../../api/account.ts'
import { asProblem } from '../../api/client.ts'
import { useRequests } from '../../api/requests.ts'
import { useSessions } from '../../api/sessions.ts'
import { SessionTable } from '../../ui/SessionTable.tsx'
import { RequestPanel } from './RequestPanel.tsx'

type Tab = 'waiting' | 'decided' | 'live'

export function RequestsPage() {
  const search = useSearch({ from: '/shell/requests' })
  const navigate = useNavigate({ from: '/requests' })
  const tab: Tab = search.tab === 'decided' || search.tab === 'live' ? search.tab : 'waiting'
  const close = () => void navigate({ search: tab === 'waiting' ? {} : { tab } })
  useCloseOnEscape(search.open !== undefined, close)
  return (
    <>
      <PageHeader title="Requests" about="Who asks for administrator rights, and what was decided." />
      <Tabs
        value={tab}
        onChange={(next) =>
          void navigate({ search: next === 'waiting' || next === null ? {} : { tab: next } })
        }
      >
        <Tabs.List aria-label="Requests" mb="md">
          <Tabs.Tab value="waiting">Waiting</Tabs.Tab>
          <Tabs.Tab value="decided">Decided</Tabs.Tab>
          <Tabs.Tab value="live">Live sessions</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="waiting">
          <RequestList tab="waiting" open={search.open} onClose={close} />
        </Tabs.Panel>
        <Tabs.Panel value="decided">
          <RequestList tab="decided" open={search.open} onClose={close} />
        </Tabs.Panel>
        <Tabs.Panel value="live">
          <LiveSessions />
        </Tabs.Panel>
      </Tabs>
    </>
  )
}

interface RequestListProps {
  readonly tab: 'waiting' | 'decided'
  readonly open: string | undefined
  readonly onClose: () => void
}

function RequestList({ tab, open, onClose }: RequestListProps) {
  const listed = useRequests(tab === 'waiting' ? 'pending' : undefined)
  if (listed.error) {
    return (
      <ErrorState
        title="The requests could not be read."
        trouble={asProblem(listed.error)}
        onRetry={listed.refetch}
      />
    )
  }
  const rows = tab === 'waiting' ? listed.items : listed.items?.filter(({ state }) => state !== 'pending')
  const isOpen = open !== undefined
  return (
    <Split
      list={
        <Panel flush>
          <DataTable
            caption={tab === 'waiting' ? 'Waiting requests' : 'Decided requests'}
            columns={columnsFor(tab, isOpen)}
            rows={rows}
            expected={4}
            rowKey={(request) => request.id}
            selectedKey={open}
            rowLink={(request, children, className) => (
              <Link
                to="/requests"
                search={{ ...(tab === 'waiting' ? {} : { tab }), open: request.id }}
                className={className}
                activeProps={{}}
                id={`request-${request.id}`}
              >
                {children}
              </Link>
            )}
            empty={<NoRequests tab={tab} />}
            more={listed.more}
          />
        </Panel>
      }
      detail={open === undefined ? null : <RequestPanel key={open} id={open} onClose={onClose} />}
    />
  )
}

function columnsFor(tab: 'waiting' | 'decided', narrow: boolean): readonly Column<RequestView>[] {
  const who: Column<RequestView> = {
    key: 'who',
    header: 'Who and where',
    width: narrow ? '40%' : '24%',
    cell: (request) => (
      <span className="st-two">
        <span>{request.userName}</span>
        <span>{request.device.name}</span>
      </span>
    ),
  }
  const why: Column<RequestView> = {
    key: 'why',
    header: 'Why',
    onCard: 'line',
    cell: (request) => (
      <span className="st-two">
        <span>{request.reason ?? <span className="st-muted">Read by telephone</span>}</span>
        {request.ticket && <span>{request.ticket}</span>}
      </span>
    ),
  }
  const asked: Column<RequestView> = {
    key: 'asked',
    header: 'Asked for',
    width: '9.5rem',
    cell: (request) => (
      <span className="st-two">
        <span>{request.minutes === null ? 'Not known' : minutesText(request.minutes)}</span>
        <span>{modeLabels[request.mode]}</span>
      </span>
    ),
  }
  const decided: Column<RequestView> = {
    key: 'decided',
    header: 'Decision',
    width: '11rem',
    cell: (request) => (
      <span className="st-two">
        <RequestStateBadge state={request.state} />
        <span>{request.decision ? `by ${request.decision.by}` : ' '}</span>
      </span>
    ),
  }
  const when: Column<RequestView> = {
    key: 'when',
    header: tab === 'waiting' ? 'Asked' : 'When',
    width: '7.5rem',
    align: 'end',
    cell: (request) => <RelativeTime at={request.decision?.at ?? request.createdAt} quiet />,
  }
  if (narrow) return tab === 'waiting' ? [who, why] : [who, decided]
  return tab === 'waiting' ? [who, why, asked, when] : [who, why, decided, when]
}

function NoRequests({ tab }: { readonly tab: 'waiting' | 'decided' }) {
  const may = useMay()
  if (tab === 'decided') {
    return (
      <EmptyState icon={<IconHistory size={22} />} title="Nothing was decided yet">
        Every approval and denial stays here, with who decided, when, and the note.
      </EmptyState>
    )
  }
  return (
    <EmptyState
      icon={<IconInbox size={22} />}
      title="Nobody is waiting"
      action={
        may('approve') && (
          <Link to="/answer" className="c-link">
            <IconPhone size={16} aria-hidden="true" /> Answer a code from a call
          </Link>
        )
      }
    >
      A request appears here by itself within a second of somebody asking. Whoever has no network reads you a
      code instead.
    </EmptyState>
  )
}

function LiveSessions() {
  const sessions = useSessions({ state: 'live' })
  if (sessions.error) {
    return (
      <ErrorState
        title="The sessions could not be read."
        trouble={asProblem(sessions.error)}
        onRetry={sessions.refetch}
      />
    )
  }
  return (
    <Panel flush>
      <SessionTable
        caption="Live sessions"
        kind="live"
        sessions={sessions}
        expected={3}
        empty={
          <EmptyState icon={<IconHistory size={22} />} title="Nobody has raised rights">
            As far as the computers that report have said. A session given by code shows here once its
            computer is back.
          </EmptyState>
        }
      />
    </Panel>
  )
}

function useCloseOnEscape(isOpen: boolean, close: () => void) {
  useEffect(() => {
    if (!isOpen) return
    const onKeyDown = (event: KeyboardEvent) => {
      const inDialog =
        event.target instanceof Element && event.target.closest('[role="dialog"], [role="menu"]')
      if (event.key === 'Escape' && !event.defaultPrevented && !inDialog) close()
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  })
}
