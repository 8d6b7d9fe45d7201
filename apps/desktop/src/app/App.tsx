import { ClockProvider, StintProvider } from '@stint/ui'
import type { NoticeKind, SessionView, UserStatus } from '@stint/wire/local-user'
import { useCallback, useEffect, useState } from 'react'
import type { Opened, PageLink } from '../api/page-link.ts'
import { AskPage } from '../pages/ask/AskPage.tsx'
import { SessionPage } from '../pages/session/SessionPage.tsx'
import { Connecting, notEnrolled, TroublePage } from '../pages/trouble/TroublePage.tsx'
import { WaitingPage } from '../pages/waiting/WaitingPage.tsx'
import { History } from '../ui/History.tsx'
import { Frame } from './Frame.tsx'
import { noticeWords, showNotice } from './notices.ts'
import { useAgent, useAgentClock } from './useAgent.ts'
import { usePageTitle } from './usePageTitle.ts'

/** The one page: what is going on decides what is on it. */
export function App({ opened }: { readonly opened: Promise<Opened> }) {
  const [result, setResult] = useState<Opened | null>(null)
  useEffect(() => {
    void opened.then(setResult)
  }, [opened])
  return (
    <StintProvider>
      {result === null && <Frame status={null} page={<Connecting />} />}
      {result?.ok === false && <Frame status={null} page={<TroublePage failure={result.failure} />} />}
      {result?.ok && <Connected link={result.link} />}
    </StintProvider>
  )
}

function Connected({ link }: { readonly link: PageLink }) {
  const [spoken, setSpoken] = useState('')
  const onNotice = useCallback((notice: NoticeKind, status: UserStatus) => {
    showNotice(notice, status)
    const { title, message } = noticeWords(notice, status)
    setSpoken(`${title}. ${message}`)
  }, [])
  const state = useAgent(link, onNotice)
  const clock = useAgentClock(state)
  const status = state.kind === 'ready' ? state.status : null
  const sessions = useHistory(link, status)
  return (
    <ClockProvider clock={clock}>
      <PageTitle status={status} />
      <Frame
        status={status}
        page={
          <>
            {state.kind === 'connecting' && <Connecting />}
            {state.kind === 'closed' && <TroublePage failure={state.failure} />}
            {state.kind === 'not-running' && <TroublePage failure={null} />}
            {status && <Current link={link} status={status} />}
          </>
        }
        below={status && <History sessions={sessions} />}
      />
      <p className="st-sr" role="status">
        {spoken}
      </p>
    </ClockProvider>
  )
}

function Current({ link, status }: { readonly link: PageLink; readonly status: UserStatus }) {
  const { session, request } = status
  if (session) return <SessionPage key={session.sessionId} link={link} session={session} />
  if (request) return <WaitingPage key={request.requestId} link={link} status={status} request={request} />
  if (!status.device.enrolled) return <TroublePage failure={notEnrolled} />
  return <AskPage link={link} status={status} />
}

function PageTitle({ status }: { readonly status: UserStatus | null }) {
  usePageTitle(status)
  return null
}

/** The person's own sessions, read again whenever one begins or ends. */
function useHistory(link: PageLink, status: UserStatus | null): readonly SessionView[] | null {
  const [sessions, setSessions] = useState<readonly SessionView[] | null>(null)
  const ready = status !== null
  const current = status?.session?.sessionId
  // biome-ignore lint/correctness/useExhaustiveDependencies: a session that began or ended is why it is read again
  useEffect(() => {
    if (!ready) return
    let wanted = true
    void link.call('history', { limit: 10 }).then((answer) => {
      if (wanted && answer.ok) setSessions(answer.result.sessions)
    })
    return () => {
      wanted = false
    }
  }, [link, ready, current])
  return sessions
}
