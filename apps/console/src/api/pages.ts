import { useInfiniteQuery } from '@tanstack/react-query'
import { call } from './client.ts'

interface Page<Item> {
  readonly items: readonly Item[]
  readonly cursor: string | null
}

export interface Listed<Item> {
  /** Undefined until the first page is here. */
  readonly items: readonly Item[] | undefined
  readonly error: unknown
  readonly refetch: () => void
  /** Undefined at the end of the list. */
  readonly more: { readonly onMore: () => void; readonly pending: boolean } | undefined
}

/** A list that is read page by page. `path` may hold a query already. */
export function useList<Item>(key: readonly unknown[], path: string, limit = 50): Listed<Item> {
  const query = useInfiniteQuery({
    queryKey: key,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) => call<Page<Item>>('GET', withPaging(path, limit, pageParam)),
    getNextPageParam: (page) => page.cursor,
  })
  return {
    items: query.data?.pages.flatMap((page) => page.items),
    error: query.data === undefined ? query.error : null,
    refetch: () => void query.refetch(),
    more: query.hasNextPage
      ? { onMore: () => void query.fetchNextPage(), pending: query.isFetchingNextPage }
      : undefined,
  }
}

function withPaging(path: string, limit: number, cursor: string | null): string {
  const paging = new URLSearchParams({ limit: String(limit), ...(cursor === null ? {} : { cursor }) })
  return `${path}${path.includes('?') ? '&' : '?'}${paging}`
}
