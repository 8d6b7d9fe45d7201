import type { ReportName } from '@stint/elevation'
import type { SavedFilter, SavedFilterBody, SavedFilterPatch } from '@stint/wire/report-schedules'
import type {
  ComputerRow,
  ComputersSummary,
  DeniedRow,
  DeniedSummary,
  EffectivePolicyRow,
  EffectivePolicySummary,
  ProcessesSummary,
  ProcessRow,
  ProgramReportRow,
  ProgramsSummary,
  ReportFilter,
  RequestReportRow,
  RequestsSummary,
  UsageRow,
  UsageSummary,
} from '@stint/wire/reports'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { call } from './client.ts'
import { useList } from './pages.ts'

export interface ReportRows {
  readonly usage: UsageRow
  readonly processes: ProcessRow
  readonly requests: RequestReportRow
  readonly programs: ProgramReportRow
  readonly denied: DeniedRow
  readonly 'effective-policy': EffectivePolicyRow
  readonly computers: ComputerRow
}
export interface ReportSummaries {
  readonly usage: UsageSummary
  readonly processes: ProcessesSummary
  readonly requests: RequestsSummary
  readonly programs: ProgramsSummary
  readonly denied: DeniedSummary
  readonly 'effective-policy': EffectivePolicySummary
  readonly computers: ComputersSummary
}

function queryText(asked: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(asked).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`
}

export function useReportRows<N extends ReportName>(name: N, filter: ReportFilter, sort: string | undefined) {
  const path = `/reports/${name}${queryText({ ...filter, sort })}`
  return useList<ReportRows[N]>(['reports', name, 'rows', filter, sort ?? ''], path)
}

/** The one before stays on screen until the new one is here. */
export function useReportSummary<N extends ReportName>(name: N, filter: ReportFilter) {
  return useQuery({
    queryKey: ['reports', name, 'summary', filter],
    queryFn: () => call<ReportSummaries[N]>('GET', `/reports/${name}/summary${queryText(filter)}`),
    placeholderData: keepPreviousData,
  })
}

/** Where the whole report can be downloaded from; the browser's cookie opens it. */
export function exportAddress(
  name: ReportName,
  filter: ReportFilter,
  sort: string | undefined,
  how: { readonly format: 'csv' | 'json'; readonly bom?: 'true' },
): string {
  return `/api/v1/reports/${name}/export${queryText({ ...filter, sort, ...how })}`
}

export function useSavedFilters() {
  return useQuery({
    queryKey: ['report-filters'],
    queryFn: async () =>
      (await call<{ readonly items: readonly SavedFilter[] }>('GET', '/reports/filters')).items,
  })
}

function useFilterChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSettled: () => client.invalidateQueries({ queryKey: ['report-filters'] }),
  })
}

export function useSaveFilter() {
  return useFilterChange((body: SavedFilterBody) => call<SavedFilter>('POST', '/reports/filters', body))
}

export function useChangeFilter() {
  return useFilterChange(({ id, ...patch }: SavedFilterPatch & { readonly id: string }) =>
    call<SavedFilter>('PATCH', `/reports/filters/${id}`, patch),
  )
}

export function useDeleteFilter() {
  return useFilterChange((id: string) => call<void>('DELETE', `/reports/filters/${id}`))
}
