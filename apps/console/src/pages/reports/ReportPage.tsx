import { isOneOf, type ReportName, reportLabels, reportNames } from '@stint/elevation'
import {
  DataTable,
  dateText,
  EmptyState,
  ErrorState,
  exactText,
  PageHeader,
  Panel,
  Select,
  useClock,
} from '@stint/ui'
import { IconArrowLeft, IconReportAnalytics } from '@tabler/icons-react'
import { Link, useParams } from '@tanstack/react-router'
import { useMay } from '../../api/account.ts'
import { asProblem } from '../../api/client.ts'
import { useDevices } from '../../api/devices.ts'
import { useReportRows, useReportSummary } from '../../api/reports.ts'
import { NotForYou } from '../../ui/NotForYou.tsx'
import { FilterBar } from './FilterBar.tsx'
import type { Ranking, ReportKind } from './kind.ts'
import { reportKinds } from './kinds.ts'
import { chartSpan } from './period.ts'
import { ReportSummary } from './ReportSummary.tsx'
import { ReportTools } from './ReportTools.tsx'
import { SavedFilters } from './SavedFilters.tsx'
import {
  type FilterName,
  filterChoices,
  filterLabels,
  filterOf,
  periodText,
  type ReportSearch,
} from './search.ts'
import { useReportSearch } from './useReportSearch.ts'

export function ReportPage() {
  const { report } = useParams({ from: '/shell/reports/$report' })
  const may = useMay()
  if (!may('read-reports')) return <NotForYou title="Reports" what="read reports" />
  if (!isOneOf(reportNames, report)) {
    return (
      <EmptyState icon={<IconReportAnalytics size={22} />} title="There is no report of that name">
        <Link to="/reports">All reports</Link>
      </EmptyState>
    )
  }
  return <Report key={report} name={report} />
}

function Report<N extends ReportName>({ name }: { readonly name: N }) {
  const kind: ReportKind<N> = reportKinds[name]
  const clock = useClock()
  const { search, change } = useReportSearch()
  const filter = filterOf(search, kind.has, kind.hasPeriod, clock.now())
  const rows = useReportRows(name, filter, search.sort)
  const summary = useReportSummary(name, filter)
  const summed = summary.data === undefined ? undefined : kind.summed(summary.data)
  const nameOf = useNames(summed?.rankings ?? [])
  const texts = filterTexts(search, kind, nameOf)
  return (
    <div className="c-report">
      <PageHeader
        back={
          <Link to="/reports">
            <IconArrowLeft size={15} aria-hidden="true" /> Reports
          </Link>
        }
        title={reportLabels[name]}
        about={kind.answers}
        actions={<ReportTools name={name} filter={filter} sort={search.sort} />}
      />
      <p className="c-print-only">
        {texts.join('; ')}. Printed {exactText(clock.now())}.
        {rows.more && ` The first ${rows.items?.length} rows; export for all of them.`}
      </p>
      <FilterBar
        has={kind.has}
        hasPeriod={kind.hasPeriod}
        rankings={summed?.rankings ?? []}
        nameOf={nameOf}
        saved={<SavedFilters name={name} filter={filter} />}
      />
      {summary.error && !summary.data ? (
        <ErrorState
          title="The figures could not be read."
          trouble={asProblem(summary.error)}
          onRetry={() => void summary.refetch()}
          size="inline"
        />
      ) : (
        <ReportSummary
          summed={summed}
          figures={kind.figures}
          hasChart={kind.hasChart}
          hasRankings={kind.hasRankings}
          span={(days) => chartSpan(filter, days, clock.now())}
        />
      )}
      <SortPicker kind={kind} sort={search.sort} onSort={(sort) => change({ sort })} />
      {rows.error ? (
        <ErrorState
          title="The rows could not be read."
          trouble={asProblem(rows.error)}
          onRetry={rows.refetch}
        />
      ) : (
        <Panel flush>
          <DataTable
            caption={reportLabels[name]}
            columns={kind.columns}
            rows={rows.items}
            expected={8}
            rowKey={kind.rowKey}
            {...(kind.rowLink ? { rowLink: kind.rowLink } : {})}
            sort={{ by: search.sort ?? kind.usualSort, onSort: (sort) => change({ sort }) }}
            empty={
              <EmptyState icon={<IconReportAnalytics size={22} />} title={kind.nothing}>
                {texts.join('; ')}. Take a filter away or choose a longer period.
              </EmptyState>
            }
            more={rows.more}
          />
        </Panel>
      )}
    </div>
  )
}

/** Names for ids in the address: of computers and users, and of whoever is counted below. */
function useNames(rankings: readonly Ranking[]): (name: FilterName, value: string) => string {
  const { items: devices = [] } = useDevices()
  return (name, value) => {
    const ranked = rankings.find(({ filter }) => filter === name)?.rows.find(({ id }) => id === value)
    if (ranked) return ranked.label
    if (name === 'device') return devices.find(({ id }) => id === value)?.name ?? value
    const user = devices.flatMap(({ users }) => users).find(({ userId }) => userId === value)
    return name === 'user' && user ? user.name : value
  }
}

function filterTexts<N extends ReportName>(
  search: ReportSearch,
  kind: ReportKind<N>,
  nameOf: (name: FilterName, value: string) => string,
): readonly string[] {
  const dayText = (day: string) => dateText(Date.parse(`${day}T12:00:00`))
  const chosen = kind.has.flatMap((name) => {
    const value = search[name]
    if (value === undefined) return []
    const said = filterChoices[name]?.find((choice) => choice.value === value)?.label ?? nameOf(name, value)
    return [`${filterLabels[name]}: ${said}`]
  })
  const all = [...(kind.hasPeriod ? [periodText(search, dayText)] : []), ...chosen]
  return all.length === 0 ? ['Everything'] : all
}

interface SortPickerProps<N extends ReportName> {
  readonly kind: ReportKind<N>
  readonly sort: string | undefined
  readonly onSort: (sort: string) => void
}

/** For small screens, where a row is a card and no header is there to press. */
function SortPicker<N extends ReportName>({ kind, sort, onSort }: SortPickerProps<N>) {
  const data = kind.columns.flatMap(({ header, sorts = [] }) =>
    sorts.map((by) => ({ value: by, label: `${header}, ${by.startsWith('-') ? 'downwards' : 'upwards'}` })),
  )
  return (
    <Select
      className="c-sort-small"
      aria-label="Sorted by"
      data={data}
      value={sort ?? kind.usualSort}
      onChange={(by) => by !== null && onSort(by)}
      allowDeselect={false}
    />
  )
}
