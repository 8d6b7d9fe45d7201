import {
  Button,
  type Column,
  DataTable,
  DeviceStateBadge,
  EmptyState,
  ErrorState,
  PageHeader,
  Panel,
  RelativeTime,
  StatusBadge,
} from '@stint/ui'
import type { Device } from '@stint/wire/console'
import { IconDeviceDesktop, IconPlus } from '@tabler/icons-react'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useMay } from '../../api/account.ts'
import { asProblem } from '../../api/client.ts'
import { useDevices } from '../../api/devices.ts'
import { EnrolDialog } from './EnrolDialog.tsx'
import { OpenTokens } from './OpenTokens.tsx'

const columns: readonly Column<Device>[] = [
  {
    key: 'name',
    header: 'Computer',
    width: '26%',
    cell: (device) => (
      <span className="st-two">
        <span>{device.name}</span>
        <span>{device.os}</span>
      </span>
    ),
  },
  {
    key: 'state',
    header: 'State',
    width: '8.5rem',
    cell: (device) => <DeviceStateBadge state={device.state} online={device.online} />,
  },
  {
    key: 'users',
    header: 'Users',
    cell: (device) => (
      <span className="st-muted">
        {device.users.map((user) => user.name).join(', ') || 'None reported yet'}
      </span>
    ),
  },
  {
    key: 'now',
    header: 'Now',
    width: '8rem',
    cell: (device) =>
      device.liveSessions > 0 ? (
        <StatusBadge tone="live" plain>
          {device.liveSessions} live
        </StatusBadge>
      ) : device.openRequests > 0 ? (
        <StatusBadge tone="wait" plain>
          {device.openRequests} waiting
        </StatusBadge>
      ) : (
        <span className="st-faint">Quiet</span>
      ),
  },
  {
    key: 'health',
    header: 'Health',
    width: '10rem',
    wideOnly: true,
    cell: (device) =>
      device.weaknesses.length === 0 ? (
        <StatusBadge tone="good" plain>
          Nothing known
        </StatusBadge>
      ) : (
        <StatusBadge tone="warn" plain>
          {device.weaknesses.length} weakness{device.weaknesses.length === 1 ? '' : 'es'}
        </StatusBadge>
      ),
  },
  {
    key: 'seen',
    header: 'Last seen',
    width: '7.5rem',
    align: 'end',
    cell: (device) => <RelativeTime at={device.lastSeenAt} quiet />,
  },
]

export function ComputersPage() {
  const search = useSearch({ from: '/shell/computers' })
  const navigate = useNavigate({ from: '/computers' })
  const may = useMay()
  const devices = useDevices()
  const mayEnrol = may('administer-devices')
  const open = () => void navigate({ search: { enrol: 'yes' } })
  const button = (
    <Button leftSection={<IconPlus size={16} />} onClick={open}>
      Enrol a computer
    </Button>
  )
  return (
    <>
      <PageHeader
        title="Computers"
        about="Every computer with an agent. The agent asks the server; the server never reaches into a computer."
        actions={mayEnrol && button}
      />
      <div className="st-stack" data-gap="6">
        {devices.error ? (
          <ErrorState
            title="The computers could not be read."
            trouble={asProblem(devices.error)}
            onRetry={devices.refetch}
          />
        ) : (
          <Panel flush>
            <DataTable
              caption="Computers"
              columns={columns}
              rows={devices.items}
              rowKey={(device) => device.id}
              rowLink={(device, children, className) => (
                <Link to="/computers/$deviceId" params={{ deviceId: device.id }} className={className}>
                  {children}
                </Link>
              )}
              empty={
                <EmptyState
                  icon={<IconDeviceDesktop size={22} />}
                  title="No computer is enrolled yet"
                  action={mayEnrol && button}
                >
                  One command on a computer connects it. By that alone nobody gets any rights on it.
                </EmptyState>
              }
              more={devices.more}
            />
          </Panel>
        )}
        {mayEnrol && <OpenTokens />}
      </div>
      <EnrolDialog
        opened={mayEnrol && search.enrol !== undefined}
        onClose={() => void navigate({ search: {} })}
      />
    </>
  )
}
