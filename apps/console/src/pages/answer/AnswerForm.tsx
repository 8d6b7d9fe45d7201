import type { CallerCheck } from '@stint/elevation'
import {
  Button,
  ConfirmDialog,
  ErrorState,
  minutesText,
  Notice,
  RequestStateBadge,
  Switch,
  TextInput,
} from '@stint/ui'
import type { RequestView } from '@stint/wire/console'
import { type FormEvent, useState } from 'react'
import { asProblem } from '../../api/client.ts'
import { type IssueBody, useIssue } from '../../api/requests.ts'
import { useSettings } from '../../api/settings.ts'
import { DurationPicker, nearestDuration } from '../../ui/DurationPicker.tsx'
import { CallerCheckPicker } from './CallerCheckPicker.tsx'
import { IssuedCode } from './IssuedCode.tsx'

const LONG_MINUTES = 120
const FALLBACK_MINUTES = 15

interface AnswerFormProps {
  readonly request: RequestView
  readonly onNext: () => void
}

/** How the caller is known, how long, what then; Enter makes the code. */
export function AnswerForm({ request, onNext }: AnswerFormProps) {
  const issue = useIssue()
  if (issue.data && issue.variables) {
    return (
      <IssuedCode
        request={request}
        issued={issue.data}
        shownAt={issue.submittedAt}
        pending={issue.isPending}
        onShowAgain={() => issue.mutate(issue.variables)}
        onNext={onNext}
      />
    )
  }
  const isClosed = request.state !== 'pending' && request.state !== 'approved'
  if (isClosed) {
    return (
      <div className="c-card st-stack">
        <RequestStateBadge state={request.state} plain={false} />
        <Notice tone="off" title="Nothing more is given out for this request">
          Ask the caller to ask again on their computer, and to read you the new code.
        </Notice>
      </div>
    )
  }
  return <Decide request={request} issue={issue} />
}

interface DecideProps {
  readonly request: RequestView
  readonly issue: ReturnType<typeof useIssue>
}

function Decide({ request, issue }: DecideProps) {
  const { data: settings } = useSettings()
  const earlier = request.decision
  const wanted = earlier?.minutes ?? request.minutes ?? settings?.minutesDefault ?? FALLBACK_MINUTES
  const [check, setCheck] = useState<CallerCheck | null>(null)
  const [picked, setPicked] = useState<number | null>(null)
  const [ends, setEnds] = useState<boolean | null>(null)
  const [note, setNote] = useState('')
  const [asking, setAsking] = useState(false)
  const minutes = picked ?? nearestDuration(wanted, request.ceilingMinutes)
  const endProcesses = ends ?? earlier?.endProcesses ?? settings?.endProcesses ?? true
  const send = () => {
    if (check === null) return
    const body: IssueBody = {
      requestId: request.id,
      minutes,
      endProcesses,
      callerCheck: check,
      note: note.trim(),
    }
    issue.mutate(body, { onSettled: () => setAsking(false) })
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (check === null || issue.isPending) return
    if (minutes >= LONG_MINUTES) setAsking(true)
    else send()
  }
  return (
    <form className="c-card st-stack" onSubmit={submit}>
      {earlier && (
        <Notice tone="good" title={`Approved already by ${earlier.by}`}>
          With the same time you get the same code again. That is recorded too.
        </Notice>
      )}
      <CallerCheckPicker value={check} onChange={setCheck} />
      <DurationPicker
        value={minutes}
        onChange={setPicked}
        ceiling={request.ceilingMinutes}
        asked={request.minutes}
      />
      <Switch
        label="End elevated programs when the time is up"
        description="With everything they started. They are warned first."
        checked={endProcesses}
        onChange={(event) => setEnds(event.currentTarget.checked)}
      />
      <TextInput
        label="Note for the record"
        value={note}
        maxLength={1000}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      {issue.error && <ErrorState trouble={asProblem(issue.error)} size="inline" />}
      <Button type="submit" size="md" disabled={check === null} loading={issue.isPending}>
        {check === null ? 'Say first how you know the caller' : `Make the code for ${minutesText(minutes)}`}
      </Button>
      <ConfirmDialog
        opened={asking}
        onClose={() => setAsking(false)}
        onConfirm={send}
        title={`Give ${minutesText(minutes)} by code?`}
        confirm="Make the code"
        pending={issue.isPending}
      >
        <p>
          A code that was read out cannot be taken back while {request.device.name} has no network.{' '}
          {request.userName} can change anything there for that long.
        </p>
      </ConfirmDialog>
    </form>
  )
}
