import { modeLabels } from '@stint/elevation'
import {
  Button,
  CompletenessBadge,
  ConfirmDialog,
  Countdown,
  ErrorState,
  PageHeader,
  Panel,
  SessionStateBadge,
  Skeleton,
  Timeline,
  TimeRing,
  toast,
} from '@stint/ui'
import type { SessionDetail } from '@stint/wire/console'
import { IconArrowLeft } from '@tabler/icons-react'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useMay } from '../../api/account.ts'
import { asProblem } from '../../api/client.ts'
import { useEndSession, useSession } from '../../api/sessions.ts'
import { ChangesPanel } from './ChangesPanel.tsx'
import { DeniedPanel } from './DeniedPanel.tsx'
import { EvidencePanel } from './EvidencePanel.tsx'
import { ProcessPanel } from './ProcessPanel.tsx'
import { AskedAndAgreed, HowItWent } from './SessionFacts.tsx'
import { Verdict } from './Verdict.tsx'

export function SessionPage() {
  const { sessionId } = useParams({ from: '/shell/sessions/$sessionId' })
  const session = useSession(sessionId)
  if (session.error && !session.data) {
    return (
      <ErrorState
        title="This session could not be read."
        trouble={asProblem(session.error)}
        onRetry={() => void session.refetch()}
      />
    )
  }
  if (!session.data) return <LoadingSession />
  return <LoadedSession detail={session.data} />
}

function BackLink() {
  return (
    <Link to="/sessions">
      <IconArrowLeft size={15} aria-hidden="true" /> Sessions
    </Link>
  )
}

function LoadingSession() {
  return (
    <>
      <PageHeader back={<BackLink />} title={<Skeleton height={30} width={280} />} />
      <div className="c-session">
        <Skeleton height={420} radius="lg" />
        <Skeleton height={420} radius="lg" />
      </div>
    </>
  )
}

function LoadedSession({ detail }: { readonly detail: SessionDetail }) {
  const { summary } = detail
  const isLive = summary.state === 'live'
  return (
    <>
      <PageHeader
        back={<BackLink />}
        title={`${summary.userName} on ${summary.device.name}`}
        about={
          <span className="c-session-about">
            {isLive ? (
              <span className="c-left c-live">
                <TimeRing from={summary.startedAt} until={summary.endsAt} size={18} />
                <Countdown
                  until={summary.endsAt}
                  label="Rights end in"
                  over={summary.overdue ? 'Over by its time; the end is not reported yet' : 'Ending…'}
                  suffix="left"
                />
              </span>
            ) : (
              <SessionStateBadge state={summary.state} />
            )}
            <span>{modeLabels[summary.mode]}</span>
            <CompletenessBadge state={summary.completeness} />
          </span>
        }
        actions={isLive && <EndNow detail={detail} />}
      />
      <div className="c-session">
        <div className="st-stack">
          <Verdict detail={detail} />
          <EvidencePanel detail={detail} />
          <ProcessPanel session={summary} />
          <DeniedPanel detail={detail} />
          <ChangesPanel detail={detail} />
          <Panel title="What happened" about="From both sides, in order.">
            <Timeline entries={detail.timeline} />
          </Panel>
        </div>
        <div className="st-stack">
          <AskedAndAgreed detail={detail} />
          <HowItWent detail={detail} />
        </div>
      </div>
    </>
  )
}

function EndNow({ detail }: { readonly detail: SessionDetail }) {
  const { summary } = detail
  const may = useMay()
  const [asking, setAsking] = useState(false)
  const end = useEndSession(summary.id, () => {
    setAsking(false)
    toast.done('Asked the computer to end it', 'It shows as ended once the computer has proven it.')
  })
  if (!may('end-session')) return null
  return (
    <>
      <Button color="danger" variant="default" onClick={() => setAsking(true)}>
        End now…
      </Button>
      <ConfirmDialog
        opened={asking}
        onClose={() => setAsking(false)}
        tone="danger"
        title="End this session now?"
        confirm="End now"
        pending={end.isPending}
        trouble={end.error ? asProblem(end.error) : null}
        onConfirm={() => end.mutate()}
      >
        <p>
          {summary.userName} loses administrator rights on {summary.device.name}.{' '}
          {detail.endProcesses
            ? 'Elevated programs are warned, then ended.'
            : 'Elevated programs that run already are not ended.'}
        </p>
        <p>
          If the computer is offline it hears of this when it is back; the rights end by themselves at the
          latest on time.
        </p>
      </ConfirmDialog>
    </>
  )
}
