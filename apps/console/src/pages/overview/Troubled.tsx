import { Panel, StatusBadge, type Tone } from '@stint/ui'
import type { Device } from '@stint/wire/console'
import { Link } from '@tanstack/react-router'
import { useDevices } from '../../api/devices.ts'

interface Concern {
  readonly tone: Tone
  readonly text: string
}

/** Computers somebody should look at, the worst first; nothing at all when there are none. */
export function Troubled() {
  const { items = [] } = useDevices()
  const concerned = items
    .map((device) => ({ device, concerns: concernsOf(device) }))
    .filter(({ concerns }) => concerns.length > 0)
    .sort((a, b) => Number(b.device.state === 'suspended') - Number(a.device.state === 'suspended'))
  if (concerned.length === 0) return null
  return (
    <Panel title="Computers to look at" flush>
      <ul className="c-list">
        {concerned.map(({ device, concerns }) => (
          <li key={device.id} className="c-concern">
            <Link to="/computers/$deviceId" params={{ deviceId: device.id }} className="st-row-link">
              {device.name}
            </Link>
            <span className="c-concern-list">
              {concerns.map(({ tone, text }) => (
                <StatusBadge key={text} tone={tone} plain>
                  {text}
                </StatusBadge>
              ))}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function concernsOf(device: Device): readonly Concern[] {
  if (device.state === 'revoked') return []
  const isBehind = device.policySerial !== null && device.policySerial < device.policyWanted && !device.online
  return [
    ...(device.state === 'suspended'
      ? [{ tone: 'bad', text: 'Two computers claim to be this one; both are held' } as const]
      : []),
    ...(isBehind
      ? [{ tone: 'warn', text: 'Runs an older policy until it is back on the network' } as const]
      : []),
    ...device.weaknesses.map((text) => ({ tone: 'warn', text }) as const),
  ]
}
