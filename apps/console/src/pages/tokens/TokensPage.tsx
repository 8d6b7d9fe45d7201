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
  toast,
} from '@stint/ui'
import type { ApiToken } from '@stint/wire/console'
import { IconKey, IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useMay } from '../../api/account.ts'
import { asProblem } from '../../api/client.ts'
import { useRevokeToken, useTokens } from '../../api/people.ts'
import { NotForYou } from '../../ui/NotForYou.tsx'
import { rightTexts } from '../../ui/roles.ts'
import { MakeTokenDialog } from './MakeTokenDialog.tsx'

export function TokensPage() {
  const may = useMay()
  const tokens = useTokens()
  const [making, setMaking] = useState(false)
  const [revoking, setRevoking] = useState<ApiToken | null>(null)
  if (!may('administer-people')) {
    return <NotForYou title="API tokens" what="see API tokens" />
  }
  const button = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setMaking(true)}>
      Make a token
    </Button>
  )
  return (
    <>
      <PageHeader
        title="API tokens"
        about="For scripts and other systems. A token does what you allow it and nothing else; everything it does is in the ledger under its name."
        actions={button}
      />
      {tokens.error ? (
        <ErrorState
          title="The tokens could not be read."
          trouble={asProblem(tokens.error)}
          onRetry={tokens.refetch}
        />
      ) : (
        <Panel flush>
          <DataTable
            caption="API tokens"
            columns={columnsWith(setRevoking)}
            rows={tokens.items}
            expected={2}
            rowKey={(token) => token.id}
            empty={
              <EmptyState icon={<IconKey size={22} />} title="No token yet" action={button}>
                Everything this console does goes through the same API; it is described at{' '}
                <span className="st-mono">/api/v1/openapi.json</span>.
              </EmptyState>
            }
            more={tokens.more}
          />
        </Panel>
      )}
      <MakeTokenDialog opened={making} onClose={() => setMaking(false)} />
      <RevokeDialog token={revoking} onClose={() => setRevoking(null)} />
    </>
  )
}

function columnsWith(onRevoke: (token: ApiToken) => void): readonly Column<ApiToken>[] {
  return [
    {
      key: 'name',
      header: 'Token',
      width: '24%',
      cell: (token) => (
        <span className="st-two">
          <span className="st-strong">{token.name}</span>
          <span>by {token.createdBy}</span>
        </span>
      ),
    },
    {
      key: 'rights',
      header: 'May',
      cell: (token) => (
        <span className="st-muted st-small" title={token.rights.map((right) => rightTexts[right]).join('\n')}>
          {token.rights.map((right) => right.replaceAll('-', ' ')).join(', ')}
        </span>
      ),
    },
    {
      key: 'used',
      header: 'Last used',
      width: '9rem',
      cell: (token) => <RelativeTime at={token.lastUsedAt} />,
    },
    {
      key: 'expires',
      header: 'Runs out',
      width: '9rem',
      cell: (token) => <RelativeTime at={token.expiresAt} never="Does not" />,
    },
    {
      key: 'revoke',
      header: 'Actions',
      onCard: 'corner',
      width: '8.5rem',
      align: 'end',
      cell: (token) => (
        <Button
          variant="default"
          size="xs"
          onClick={() => onRevoke(token)}
          aria-label={`Revoke ${token.name}`}
        >
          Revoke…
        </Button>
      ),
    },
  ]
}

function RevokeDialog({ token, onClose }: { readonly token: ApiToken | null; readonly onClose: () => void }) {
  const revoke = useRevokeToken()
  return (
    <ConfirmDialog
      opened={token !== null}
      onClose={onClose}
      tone="danger"
      title={`Revoke ${token?.name ?? 'this token'}?`}
      confirm="Revoke token"
      pending={revoke.isPending}
      trouble={revoke.error ? asProblem(revoke.error) : null}
      onConfirm={() => {
        if (!token) return
        revoke.mutate(token.id, {
          onSuccess: () => {
            onClose()
            toast.done('Revoked', 'Whatever used it is refused from now on.')
          },
        })
      }}
    >
      <p>Whatever uses it is refused from now on. This cannot be undone.</p>
    </ConfirmDialog>
  )
}
