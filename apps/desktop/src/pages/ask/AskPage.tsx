import { Button, ErrorState, Notice, Textarea, TextInput } from '@stint/ui'
import type { UserStatus } from '@stint/wire/local-user'
import { type FormEvent, useId, useState } from 'react'
import type { PageLink } from '../../api/page-link.ts'
import { StateTitle } from '../../ui/StateTitle.tsx'
import { useCall } from '../../ui/useCall.ts'
import { LastDecision } from './LastDecision.tsx'
import { MinutesChoice } from './MinutesChoice.tsx'

interface AskPageProps {
  readonly link: PageLink
  readonly status: UserStatus
}

/** Nothing is going on: ask. */
export function AskPage({ link, status }: AskPageProps) {
  const { policy, device, lastDecision } = status
  const [reason, setReason] = useState('')
  const [ticket, setTicket] = useState('')
  const [minutes, setMinutes] = useState(policy.minutesDefault)
  const [tried, setTried] = useState(false)
  const { pending, failure, run } = useCall()
  const problem = reasonProblem(reason, policy)
  const noTicket = policy.ticketRequired && ticket.trim() === ''

  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (problem !== null || noTicket || pending) return
    const ticketField = ticket.trim() === '' ? {} : { ticket: ticket.trim() }
    void run(() => link.call('request', { reason: reason.trim(), minutes, mode: 'session', ...ticketField }))
  }

  return (
    <>
      {lastDecision && <LastDecision decision={lastDecision} />}
      <form className="dt-card" onSubmit={submit} noValidate>
        <StateTitle about="For a while, for a reason, once somebody entitled to agree has agreed.">
          Ask for administrator rights
        </StateTitle>
        <ReasonField value={reason} onChange={setReason} policy={policy} problem={tried ? problem : null} />
        <MinutesChoice
          value={minutes}
          onChange={setMinutes}
          usual={policy.minutesDefault}
          ceiling={policy.minutesCeiling}
        />
        <TextInput
          label={policy.ticketRequired ? 'Ticket number' : 'Ticket number, if you have one'}
          value={ticket}
          onChange={(event) => setTicket(event.currentTarget.value)}
          maxLength={64}
          autoComplete="off"
          className="dt-ticket"
          aria-required={policy.ticketRequired}
          error={tried && noTicket ? 'Your organisation wants a ticket number.' : undefined}
        />
        {failure && <ErrorState trouble={failure} size="inline" />}
        <div className="dt-actions">
          <Button type="submit" size="md" loading={pending}>
            Ask now
          </Button>
          <p className="st-muted st-small">{whatHappens(device.online, policy.offlineCodes)}</p>
        </div>
        {!device.online && !policy.offlineCodes && (
          <Notice tone="warn" title="The server cannot be reached">
            Codes by telephone are switched off for this computer. Connect to the network first.
          </Notice>
        )}
      </form>
    </>
  )
}

function whatHappens(online: boolean, offlineCodes: boolean): string {
  if (online) return 'Approvers see it at once. Everything you run with the rights is recorded.'
  return offlineCodes ? 'The server cannot be reached: you get a code to read to an approver.' : ''
}

interface ReasonFieldProps {
  readonly value: string
  readonly onChange: (value: string) => void
  readonly policy: UserStatus['policy']
  readonly problem: string | null
}

/** Says how much is still missing, then how much is left; speaks only when the person stops typing. */
function ReasonField({ value, onChange, policy, problem }: ReasonFieldProps) {
  const id = useId()
  const { reasonMinLength, reasonMaxLength } = policy
  const length = value.trim().length
  return (
    <div className="dt-reason">
      <Textarea
        id={id}
        label="What do you need them for?"
        description="One sentence. The approver reads it, and it stays in the record."
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey))
            event.currentTarget.form?.requestSubmit()
        }}
        minRows={3}
        rows={3}
        maxLength={reasonMaxLength}
        aria-required={reasonMinLength > 0}
        error={problem ?? undefined}
      />
      <p className="dt-counter st-num" data-short={length < reasonMinLength || undefined}>
        {length < reasonMinLength
          ? `${reasonMinLength - length} more ${reasonMinLength - length === 1 ? 'character' : 'characters'}`
          : `${length} of ${reasonMaxLength}`}
      </p>
    </div>
  )
}

function reasonProblem(
  reason: string,
  { reasonMinLength, reasonMaxLength }: UserStatus['policy'],
): string | null {
  const { length } = reason.trim()
  if (length < reasonMinLength) return `Say a little more: at least ${reasonMinLength} characters.`
  return length > reasonMaxLength ? `At most ${reasonMaxLength} characters.` : null
}
