import { roleLabels } from '@stint/elevation'
import {
  Button,
  type Column,
  DataTable,
  EmptyState,
  ErrorState,
  PageHeader,
  Panel,
  RelativeTime,
  StatusBadge,
  type Tone,
} from '@stint/ui'
import type { Person } from '@stint/wire/console'
import { IconUserPlus, IconUsers } from '@tabler/icons-react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMay, useMe } from '../../api/account.ts'
import { asProblem } from '../../api/client.ts'
import { usePeople } from '../../api/people.ts'
import { NotForYou } from '../../ui/NotForYou.tsx'
import { InviteDialog } from './InviteDialog.tsx'
import { PersonMenu } from './PersonMenu.tsx'

const states: Record<Person['state'], { readonly tone: Tone; readonly label: string }> = {
  active: { tone: 'good', label: 'Active' },
  invited: { tone: 'wait', label: 'Invited' },
  disabled: { tone: 'off', label: 'Disabled' },
}

export function PeoplePage() {
  const search = useSearch({ from: '/shell/people' })
  const navigate = useNavigate({ from: '/people' })
  const may = useMay()
  const me = useMe()
  const people = usePeople()
  const columns: readonly Column<Person>[] = [
    {
      key: 'name',
      header: 'Person',
      cell: (person) => (
        <span className="st-two">
          <span className="st-strong">
            {person.name || person.email}
            {person.id === me?.id && <span className="st-faint"> (you)</span>}
          </span>
          {person.name && <span>{person.email}</span>}
        </span>
      ),
    },
    { key: 'role', header: 'Role', width: '10rem', cell: (person) => roleLabels[person.role] },
    {
      key: 'state',
      header: 'State',
      width: '9rem',
      cell: (person) => (
        <StatusBadge tone={states[person.state].tone} plain>
          {states[person.state].label}
        </StatusBadge>
      ),
    },
    {
      key: 'seen',
      header: 'Last here',
      width: '9rem',
      cell: (person) => <RelativeTime at={person.lastSeenAt} />,
    },
    {
      key: 'menu',
      header: 'Actions',
      onCard: 'corner',
      width: '5.5rem',
      align: 'end',
      cell: (person) => (person.id === me?.id ? null : <PersonMenu person={person} />),
    },
  ]
  if (!may('administer-people')) {
    return <NotForYou title="People" what="see people" />
  }
  return (
    <>
      <PageHeader
        title="People"
        about="Who uses this console, and as what. Users of computers need no account here."
        actions={
          <Button
            leftSection={<IconUserPlus size={16} />}
            onClick={() => void navigate({ search: { invite: 'yes' } })}
          >
            Invite
          </Button>
        }
      />
      {people.error ? (
        <ErrorState
          title="The people could not be read."
          trouble={asProblem(people.error)}
          onRetry={people.refetch}
        />
      ) : (
        <Panel flush>
          <DataTable
            caption="People"
            columns={columns}
            rows={people.items}
            expected={3}
            rowKey={(person) => person.id}
            empty={<EmptyState icon={<IconUsers size={22} />} title="Nobody is here" />}
            more={people.more}
          />
        </Panel>
      )}
      <InviteDialog opened={search.invite !== undefined} onClose={() => void navigate({ search: {} })} />
    </>
  )
}
