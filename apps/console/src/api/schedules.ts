import type { Delivery, DeliveryMeans, Schedule, ScheduleBody } from '@stint/wire/report-schedules'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { call } from './client.ts'

/** While something waits to be sent again, what became of it is read now and then. */
const LOOK_AGAIN_MS = 30_000

export function useSchedules() {
  return useQuery({
    queryKey: ['schedules'],
    queryFn: async () =>
      (await call<{ readonly items: readonly Schedule[] }>('GET', '/reports/schedules')).items,
    refetchInterval: LOOK_AGAIN_MS,
  })
}

/** What this server was started with: a mail server, a folder. */
export function useDeliveryMeans() {
  return useQuery({
    queryKey: ['delivery-means'],
    queryFn: () => call<DeliveryMeans>('GET', '/reports/delivery'),
    staleTime: Number.POSITIVE_INFINITY,
  })
}

function useScheduleCall<Input, Output>(run: (input: Input) => Promise<Output>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: run,
    onSettled: () => client.invalidateQueries({ queryKey: ['schedules'] }),
  })
}

/** Makes one, or changes the one with that id. */
export function useKeepSchedule(id: string | null) {
  return useScheduleCall((body: ScheduleBody) =>
    id === null
      ? call<Schedule>('POST', '/reports/schedules', body)
      : call<Schedule>('PUT', `/reports/schedules/${id}`, body),
  )
}

export function useDeleteSchedule() {
  return useScheduleCall((id: string) => call<void>('DELETE', `/reports/schedules/${id}`))
}

/** Now, for a test: the last whole period before today. */
export function useSendNow() {
  return useScheduleCall((id: string) => call<Delivery>('POST', `/reports/schedules/${id}/send`))
}

/** Once more, one that failed or is uncertain. */
export function useSendAgain() {
  return useScheduleCall((deliveryId: string) =>
    call<Delivery>('POST', `/reports/deliveries/${deliveryId}/send`),
  )
}
