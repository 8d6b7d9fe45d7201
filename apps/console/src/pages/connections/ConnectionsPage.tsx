import {
  Button,
  type Column,
  ConfirmDialog,
  DataTable,
  EmptyState,
  ErrorState,
  PageHeader,
  Panel,
  RelativeTime,
  StatusBadge,
  toast,
} from '@stint/ui'
import type { Sink } from '@stint/wire/sinks'
import { IconPlugConnected, IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useMay } from '../../api/account.ts'
import { asProblem } from '../../api/client.ts'
import { useDeleteSink, useSinks } from '../../api/sinks.ts'
import { NotForYou } from '../../ui/NotForYou.tsx'
import { ConnectionDialog } from './ConnectionDialog.tsx'
import { ConnectionMenu } from './ConnectionMenu.tsx'
import { SecretDialog } from './SecretDialog.tsx'
import { addressText, kindTexts, stateTexts } from './words.ts'

export function ConnectionsPage() {
  const may = useMay()
  if (!may('administer-sinks')) return <NotForYou title="Connections" what="connect other systems" />
  return <Connections />
}

function Connections() {
  const sinks = useSinks()
  const [editing, setEditing] = useState<Sink | 'new' | null>(null)
  const [deleting, setDeleting] = useState<Sink | null>(null)
  const [secret, setSecret] = useState<string | null>(null)
  const button = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setEditing('new')}>
      Connect a system
    </Button>
  )
  return (
    <>
      <PageHeader
        title="Connections"
        about="Other systems that are sent every fact of the ledger, in order, each at its own pace. One that is down for a day misses nothing."
        actions={button}
      />
      {sinks.error && !sinks.data ? (
        <ErrorState
          title="The connections could not be read."
          trouble={asProblem(sinks.error)}
          onRetry={() => void sinks.refetch()}
        />
      ) : (
        <Panel flush>
          <DataTable
            caption="Connections"
            columns={columnsWith(setEditing, setDeleting, setSecret)}
            rows={sinks.data?.items}
            expected={3}
            rowKey={(sink) => sink.id}
            empty={
              <EmptyState
                icon={<IconPlugConnected size={22} />}
                title="Nothing is connected yet"
                action={button}
              >
                A SIEM by syslog, an OpenTelemetry collector, your own program by webhook, or a file.
              </EmptyState>
            }
          />
        </Panel>
      )}
      <ConnectionDialog
        sink={editing}
        hasFolder={sinks.data?.folder ?? false}
        onClose={() => setEditing(null)}
        onSecret={setSecret}
      />
      <SecretDialog secret={secret} onClose={() => setSecret(null)} />
      <DeleteDialog sink={deleting} onClose={() => setDeleting(null)} />
    </>
  )
}

function columnsWith(
  onEdit: (sink: Sink) => void,
  onDelete: (sink: Sink) => void,
  onSecret: (secret: string) => void,
): readonly Column<Sink>[] {
  return [
    {
      key: 'name',
      header: 'Connection',
      width: '32%',
      cell: (sink) => (
        <span className="st-two">
          <span className="st-strong">{sink.name}</span>
          <span title={addressText(sink.target)}>
            {kindTexts[sink.kind].label}, {addressText(sink.target)}
          </span>
        </span>
      ),
    },
    {
      key: 'facts',
      header: 'Facts',
      width: '9rem',
      cell: ({ types }) => (types === null ? 'All facts' : `${types.length} kinds of facts`),
    },
    { key: 'state', header: 'State', onCard: 'line', cell: (sink) => <SinkCondition sink={sink} /> },
    {
      key: 'behind',
      header: 'Not sent yet',
      width: '8.5rem',
      align: 'end',
      cell: ({ behind }) =>
        behind === 0 ? (
          <span className="st-faint">Nothing waits</span>
        ) : (
          `${behind.toLocaleString('en')} wait`
        ),
    },
    {
      key: 'sent',
      header: 'Last taken',
      width: '8.5rem',
      cell: ({ lastSentAt }) => <RelativeTime at={lastSentAt} never="Nothing yet" />,
    },
    {
      key: 'actions',
      header: 'Actions',
      onCard: 'corner',
      width: '6rem',
      align: 'end',
      cell: (sink) => (
        <ConnectionMenu
          sink={sink}
          onEdit={() => onEdit(sink)}
          onDelete={() => onDelete(sink)}
          onSecret={onSecret}
        />
      ),
    },
  ]
}

function SinkCondition({ sink }: { readonly sink: Sink }) {
  const { label, tone } = stateTexts[sink.state]
  return (
    <span className="c-delivery">
      <StatusBadge tone={tone} plain>
        {label}
      </StatusBadge>
      {sink.lastError && <span className="st-small st-muted">{sink.lastError}</span>}
      {sink.nextTryAt && sink.state === 'failing' && (
        <span className="st-small st-muted">
          {sink.failedTries} {sink.failedTries === 1 ? 'try' : 'tries'} failed, again{' '}
          <RelativeTime at={sink.nextTryAt} quiet />
        </span>
      )}
    </span>
  )
}

function DeleteDialog({ sink, onClose }: { readonly sink: Sink | null; readonly onClose: () => void }) {
  const remove = useDeleteSink()
  return (
    <ConfirmDialog
      opened={sink !== null}
      onClose={onClose}
      tone="danger"
      title={`Disconnect ${sink?.name ?? 'this system'}?`}
      confirm="Disconnect"
      pending={remove.isPending}
      trouble={remove.error ? asProblem(remove.error) : null}
      onConfirm={() => {
        if (!sink) return
        remove.mutate(sink.id, {
          onSuccess: () => {
            onClose()
            toast.done('Disconnected', 'It is sent nothing more.')
          },
        })
      }}
    >
      <p>
        It is sent nothing more, and how far it was is forgotten: connected again, it begins anew. Pausing
        keeps its place.
      </p>
    </ConfirmDialog>
  )
}
