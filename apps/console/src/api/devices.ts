import type { Device, EnrollmentToken, EnrollmentTokenMade } from '@stint/wire/console'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { call } from './client.ts'
import { useList } from './pages.ts'

export function useDevices() {
  return useList<Device>(['devices', 'list'], '/devices')
}

export function useDevice(id: string) {
  return useQuery({ queryKey: ['devices', 'one', id], queryFn: () => call<Device>('GET', `/devices/${id}`) })
}

/** `release` lets a suspended computer go on; `revoke` is for good. */
export function useDeviceAction(id: string, action: 'revoke' | 'release') {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => call<Device>('POST', `/devices/${id}/${action}`),
    onSettled: () => client.invalidateQueries({ queryKey: ['devices'] }),
  })
}

export function useEnrollmentTokens() {
  return useList<EnrollmentToken>(['enrollment-tokens'], '/enrollment-tokens')
}

export function useMakeEnrollmentToken() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: { minutes: number; uses: number }) =>
      call<EnrollmentTokenMade>('POST', '/enrollment-tokens', body),
    gcTime: 0,
    onSettled: () => client.invalidateQueries({ queryKey: ['enrollment-tokens'] }),
  })
}

export function useRevokeEnrollmentToken() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => call<void>('DELETE', `/enrollment-tokens/${id}`),
    onSettled: () => client.invalidateQueries({ queryKey: ['enrollment-tokens'] }),
  })
}
