import type { LedgerEntry, Overview, Settings } from '@stint/wire/console'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { call } from './client.ts'
import { useList } from './pages.ts'

export type SettingsDraft = Omit<Settings, 'changedAt' | 'changedBy'>

export function useSettings() {
  return useQuery({ queryKey: ['settings'], queryFn: () => call<Settings>('GET', '/settings') })
}

/** Refused with `conflict` when somebody saved in between; read again, then decide. */
export function useSaveSettings() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: SettingsDraft) => call<Settings>('PUT', '/settings', body),
    onSuccess: (settings) => {
      client.setQueryData(['settings'], settings)
      return client.invalidateQueries({ queryKey: ['overview'] })
    },
  })
}

export function useOverview() {
  return useQuery({ queryKey: ['overview'], queryFn: () => call<Overview>('GET', '/overview') })
}

export function useLedger() {
  return useList<LedgerEntry>(['ledger'], '/ledger', 100)
}
