import type { SessionState } from '@stint/elevation'
import type { Static } from '@stint/wire'
import type { ProcessView, SessionDetail, SessionSummary } from '@stint/wire/console'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { call } from './client.ts'
import { useList } from './pages.ts'

export type ProcessRow = Static<typeof ProcessView>

export function useSessions(filter: { readonly state?: SessionState; readonly device?: string }) {
  const query = new URLSearchParams(Object.entries(filter)).toString()
  return useList<SessionSummary>(['sessions', 'list', filter], `/sessions${query ? `?${query}` : ''}`)
}

export function useSession(id: string) {
  return useQuery({
    queryKey: ['sessions', 'one', id],
    queryFn: () => call<SessionDetail>('GET', `/sessions/${id}`),
  })
}

/** Where the evidence of a session can be downloaded from, once its detail says that there is some. */
export function bundleAddress(id: string): string {
  return `/api/v1/sessions/${id}/bundle`
}

export function useProcesses(id: string) {
  return useList<ProcessRow>(['sessions', 'processes', id], `/sessions/${id}/processes`, 200)
}

/** Asks the computer to end it; the session is over when the computer says so. */
export function useEndSession(id: string, onAsked: () => void) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => call<void>('POST', `/sessions/${id}/end`),
    onSuccess: onAsked,
    onSettled: () => client.invalidateQueries({ queryKey: ['sessions'] }),
  })
}
