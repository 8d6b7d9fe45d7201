import { may, type Right } from '@stint/elevation'
import type { JoinInfo, Me } from '@stint/wire/console'
import { type QueryClient, queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ApiProblem, call, caller } from './client.ts'

/** Who is signed in; null for nobody. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  staleTime: 5 * 60_000,
  queryFn: async (): Promise<Me | null> => {
    try {
      return signedIn(await call<Me>('GET', '/me'))
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) return null
      throw error
    }
  },
})

function signedIn(me: Me): Me {
  caller.csrf = me.csrf
  return me
}

/** Somebody else is here now: nothing that the one before has read stays. */
function changePerson(client: QueryClient, me: Me | null): void {
  client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== meQuery.queryKey[0] })
  client.setQueryData(meQuery.queryKey, me)
}

/** Lets a call that finds the session gone say so to the whole page. */
export function watchSignOut(client: QueryClient): void {
  caller.onSignedOut = () => client.setQueryData(meQuery.queryKey, null)
}

export function useMe(): Me | null | undefined {
  return useQuery(meQuery).data
}

/** What the person may do: the token's rights as the server says them, and never more than the role has. */
export function useMay(): (right: Right) => boolean {
  const me = useMe()
  return (right) => me?.rights.includes(right) === true && may(me.role, right)
}

export function useSignIn() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: { email: string; password: string }) => call<Me>('POST', '/sign-in', body),
    onSuccess: (me) => changePerson(client, signedIn(me)),
  })
}

export function useSignOut() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => call<void>('POST', '/sign-out'),
    onSuccess: () => changePerson(client, null),
  })
}

export function useJoinInfo(token: string) {
  return useQuery({
    queryKey: ['join', token],
    queryFn: () => call<JoinInfo>('GET', `/join/${encodeURIComponent(token)}`),
    retry: false,
  })
}

export function useJoin(token: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: { name: string; password: string }) =>
      call<Me>('POST', `/join/${encodeURIComponent(token)}`, body),
    onSuccess: (me) => changePerson(client, signedIn(me)),
  })
}
