import { credentialLabels } from '@stint/elevation'
import {
  Button,
  ConfirmDialog,
  Countdown,
  Facts,
  StatusBadge,
  TimeRing,
  timeOfDayText,
  useNow,
} from '@stint/ui'
import type { SessionView } from '@stint/wire/local-user'
import { useState } from 'react'
import type { PageLink } from '../../api/page-link.ts'
import { programsText } from '../../ui/History.tsx'
import { NotifyButton } from '../../ui/NotifyButton.tsx'
import { StateTitle } from '../../ui/StateTitle.tsx'
import { useCall } from '../../ui/useCall.ts'

interface SessionPageProps {
  readonly link: PageLink
  readonly session: SessionView
}

const soonMs = 5 * 60_000

/** Rights are raised: how long yet, what is recorded, and the way to end them. */
export function SessionPage({ link, session }: SessionPageProps) {
  const { startedAt, endsAt, reason, credential, processes, endProcesses } = session
  return (
    <section className="dt-card">
      <StateTitle about={<EndsAt endsAt={endsAt} endProcesses={endProcesses} />}>
        You have administrator rights
      </StateTitle>
      <div className="dt-session">
        <div className="dt-ring">
          <TimeRing from={startedAt} until={endsAt} size={184} />
          <div className="dt-ring-text">
            <span className="dt-left">
              <Countdown until={endsAt} label="Time left" />
            </span>
            <span className="st-muted st-small">left</span>
          </div>
        </div>
        <Facts
          columns={1}
          facts={[
            { label: 'Reason', value: reason },
            { label: 'How it was agreed', value: credentialLabels[credential] },
            {
              label: 'Recorded',
              value: `Every program that runs with these rights. So far: ${programsText(processes)}.`,
            },
            {
              label: 'At the end',
              value: endProcesses
                ? 'Programs that still run with these rights are ended.'
                : 'The rights go. Programs that already run with them go on.',
            },
          ]}
        />
      </div>
      <div className="dt-actions">
        <EndNow link={link} endProcesses={endProcesses} />
        <NotifyButton label="Tell me before they end" />
      </div>
    </section>
  )
}

/** When they end by this computer's clock; in the last five minutes also what that means. */
function EndsAt({ endsAt, endProcesses }: Pick<SessionView, 'endsAt' | 'endProcesses'>) {
  const now = useNow(1000)
  const end = Date.parse(endsAt)
  return (
    <div className="dt-until">
      <span>Until {timeOfDayText(end)}</span>
      <span aria-live="polite">
        {endProcesses && end - now < soonMs && (
          <StatusBadge tone="warn">Save your work: programs are ended then</StatusBadge>
        )}
      </span>
    </div>
  )
}

function EndNow({ link, endProcesses }: { readonly link: PageLink; readonly endProcesses: boolean }) {
  const [asking, setAsking] = useState(false)
  const { pending, failure, run } = useCall()
  const end = async () => {
    if (await run(() => link.call('end', {}))) setAsking(false)
  }
  return (
    <>
      <Button variant="default" size="md" onClick={() => setAsking(true)}>
        End now
      </Button>
      <ConfirmDialog
        opened={asking}
        onClose={() => setAsking(false)}
        onConfirm={() => void end()}
        title="End your administrator rights now?"
        confirm="End now"
        pending={pending}
        trouble={failure}
      >
        <p>You need a new request to get them back.</p>
        {endProcesses && <p>Programs that still run with these rights are ended. Save your work first.</p>}
      </ConfirmDialog>
    </>
  )
}
