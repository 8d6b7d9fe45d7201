import { useNavigate, useSearch } from '@tanstack/react-router'
import { filterNames, type ReportSearch } from './search.ts'

/** The filters in the address, and what changes them: each change is a place to come back to. */
export function useReportSearch() {
  const search: ReportSearch = useSearch({ from: '/shell/reports/$report' })
  const navigate = useNavigate({ from: '/reports/$report' })
  /** Undefined takes a filter away. */
  const change = (to: { readonly [K in keyof ReportSearch]: string | undefined }) => {
    const next = Object.entries({ ...search, ...to }).filter(
      ([, value]) => value !== undefined && value !== '',
    )
    void navigate({ search: Object.fromEntries(next), resetScroll: false })
  }
  const clear = () => change(Object.fromEntries(filterNames.map((name) => [name, undefined])))
  return { search, change, clear }
}
