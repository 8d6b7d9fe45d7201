import { Drawer } from '@mantine/core'
import { IconMenu2 } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import { KeyHint } from '../keys/KeyHint.tsx'

export interface NavItem {
  readonly to: string
  readonly label: string
  readonly icon: ReactNode
  /** How many things wait there; 0 shows nothing. */
  readonly count?: number
  /** What the count says to a screen reader: "waiting" unless told. Anything but that is a quieter number. */
  readonly counts?: string
  readonly keys?: string
  /** Also on the bar at the bottom of small screens, which has room for four. */
  readonly first?: boolean
}

export interface NavGroup {
  readonly label: string
  readonly items: readonly NavItem[]
}

interface AppShellProps {
  readonly brand: ReactNode
  readonly groups: readonly NavGroup[]
  /** Makes the link of the face's router; it marks the current page with `aria-current="page"`. */
  readonly link: (to: string, className: string, children: ReactNode, onClick?: () => void) => ReactNode
  /** Search, and the one action that everything else stands back for. */
  readonly tools: ReactNode
  /** Tools of the top bar on small screens. */
  readonly topTools: ReactNode
  readonly account: ReactNode
  readonly children: ReactNode
}

/** Navigation at the side; on small screens a bar at the bottom and the rest in a drawer. */
export function AppShell({ brand, groups, link, tools, topTools, account, children }: AppShellProps) {
  const [opened, setOpened] = useState(false)
  const first = groups.flatMap((group) => group.items).filter((item) => item.first)
  return (
    <div className="st-shell">
      <a className="st-skip" href="#main">
        Skip to content
      </a>
      <aside className="st-side" aria-label="Sidebar">
        <div className="st-side-brand">{brand}</div>
        <div className="st-side-tools">{tools}</div>
        <SideNav groups={groups} link={link} />
        <div className="st-side-account">{account}</div>
      </aside>
      <header className="st-top">
        {brand}
        <div className="st-top-tools">{topTools}</div>
      </header>
      <main className="st-main" id="main" tabIndex={-1}>
        {children}
      </main>
      <nav className="st-bottom" aria-label="Main">
        {first.map((item) => (
          <span key={item.to} className="st-bottom-slot">
            {link(
              item.to,
              'st-bottom-link',
              <>
                {item.icon}
                <span>{item.label}</span>
                <NavCount count={item.count} counts={item.counts} />
              </>,
            )}
          </span>
        ))}
        <span className="st-bottom-slot">
          <button type="button" className="st-bottom-link" onClick={() => setOpened(true)}>
            <IconMenu2 size={20} aria-hidden="true" />
            <span>More</span>
          </button>
        </span>
      </nav>
      <Drawer
        opened={opened}
        onClose={() => setOpened(false)}
        title="Menu"
        position="right"
        size="19rem"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <div data-st-modal="" className="st-stack">
          <SideNav groups={groups} link={link} onClick={() => setOpened(false)} />
          {account}
        </div>
      </Drawer>
    </div>
  )
}

type SideNavProps = Pick<AppShellProps, 'groups' | 'link'> & { readonly onClick?: () => void }

function SideNav({ groups, link, onClick }: SideNavProps) {
  return (
    <nav className="st-nav" aria-label="Pages">
      {groups.map((group) => (
        <div key={group.label} className="st-nav-group">
          <p className="st-nav-label">{group.label}</p>
          <ul>
            {group.items.map((item) => (
              <li key={item.to}>
                {link(
                  item.to,
                  'st-nav-link',
                  <>
                    {item.icon}
                    <span className="st-cut">{item.label}</span>
                    <NavCount count={item.count} counts={item.counts} />
                    {item.keys && <KeyHint keys={item.keys} />}
                  </>,
                  onClick,
                )}
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  )
}

type NavCountProps = { readonly [K in 'count' | 'counts']: NavItem[K] | undefined }

function NavCount({ count = 0, counts }: NavCountProps) {
  if (count === 0) return null
  return (
    <span className="st-nav-count st-num" data-quiet={counts !== undefined || undefined}>
      {count}
      <span className="st-sr"> {counts ?? 'waiting'}</span>
    </span>
  )
}
