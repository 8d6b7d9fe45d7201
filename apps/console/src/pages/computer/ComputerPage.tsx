import {
  DeviceStateBadge,
  EmptyState,
  ErrorState,
  Facts,
  Notice,
  PageHeader,
  Panel,
  RelativeTime,
  Skeleton,
  StatusBadge,
} from '@stint/ui'
import type { Device } from '@stint/wire/console'
import { IconArrowLeft, IconHistory } from '@tabler/icons-react'
import { Link, useParams } from '@tanstack/react-router'
import { asProblem } from '../../api/client.ts'
import { useDevice } from '../../api/devices.ts'
import { useSessions } from '../../api/sessions.ts'
import { accountText } from '../../ui/RequestFacts.tsx'
import { SessionTable } from '../../ui/SessionTable.tsx'
import { DeviceActions } from './DeviceActions.tsx'

export function ComputerPage() {
  const { deviceId } = useParams({ from: '/shell/computers/$deviceId' })
  const device = useDevice(deviceId)
  const back = (
    <Link to="/computers">
      <IconArrowLeft size={15} aria-hidden="true" /> Computers
    </Link>
  )
  if (device.error && !device.data) {
    return (
      <ErrorState
        title="This computer could not be read."
        trouble={asProblem(device.error)}
        onRetry={() => void device.refetch()}
      />
    )
  }
  if (!device.data) {
    return (
      <>
        <PageHeader back={back} title={<Skeleton height={30} width={220} />} />
        <Skeleton height={380} radius="lg" />
      </>
    )
  }
  return (
    <>
      <PageHeader
        back={back}
        title={device.data.name}
        about={
          <span className="c-session-about">
            <DeviceStateBadge state={device.data.state} online={device.data.online} />
            <span>{device.data.os}</span>
            <span>
              last seen <RelativeTime at={device.data.lastSeenAt} never="never" />
            </span>
          </span>
        }
        actions={<DeviceActions device={device.data} />}
      />
      <DeviceBody device={device.data} />
    </>
  )
}

function DeviceBody({ device }: { readonly device: Device }) {
  return (
    <div className="c-session">
      <div className="st-stack">
        {device.state === 'suspended' && (
          <Notice tone="bad" title="Two computers claim to be this one">
            A copy of its disk or a restored snapshot is the usual cause. Find out which is the real one; then
            release it here, or revoke it and enrol it again.
          </Notice>
        )}
        {device.state === 'revoked' && (
          <Notice tone="off" title="Revoked">
            The server no longer speaks with it and answers none of its codes. Its sessions stay on record.
          </Notice>
        )}
        <DeviceSessions device={device} />
      </div>
      <div className="st-stack">
        <About device={device} />
        <Users device={device} />
        <Health device={device} />
      </div>
    </div>
  )
}

function About({ device }: { readonly device: Device }) {
  const isCurrent = device.policySerial === device.policyWanted
  return (
    <Panel title="About">
      <Facts
        facts={[
          { label: 'Codes begin with', value: <span className="st-mono">{device.codePrefix}</span> },
          { label: 'Kind', value: device.class },
          { label: 'Agent', value: device.agentVersion },
          { label: 'Enrolled', value: <RelativeTime at={device.enrolledAt} /> },
          {
            label: 'Policy',
            wide: true,
            value: (
              <StatusBadge tone={isCurrent ? 'good' : 'wait'} plain>
                {isCurrent
                  ? `Current, number ${device.policyWanted}`
                  : `Has ${device.policySerial ?? 'none'}, gets ${device.policyWanted} with the next contact`}
              </StatusBadge>
            ),
          },
          { label: 'Identity', wide: true, value: <span className="st-mono">{device.id}</span> },
        ]}
      />
    </Panel>
  )
}

function Users({ device }: { readonly device: Device }) {
  return (
    <Panel title="Users" flush>
      {device.users.length === 0 ? (
        <p className="c-pad st-muted">None reported yet. They come with the first contact.</p>
      ) : (
        <ul className="c-list">
          {device.users.map((user) => (
            <li key={user.userId}>
              <div className="st-two">
                <span>{user.name}</span>
                <span>{accountText(user.userId)}</span>
              </div>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}

function Health({ device }: { readonly device: Device }) {
  return (
    <Panel title="Health" flush>
      {device.weaknesses.length === 0 ? (
        <p className="c-pad">
          <StatusBadge tone="good" plain>
            It reports no weakness
          </StatusBadge>
        </p>
      ) : (
        <ul className="c-list">
          {device.weaknesses.map((weakness) => (
            <li key={weakness} className="c-weakness">
              <StatusBadge tone="warn" plain>
                {weakness}
              </StatusBadge>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}

function DeviceSessions({ device }: { readonly device: Device }) {
  const sessions = useSessions({ device: device.id })
  if (sessions.error) {
    return <ErrorState trouble={asProblem(sessions.error)} onRetry={sessions.refetch} size="inline" />
  }
  return (
    <Panel title="Sessions" flush>
      <SessionTable
        caption={`Sessions on ${device.name}`}
        kind="device"
        sessions={sessions}
        expected={3}
        empty={
          <EmptyState icon={<IconHistory size={22} />} title="No session here yet">
            The first time somebody has administrator rights on it, it is recorded here.
          </EmptyState>
        }
      />
    </Panel>
  )
}
