import type { Finding, FindingState } from '@stint/wire/findings'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { call } from './client.ts'
import { useList } from './pages.ts'

export interface FindingFilter {
  readonly state: FindingState
  readonly device?: string
  readonly code?: string
}

export function useFindings(filter: FindingFilter) {
  const query = new URLSearchParams({ ...filter })
  return useList<Finding>(['findings', filter], `/findings?${query}`)
}

/** Once, with what was found out; refused with `conflict` when somebody did so before. */
export function useAcknowledge() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ id, note }: { readonly id: string; readonly note: string }) =>
      call<Finding>('POST', `/findings/${id}/acknowledge`, { note }),
    onSettled: () =>
      Promise.all(
        ['findings', 'sessions', 'overview'].map((key) => client.invalidateQueries({ queryKey: [key] })),
      ),
  })
}
