import { type Command, CommandPalette, type NavGroup, useColorScheme } from '@stint/ui'
import {
  IconDeviceDesktop,
  IconHourglassHigh,
  IconLogout,
  IconMoon,
  IconPhone,
  IconSun,
} from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useMay, useSignOut } from '../api/account.ts'
import { useDevices } from '../api/devices.ts'
import { useRequests } from '../api/requests.ts'

interface PaletteProps {
  readonly opened: boolean
  readonly onClose: () => void
  readonly groups: readonly NavGroup[]
}

/** Ctrl/Cmd+K: every page, every waiting request, every computer, and what can be done from anywhere. */
export function Palette({ opened, onClose, groups }: PaletteProps) {
  return opened ? <OpenPalette onClose={onClose} groups={groups} /> : null
}

function OpenPalette({ onClose, groups }: Omit<PaletteProps, 'opened'>) {
  const commands = [...useActions(), ...usePages(groups), ...useWaiting(), ...useComputers()]
  return <CommandPalette opened onClose={onClose} commands={commands} />
}

function useActions(): readonly Command[] {
  const navigate = useNavigate()
  const may = useMay()
  const signOut = useSignOut()
  const [, setScheme, isDark] = useColorScheme()
  const answer: Command = {
    id: 'answer',
    group: 'Do',
    label: 'Answer a code',
    also: 'telephone call response request',
    icon: <IconPhone size={16} />,
    keys: 'c',
    run: () => void navigate({ to: '/answer' }),
  }
  return [
    ...(may('approve') ? [answer] : []),
    {
      id: 'scheme',
      group: 'Do',
      label: isDark ? 'Use the light theme' : 'Use the dark theme',
      also: 'appearance colour mode',
      icon: isDark ? <IconSun size={16} /> : <IconMoon size={16} />,
      run: () => setScheme(isDark ? 'light' : 'dark'),
    },
    {
      id: 'sign-out',
      group: 'Do',
      label: 'Sign out',
      also: 'log off leave',
      icon: <IconLogout size={16} />,
      run: () => signOut.mutate(),
    },
  ]
}

function usePages(groups: readonly NavGroup[]): readonly Command[] {
  const navigate = useNavigate()
  return groups
    .flatMap((group) => group.items)
    .map((item) => ({
      id: item.to,
      group: 'Go to',
      label: item.label,
      icon: item.icon,
      ...(item.keys ? { keys: item.keys } : {}),
      run: () => void navigate({ to: item.to }),
    }))
}

function useWaiting(): readonly Command[] {
  const navigate = useNavigate()
  const { items = [] } = useRequests('pending')
  return items.map((request) => ({
    id: request.id,
    group: 'Waiting requests',
    label: `${request.userName} on ${request.device.name}`,
    also: request.reason ?? '',
    icon: <IconHourglassHigh size={16} />,
    run: () => void navigate({ to: '/requests', search: { open: request.id } }),
  }))
}

function useComputers(): readonly Command[] {
  const navigate = useNavigate()
  const { items = [] } = useDevices()
  return items.map((device) => ({
    id: device.id,
    group: 'Computers',
    label: device.name,
    also: `${device.codePrefix} ${device.users.map((user) => user.name).join(' ')}`,
    icon: <IconDeviceDesktop size={16} />,
    run: () => void navigate({ to: '/computers/$deviceId', params: { deviceId: device.id } }),
  }))
}
