import type { Sink, SinkBody, SinkChange, SinkList, SinkMade, SinkTest } from '@stint/wire/sinks'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { call } from './client.ts'

/** How far each one is changes by itself. */
const LOOK_AGAIN_MS = 10_000

export function useSinks() {
  return useQuery({
    queryKey: ['sinks'],
    queryFn: () => call<SinkList>('GET', '/sinks'),
    refetchInterval: LOOK_AGAIN_MS,
  })
}

function useSinkCall<Input, Output>(run: (input: Input) => Promise<Output>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: run,
    gcTime: 0,
    onSettled: () => client.invalidateQueries({ queryKey: ['sinks'] }),
  })
}

/** A webhook's secret is in this answer and in no other. */
export function useMakeSink() {
  return useSinkCall((body: SinkBody) => call<SinkMade>('POST', '/sinks', body))
}

export function useChangeSink() {
  return useSinkCall(({ id, ...change }: SinkChange & { readonly id: string }) =>
    call<Sink>('PUT', `/sinks/${id}`, change),
  )
}

export function usePauseSink() {
  return useSinkCall(({ id, paused }: { readonly id: string; readonly paused: boolean }) =>
    call<Sink>('POST', `/sinks/${id}/${paused ? 'pause' : 'resume'}`),
  )
}

/** One made-up fact, now; the position stays. */
export function useTestSink() {
  return useSinkCall((id: string) => call<SinkTest>('POST', `/sinks/${id}/test`))
}

/** A new secret; the old one is worth nothing from now on. */
export function useNewSecret() {
  return useSinkCall((id: string) => call<SinkMade>('POST', `/sinks/${id}/secret`))
}

export function useDeleteSink() {
  return useSinkCall((id: string) => call<void>('DELETE', `/sinks/${id}`))
}
