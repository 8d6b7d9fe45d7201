import { type FaceClock, systemClock } from '@stint/ui'
import type { NoticeKind, UserStatus } from '@stint/wire/local-user'
import type { Failure } from '@stint/wire/user-page'
import { useEffect, useMemo, useState } from 'react'
import type { PageLink } from '../api/page-link.ts'

/** What the page knows about the agent. */
export type AgentState =
  | { readonly kind: 'connecting' }
  /** `stint app` has ended or does not know this page. */
  | { readonly kind: 'closed'; readonly failure: Failure }
  | { readonly kind: 'not-running' }
  | { readonly kind: 'ready'; readonly status: UserStatus; readonly skewMs: number }

const againAfterMs = 3_000

/** Follows the agent's status. `onNotice` is called once for every notice the agent gives. */
export function useAgent(
  link: PageLink,
  onNotice: (notice: NoticeKind, status: UserStatus) => void,
): AgentState {
  const [state, setState] = useState<AgentState>({ kind: 'connecting' })
  useEffect(() => {
    const over = new AbortController()
    const follow = async () => {
      while (!over.signal.aborted) {
        const failure = await link.watch((event) => {
          if ('agent' in event) return setState({ kind: 'not-running' })
          const { status, notice } = event
          setState({ kind: 'ready', status, skewMs: Date.parse(status.now) - Date.now() })
          if (notice !== undefined) onNotice(notice, status)
        }, over.signal)
        if (over.signal.aborted) return
        if (failure !== null) setState({ kind: 'closed', failure })
        await new Promise((resolve) => setTimeout(resolve, againAfterMs))
      }
    }
    void follow()
    return () => over.abort()
  }, [link, onNotice])
  return state
}

/** The agent's clock: a page must count down to the moment at which the agent ends the rights. */
export function useAgentClock(state: AgentState): FaceClock {
  const skewMs = state.kind === 'ready' ? state.skewMs : 0
  return useMemo(() => ({ ...systemClock, now: () => systemClock.now() + skewMs }), [skewMs])
}
