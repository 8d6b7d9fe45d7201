import type { CallerCheck, RequestState } from '@stint/elevation'
import type { CodeIdentified, CodeIssued, CodeResolved, RequestView } from '@stint/wire/console'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { call } from './client.ts'
import { useList } from './pages.ts'

export function useRequests(state?: RequestState) {
  return useList<RequestView>(
    ['requests', 'list', state ?? 'all'],
    `/requests${state ? `?state=${state}` : ''}`,
  )
}

export function useRequest(id: string | undefined) {
  return useQuery({
    queryKey: ['requests', 'one', id],
    queryFn: () => call<RequestView>('GET', `/requests/${id}`),
    enabled: id !== undefined,
  })
}

/** `onApproved` is called also when the page has already heard of it and taken the form away. */
export function useApprove(id: string, onApproved: (request: RequestView) => void) {
  const read = useReadAgain()
  return useMutation({
    mutationFn: (body: { minutes: number; endProcesses: boolean; note: string }) =>
      call<RequestView>('POST', `/requests/${id}/approve`, body),
    onSuccess: onApproved,
    onSettled: read,
  })
}

export function useDeny(id: string, onDenied: (request: RequestView) => void) {
  const read = useReadAgain()
  return useMutation({
    mutationFn: (body: { note: string }) => call<RequestView>('POST', `/requests/${id}/deny`, body),
    onSuccess: onDenied,
    onSettled: read,
  })
}

/** The computer, from the first five symbols on. `prefix` is folded text; null while there is less. */
export function useIdentify(prefix: string | null) {
  return useQuery({
    queryKey: ['codes', 'identify', prefix],
    queryFn: () => call<CodeIdentified>('POST', '/codes/identify', { text: prefix }),
    enabled: prefix !== null,
    staleTime: 60_000,
  })
}

export function useResolve() {
  return useMutation({
    mutationFn: (body: { text: string; userName?: string }) =>
      call<CodeResolved>('POST', '/codes/resolve', body),
  })
}

export interface IssueBody {
  readonly requestId: string
  readonly minutes: number
  readonly endProcesses: boolean
  readonly callerCheck: CallerCheck
  readonly note: string
}

/** The same body again gives the same code, and is recorded again. */
export function useIssue() {
  const read = useReadAgain()
  return useMutation({
    mutationFn: (body: IssueBody) => call<CodeIssued>('POST', '/codes/issue', body),
    // Forgotten with the page that shows it.
    gcTime: 0,
    onSettled: read,
  })
}

function useReadAgain() {
  const client = useQueryClient()
  return async () => {
    await Promise.all([
      client.invalidateQueries({ queryKey: ['requests'] }),
      client.invalidateQueries({ queryKey: ['overview'] }),
    ])
  }
}
