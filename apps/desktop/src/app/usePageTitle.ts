import { spanText, useNow } from '@stint/ui'
import type { UserStatus } from '@stint/wire/local-user'
import { useEffect } from 'react'

/** The tab says what is going on: the time left, that a request waits, or the name. */
export function usePageTitle(status: UserStatus | null): void {
  const now = useNow(1000)
  const title = titleOf(status, now)
  useEffect(() => {
    document.title = title
  }, [title])
}

function titleOf(status: UserStatus | null, now: number): string {
  if (status?.session) return `${timeLeft(Date.parse(status.session.endsAt) - now)} left · Stint`
  return status?.request ? 'Waiting for an answer · Stint' : 'Stint'
}

/** Minutes, so that the tab does not tick; seconds in the last minute. */
function timeLeft(ms: number): string {
  return ms > 60_000 ? spanText(Math.ceil(ms / 60_000) * 60_000) : spanText(Math.max(0, ms))
}
