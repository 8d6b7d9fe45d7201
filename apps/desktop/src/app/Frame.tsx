import { ActionIcon, Brand, RelativeTime, StatusBadge, Tooltip, useColorScheme } from '@stint/ui'
import type { UserStatus } from '@stint/wire/local-user'
import { IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react'
import type { ReactNode } from 'react'

interface FrameProps {
  readonly status: UserStatus | null
  readonly page: ReactNode
  readonly below?: ReactNode
}

/** One column: whose page it is, what is going on, and what was before. */
export function Frame({ status, page, below }: FrameProps) {
  return (
    <div className="dt-frame">
      <header className="dt-top">
        <Brand />
        <div className="dt-top-state">
          {status && <Connection status={status} />}
          <SchemeSwitch />
        </div>
      </header>
      <main className="dt-main" id="main">
        {page}
      </main>
      {below && <div className="dt-below">{below}</div>}
    </div>
  )
}

function Connection({ status }: { readonly status: UserStatus }) {
  const { name, enrolled, online, lastContactAt } = status.device
  return (
    <p className="dt-connection">
      <span className="dt-computer st-cut">{name}</span>
      {enrolled &&
        (online ? (
          <StatusBadge tone="good" plain>
            Server reached
          </StatusBadge>
        ) : (
          <>
            <StatusBadge tone="warn" plain>
              No server
            </StatusBadge>
            {lastContactAt && (
              <span className="dt-last">
                last reached <RelativeTime at={lastContactAt} quiet />
              </span>
            )}
          </>
        ))}
    </p>
  )
}

const schemes = {
  auto: { next: 'light', label: 'Colours as the system', Icon: IconDeviceDesktop },
  light: { next: 'dark', label: 'Light colours', Icon: IconSun },
  dark: { next: 'auto', label: 'Dark colours', Icon: IconMoon },
} as const

function SchemeSwitch() {
  const [scheme, setScheme] = useColorScheme()
  const { next, label, Icon } = schemes[scheme]
  return (
    <Tooltip label={`${label}. Press for: ${schemes[next].label.toLowerCase()}`}>
      <ActionIcon variant="subtle" size="lg" aria-label={label} onClick={() => setScheme(next)}>
        <Icon size={18} aria-hidden="true" />
      </ActionIcon>
    </Tooltip>
  )
}
