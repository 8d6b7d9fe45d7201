import {
  ActionIcon,
  AppShell,
  Brand,
  Button,
  commandKey,
  KeyHint,
  Notice,
  Skeleton,
  useShortcuts,
} from '@stint/ui'
import { IconPhone, IconSearch } from '@tabler/icons-react'
import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { useMay, useMe } from '../api/account.ts'
import { useLiveUpdates } from '../api/events.ts'
import { useOverview } from '../api/settings.ts'
import { AccountMenu } from './AccountMenu.tsx'
import { navGroups, shortcutsTo } from './navigation.tsx'
import { Palette } from './Palette.tsx'
import { ShortcutHelp } from './ShortcutHelp.tsx'

/** What is around every page behind the sign-in. */
export function Shell() {
  const me = useMe()
  if (me === undefined) return <Skeleton height={240} />
  if (me === null) return <SignInAgain />
  return <SignedInShell />
}

/** The session is over: to the sign-in, once, remembering where it happened. */
function SignInAgain() {
  const navigate = useNavigate()
  const { href } = useLocation()
  const wanted = useRef(href)
  useEffect(() => {
    void navigate({ to: '/sign-in', search: { return: wanted.current }, replace: true })
  }, [navigate])
  return null
}

function SignedInShell() {
  const [open, setOpen] = useState<'palette' | 'help' | null>(null)
  const may = useMay()
  const navigate = useNavigate()
  const connected = useLiveUpdates()
  const { data: overview } = useOverview()
  const groups = navGroups(may, overview)
  useFocusOnNavigation()
  useShortcuts({
    ...shortcutsTo(groups, (to) => void navigate({ to })),
    ...(may('approve') ? { c: () => void navigate({ to: '/answer' }) } : {}),
    'mod+k': () => setOpen('palette'),
    '/': () => setOpen('palette'),
    '?': () => setOpen('help'),
  })
  return (
    <>
      <AppShell
        brand={<Brand />}
        groups={groups}
        link={(to, className, children, onClick) => (
          <Link
            to={to}
            className={className}
            activeOptions={{ exact: to === '/', includeSearch: false }}
            {...(onClick ? { onClick } : {})}
          >
            {children}
          </Link>
        )}
        tools={
          <>
            <button type="button" className="c-search" onClick={() => setOpen('palette')}>
              <IconSearch size={16} aria-hidden="true" />
              <span>Search</span>
              <KeyHint keys={`${commandKey()} K`} />
            </button>
            {may('approve') && (
              <Button
                renderRoot={(props) => <Link to="/answer" {...props} />}
                leftSection={<IconPhone size={16} />}
                fullWidth
              >
                Answer a code
              </Button>
            )}
          </>
        }
        topTools={
          <>
            <ActionIcon variant="subtle" size={40} aria-label="Search" onClick={() => setOpen('palette')}>
              <IconSearch size={20} />
            </ActionIcon>
            {may('approve') && (
              <ActionIcon
                variant="subtle"
                size={40}
                aria-label="Answer a code"
                renderRoot={(props) => <Link to="/answer" {...props} />}
              >
                <IconPhone size={20} />
              </ActionIcon>
            )}
          </>
        }
        account={<AccountMenu onShortcuts={() => setOpen('help')} />}
      >
        {!connected && (
          <div className="c-offline" role="status">
            <Notice tone="warn">
              Not connected to the server. What you see may be old; it is read again by itself once the server
              answers.
            </Notice>
          </div>
        )}
        <Outlet />
      </AppShell>
      <Palette opened={open === 'palette'} onClose={() => setOpen(null)} groups={groups} />
      <ShortcutHelp opened={open === 'help'} onClose={() => setOpen(null)} groups={groups} />
    </>
  )
}

/** A new page starts at its top for keyboards and screen readers too, unless a field of it took the focus. */
function useFocusOnNavigation() {
  const { pathname } = useLocation()
  const last = useRef(pathname)
  useEffect(() => {
    if (last.current === pathname) return
    last.current = pathname
    const main = document.getElementById('main')
    if (main && !main.contains(document.activeElement)) main.focus({ preventScroll: true })
  }, [pathname])
}
