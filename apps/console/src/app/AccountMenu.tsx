import { roleLabels } from '@stint/elevation'
import { type ColorScheme, Menu, SegmentedControl, useColorScheme } from '@stint/ui'
import { IconKeyboard, IconLogout, IconSelector } from '@tabler/icons-react'
import { useMe, useSignOut } from '../api/account.ts'

const schemes: { value: ColorScheme; label: string }[] = [
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
  { value: 'auto', label: 'System' },
]

export function AccountMenu({ onShortcuts }: { readonly onShortcuts: () => void }) {
  const me = useMe()
  const signOut = useSignOut()
  const [scheme, setScheme] = useColorScheme()
  if (!me) return null
  return (
    <Menu position="top-start" width={248} offset={6}>
      <Menu.Target>
        <button type="button" className="c-account">
          <span className="c-initials" aria-hidden="true">
            {initials(me.name || me.email)}
          </span>
          <span className="st-two">
            <span>{me.name || me.email}</span>
            <span>{roleLabels[me.role]}</span>
          </span>
          <IconSelector size={16} aria-hidden="true" />
          <span className="st-sr">Account and theme</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{me.email}</Menu.Label>
        <div className="c-scheme">
          <SegmentedControl
            fullWidth
            size="xs"
            data={schemes}
            value={scheme}
            onChange={(next) => setScheme(next as ColorScheme)}
            aria-label="Theme"
          />
        </div>
        <Menu.Item leftSection={<IconKeyboard size={16} />} onClick={onShortcuts}>
          Keyboard shortcuts
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => signOut.mutate()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

function initials(name: string): string {
  const words = name.split(/[\s@.]+/).filter(Boolean)
  return `${words[0]?.[0] ?? ''}${words[1]?.[0] ?? ''}`.toUpperCase()
}
