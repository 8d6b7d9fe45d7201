import type { Right } from '@stint/elevation'
import type { NavGroup, NavItem } from '@stint/ui'
import type { Overview } from '@stint/wire/console'
import {
  IconAdjustmentsHorizontal,
  IconCalendarTime,
  IconDeviceDesktop,
  IconHistory,
  IconInbox,
  IconKey,
  IconLayoutDashboard,
  IconListDetails,
  IconPlugConnected,
  IconReportAnalytics,
  IconShieldSearch,
  IconUsers,
} from '@tabler/icons-react'

const size = 18

/** The pages this person may open. `keys` are shortcuts as well as what is shown. */
export function navGroups(
  may: (right: Right) => boolean,
  overview: Overview | undefined,
): readonly NavGroup[] {
  const work: NavGroup = {
    label: 'Work',
    items: [
      { to: '/', label: 'Overview', icon: <IconLayoutDashboard size={size} />, keys: 'g o', first: true },
      {
        to: '/requests',
        label: 'Requests',
        icon: <IconInbox size={size} />,
        keys: 'g r',
        first: true,
        ...(overview ? { count: overview.pendingRequests } : {}),
      },
      { to: '/sessions', label: 'Sessions', icon: <IconHistory size={size} />, keys: 'g s', first: true },
      {
        to: '/computers',
        label: 'Computers',
        icon: <IconDeviceDesktop size={size} />,
        keys: 'g c',
        first: true,
      },
    ],
  }
  const evidence: readonly NavItem[] = [
    {
      to: '/findings',
      label: 'Findings',
      icon: <IconShieldSearch size={size} />,
      keys: 'g f',
      ...(overview ? { count: overview.openFindings, counts: 'open' } : {}),
    },
    ...(may('read-reports')
      ? [{ to: '/reports', label: 'Reports', icon: <IconReportAnalytics size={size} />, keys: 'g e' }]
      : []),
    ...(may('schedule-reports')
      ? [
          {
            to: '/schedules',
            label: 'Schedules',
            icon: <IconCalendarTime size={size} />,
            keys: 'g d',
          },
        ]
      : []),
    ...(may('read-ledger')
      ? [{ to: '/ledger', label: 'Ledger', icon: <IconListDetails size={size} />, keys: 'g l' }]
      : []),
  ]
  const rules: readonly NavItem[] = [
    { to: '/policy', label: 'Policy', icon: <IconAdjustmentsHorizontal size={size} />, keys: 'g p' },
    ...(may('administer-people')
      ? [
          { to: '/people', label: 'People', icon: <IconUsers size={size} />, keys: 'g m' },
          { to: '/tokens', label: 'API tokens', icon: <IconKey size={size} />, keys: 'g t' },
        ]
      : []),
    ...(may('administer-sinks')
      ? [{ to: '/connections', label: 'Connections', icon: <IconPlugConnected size={size} />, keys: 'g n' }]
      : []),
  ]
  return [work, { label: 'Evidence', items: evidence }, { label: 'Organisation', items: rules }]
}

export function shortcutsTo(
  groups: readonly NavGroup[],
  go: (to: string) => void,
): Readonly<Record<string, () => void>> {
  const items = groups.flatMap((group) => group.items)
  return Object.fromEntries(items.flatMap(({ keys, to }) => (keys ? [[keys, () => go(to)]] : [])))
}
