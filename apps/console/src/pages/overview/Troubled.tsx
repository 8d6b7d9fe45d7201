import { Panel, StatusBadge, type Tone } from '@stint/ui'
import type { Device } from '@stint/wire/console'
import { Link } from '@tanstack/react-router'
import { useDevices } from '../../api/devices.ts'
import { weaknessText } from '../../ui/weaknesses.ts'

interface Concern {
  readonly device: Device
  readonly tone: Tone
  readonly text: string
}

/** Computers somebody should look at; nothing at all when there are none. */
export function Troubled() {
  const { items = [] } = useDevices()
  const concerns = items.flatMap(concernsOf)
  if (concerns.length === 0) return null
  return (
    <Panel title="Computers to look at" about="Not urgent unless it says so." flush>
      <ul className="c-list">
        {concerns.map(({ device, tone, text }) => (
          <li key={`${device.id} ${text}`}>
            <div className="st-two c-grow">
              <Link to="/computers/$deviceId" params={{ deviceId: device.id }} className="st-row-link">
                {device.name}
              </Link>
              <span>
                <StatusBadge tone={tone} plain>
                  {text}
                </StatusBadge>
              </span>
            </div>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function concernsOf(device: Device): readonly Concern[] {
  if (device.state === 'revoked') return []
  const concerns: Concern[] = []
  if (device.state === 'suspended') {
    concerns.push({ device, tone: 'bad', text: 'Two computers claim to be this one; both are held' })
  }
  if (device.policySerial !== null && device.policySerial < device.policyWanted && !device.online) {
    concerns.push({ device, tone: 'warn', text: 'Runs an older policy until it is back on the network' })
  }
  for (const weakness of device.weaknesses)
    concerns.push({ device, tone: 'warn', text: weaknessText(weakness).title })
  return concerns
}
