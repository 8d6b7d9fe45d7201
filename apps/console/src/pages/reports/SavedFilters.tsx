import type { ReportName } from '@stint/elevation'
import { Button, Menu } from '@stint/ui'
import type { SavedFilter } from '@stint/wire/report-schedules'
import type { ReportFilter } from '@stint/wire/reports'
import { IconBookmark, IconBookmarkPlus, IconSettings } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useSavedFilters } from '../../api/reports.ts'
import { ManageFiltersDialog } from './ManageFiltersDialog.tsx'
import { exactPeriod, periodChoice, periodOf } from './period.ts'
import { SaveFilterDialog } from './SaveFilterDialog.tsx'
import type { ReportSearch } from './search.ts'
import { useReportSearch } from './useReportSearch.ts'

interface SavedFiltersProps {
  readonly name: ReportName
  /** What is shown now, as the server is asked. */
  readonly filter: ReportFilter
}

/** Filters that were kept for this report: one's own, and those that others share. */
export function SavedFilters({ name, filter }: SavedFiltersProps) {
  const { data = [] } = useSavedFilters()
  const { search } = useReportSearch()
  const navigate = useNavigate({ from: '/reports/$report' })
  const [dialog, setDialog] = useState<'save' | 'manage' | null>(null)
  const here = data.filter(({ report }) => report === name)
  const use = (saved: SavedFilter) => {
    void navigate({ search: searchOf(saved.filter, search), resetScroll: false })
  }
  const kept = withoutPreset(filter, search)
  return (
    <>
      <Menu position="bottom-end" width={280}>
        <Menu.Target>
          <Button variant="default" leftSection={<IconBookmark size={16} />}>
            Saved{here.length > 0 && ` (${here.length})`}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <FilterItems label="Mine" filters={here.filter(({ own }) => own)} onUse={use} />
          <FilterItems label="Shared by others" filters={here.filter(({ own }) => !own)} onUse={use} />
          <Menu.Item leftSection={<IconBookmarkPlus size={16} />} onClick={() => setDialog('save')}>
            Save these filters…
          </Menu.Item>
          {here.length > 0 && (
            <Menu.Item leftSection={<IconSettings size={16} />} onClick={() => setDialog('manage')}>
              Rename, share, delete…
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <SaveFilterDialog
        opened={dialog === 'save'}
        onClose={() => setDialog(null)}
        report={name}
        filter={kept}
      />
      <ManageFiltersDialog
        opened={dialog === 'manage'}
        onClose={() => setDialog(null)}
        filters={here}
        now={kept}
      />
    </>
  )
}

interface FilterItemsProps {
  readonly label: string
  readonly filters: readonly SavedFilter[]
  readonly onUse: (saved: SavedFilter) => void
}

function FilterItems({ label, filters, onUse }: FilterItemsProps) {
  if (filters.length === 0) return null
  return (
    <>
      <Menu.Label>{label}</Menu.Label>
      {filters.map((saved) => (
        <Menu.Item key={saved.id} onClick={() => onUse(saved)}>
          <span className="st-two">
            <span>{saved.name}</span>
            {!saved.own && <span>{saved.owner.name}</span>}
          </span>
        </Menu.Item>
      ))}
      <Menu.Divider />
    </>
  )
}

/** "Last 7 days" is another week tomorrow; only exact days can be kept. */
function withoutPreset(filter: ReportFilter, search: ReportSearch): ReportFilter {
  if (periodChoice(search) === exactPeriod) return filter
  const { from: _from, to: _to, ...rest } = filter
  return rest
}

/** The address of a saved filter; without days of its own it leaves the period as it is. */
function searchOf({ from, to, ...filter }: ReportFilter, now: ReportSearch): ReportSearch {
  const days = periodOf({ ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) })
  const period =
    from === undefined && to === undefined
      ? Object.fromEntries(
          Object.entries({ period: now.period, from: now.from, to: now.to }).filter(([, one]) => one),
        )
      : { period: exactPeriod, ...days }
  return { ...period, ...filter, ...(now.sort === undefined ? {} : { sort: now.sort }) }
}
