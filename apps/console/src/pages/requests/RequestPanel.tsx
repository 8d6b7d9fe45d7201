import { callerCheckLabels } from '@stint/elevation'
import {
  ActionIcon,
  ErrorState,
  Facts,
  minutesText,
  Notice,
  RelativeTime,
  RequestStateBadge,
  Skeleton,
} from '@stint/ui'
import type { RequestView } from '@stint/wire/console'
import { IconArrowRight, IconX } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { useMay } from '../../api/account.ts'
import { asProblem } from '../../api/client.ts'
import { useRequest } from '../../api/requests.ts'
import { RequestFacts } from '../../ui/RequestFacts.tsx'
import { DecideForm } from './DecideForm.tsx'

interface RequestPanelProps {
  readonly id: string
  readonly onClose: () => void
}

/** One request beside the list: the facts, then the decision. Takes the focus when it opens and gives it back. */
export function RequestPanel({ id, onClose }: RequestPanelProps) {
  const request = useRequest(id)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    heading.current?.focus({ preventScroll: true })
    return () => document.getElementById(`request-${id}`)?.focus({ preventScroll: true })
  }, [id])
  return (
    <section className="c-detail" aria-label="Request">
      <header className="c-detail-head">
        <h2 ref={heading} tabIndex={-1}>
          {request.data?.userName ?? 'Request'}
        </h2>
        {request.data && <RequestStateBadge state={request.data.state} plain={false} />}
        <ActionIcon variant="subtle" size={32} aria-label="Close the request" onClick={onClose} ml="auto">
          <IconX size={18} />
        </ActionIcon>
      </header>
      {request.error && !request.data ? (
        <ErrorState trouble={asProblem(request.error)} onRetry={() => void request.refetch()} size="inline" />
      ) : request.data ? (
        <RequestBody request={request.data} onDone={onClose} />
      ) : (
        <Skeleton height={420} />
      )}
    </section>
  )
}

function RequestBody({ request, onDone }: { readonly request: RequestView; readonly onDone: () => void }) {
  const may = useMay()
  return (
    <div className="st-stack" data-gap="6">
      <RequestFacts request={request} />
      {request.state === 'pending' && !request.device.online && (
        <Notice tone="warn" title="This computer is offline">
          An approval here reaches it when it is back. If the caller is on the telephone,{' '}
          <Link to="/answer">answer with a code</Link>.
        </Notice>
      )}
      {request.decision && <Decision request={request} decision={request.decision} />}
      {request.state === 'pending' &&
        (may('approve') ? (
          <DecideForm key={request.id} request={request} onDone={onDone} />
        ) : (
          <Notice tone="unknown">Your role sees requests but does not decide them.</Notice>
        ))}
      {request.sessionId && (
        <Link to="/sessions/$sessionId" params={{ sessionId: request.sessionId }} className="c-link">
          See the session <IconArrowRight size={16} aria-hidden="true" />
        </Link>
      )}
    </div>
  )
}

interface DecisionProps {
  readonly request: RequestView
  readonly decision: NonNullable<RequestView['decision']>
}

function Decision({ request, decision }: DecisionProps) {
  const isApproval = decision.outcome === 'approved'
  return (
    <div className="c-decision">
      <Facts
        facts={[
          { label: isApproval ? 'Approved by' : 'Denied by', value: decision.by },
          { label: 'When', value: <RelativeTime at={decision.at} /> },
          ...(decision.minutes === null ? [] : [{ label: 'Granted', value: minutesText(decision.minutes) }]),
          { label: 'Carried', value: decision.carried === 'network' ? 'Over the network' : 'By telephone' },
          ...(decision.callerCheck === null
            ? []
            : [
                {
                  label: 'How the caller was known',
                  value: callerCheckLabels[decision.callerCheck],
                  wide: true,
                },
              ]),
          ...(decision.note === ''
            ? []
            : [{ label: `Note to ${request.userName}`, value: decision.note, wide: true }]),
        ]}
      />
    </div>
  )
}
