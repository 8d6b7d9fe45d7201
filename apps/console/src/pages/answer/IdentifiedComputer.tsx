import { Notice, RelativeTime } from '@stint/ui'
import type { CodeIdentified } from '@stint/wire/console'
import { IconDeviceDesktop } from '@tabler/icons-react'
import type { UseQueryResult } from '@tanstack/react-query'

interface IdentifiedComputerProps {
  /** Null until the first group is typed. */
  readonly prefix: string | null
  readonly identified: UseQueryResult<CodeIdentified>
}

/** Says which computer it is while the caller still reads. */
export function IdentifiedComputer({ prefix, identified }: IdentifiedComputerProps) {
  return (
    <div className="c-identified" aria-live="polite">
      {prefix === null || identified.data === undefined ? (
        <p className="st-faint">
          <IconDeviceDesktop size={18} aria-hidden="true" /> The computer shows here after the first five
          symbols.
        </p>
      ) : identified.data.device === null ? (
        <Notice tone="bad" title="No computer begins like that">
          Ask for the first five symbols again, with the words under them.
        </Notice>
      ) : (
        <KnownComputer device={identified.data.device} />
      )}
    </div>
  )
}

function KnownComputer({ device }: { readonly device: NonNullable<CodeIdentified['device']> }) {
  if (device.state !== 'enrolled') {
    return (
      <Notice tone="bad" title={`${device.name} is ${device.state}`}>
        No code of it is answered. Look at it under Computers.
      </Notice>
    )
  }
  return (
    <p>
      <IconDeviceDesktop size={18} aria-hidden="true" />
      <strong>{device.name}</strong>
      <span className="st-muted">
        last seen <RelativeTime at={device.lastSeenAt} never="never" />
      </span>
    </p>
  )
}
