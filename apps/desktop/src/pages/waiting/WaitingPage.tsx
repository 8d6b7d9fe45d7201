import { parseRequestCode, requestDigits, spell } from '@stint/code'
import { Button, CodeDisplay, ErrorState, Facts, minutesText, RelativeTime, StatusBadge } from '@stint/ui'
import type { OpenRequestView, UserStatus } from '@stint/wire/local-user'
import type { PageLink } from '../../api/page-link.ts'
import { NotifyButton } from '../../ui/NotifyButton.tsx'
import { StateTitle } from '../../ui/StateTitle.tsx'
import { useCall } from '../../ui/useCall.ts'
import { AnswerEntry } from './AnswerEntry.tsx'
import { ContactList } from './ContactList.tsx'

interface WaitingPageProps {
  readonly link: PageLink
  readonly status: UserStatus
  readonly request: OpenRequestView
}

/** A request is open: it waits for an approver, or its code is read to one. */
export function WaitingPage({ link, status, request }: WaitingPageProps) {
  const { policy, contacts } = status
  const byPhone = !request.sent
  return (
    <section className="dt-card">
      <Heading status={status} request={request} />
      <CodeDisplay
        label="Request code"
        text={request.requestCode}
        spell={spell}
        digits={requestDigits(parseRequestCode(request.requestCode))}
      />
      {byPhone && <ContactList contacts={contacts} request={request} />}
      {policy.offlineCodes && (
        <AnswerEntry link={link} request={request} pause={status.pause} now={status.now} />
      )}
      {byPhone && !policy.offlineCodes && (
        <p className="st-muted">
          Codes by telephone are switched off for this computer. Your request goes out as soon as there is a
          network.
        </p>
      )}
      {!byPhone && <ContactList contacts={contacts} request={request} />}
      <Asked link={link} request={request} />
    </section>
  )
}

function Heading({ status, request }: Pick<WaitingPageProps, 'status' | 'request'>) {
  if (request.sent)
    return (
      <StateTitle
        about={
          <>
            <p>
              An approver can see your request. Your rights begin by themselves when it is approved; you can
              go on working.
            </p>
            <div className="dt-wait">
              <StatusBadge tone="wait">
                Sent <RelativeTime at={request.createdAt} quiet />
              </StatusBadge>
              <NotifyButton label="Tell me when it is answered" />
            </div>
          </>
        }
      >
        Waiting for an approver
      </StateTitle>
    )
  if (status.device.online) return <StateTitle about="It takes a moment.">Sending your request</StateTitle>
  return (
    <StateTitle about="The server cannot be reached from here. An approver who hears this code can answer with another one.">
      Read this code to an approver
    </StateTitle>
  )
}

/** What was asked for, and the way back. */
function Asked({ link, request }: Pick<WaitingPageProps, 'link' | 'request'>) {
  const { pending, failure, run } = useCall()
  const { reason, minutes, ticket } = request
  return (
    <div className="dt-asked">
      <Facts
        facts={[
          { label: 'You asked for', value: `Administrator rights for ${minutesText(minutes)}` },
          ...(ticket === null ? [] : [{ label: 'Ticket', value: ticket }]),
          { label: 'Reason', value: reason, wide: true },
        ]}
      />
      {failure && <ErrorState trouble={failure} size="inline" />}
      <Button
        variant="default"
        loading={pending}
        onClick={() => void run(() => link.call('withdraw', {}))}
        className="dt-withdraw"
      >
        Take the request back
      </Button>
    </div>
  )
}
