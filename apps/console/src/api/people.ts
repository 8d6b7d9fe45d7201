import type { Right, Role } from '@stint/elevation'
import type { ApiToken, ApiTokenMade, InvitationMade, Person } from '@stint/wire/console'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { call } from './client.ts'
import { useList } from './pages.ts'

export function usePeople() {
  return useList<Person>(['people'], '/people')
}

export function useInvite() {
  const read = useReadAgain('people')
  return useMutation({
    mutationFn: (body: { email: string; role: Role }) => call<InvitationMade>('POST', '/people', body),
    gcTime: 0,
    onSettled: read,
  })
}

/** A new one-time link for somebody who lost the first, or the password. */
export function useNewLink() {
  const read = useReadAgain('people')
  return useMutation({
    mutationFn: (id: string) => call<InvitationMade>('POST', `/people/${id}/link`),
    gcTime: 0,
    onSettled: read,
  })
}

export function useChangePerson() {
  const read = useReadAgain('people')
  return useMutation({
    mutationFn: ({ id, ...patch }: { id: string; role?: Role; disabled?: boolean }) =>
      call<Person>('PATCH', `/people/${id}`, patch),
    onSettled: read,
  })
}

export function useTokens() {
  return useList<ApiToken>(['tokens'], '/tokens')
}

export function useMakeToken() {
  const read = useReadAgain('tokens')
  return useMutation({
    mutationFn: (body: { name: string; rights: Right[]; days?: number }) =>
      call<ApiTokenMade>('POST', '/tokens', body),
    gcTime: 0,
    onSettled: read,
  })
}

export function useRevokeToken() {
  const read = useReadAgain('tokens')
  return useMutation({
    mutationFn: (id: string) => call<void>('DELETE', `/tokens/${id}`),
    onSettled: read,
  })
}

function useReadAgain(key: string) {
  const client = useQueryClient()
  return () => client.invalidateQueries({ queryKey: [key] })
}
