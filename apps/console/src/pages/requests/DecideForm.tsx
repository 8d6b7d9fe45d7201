import { Button, ConfirmDialog, ErrorState, minutesText, Switch, Textarea, toast } from '@stint/ui'
import type { RequestView } from '@stint/wire/console'
import { type FormEvent, useState } from 'react'
import { asProblem } from '../../api/client.ts'
import { useApprove, useDeny } from '../../api/requests.ts'
import { useSettings } from '../../api/settings.ts'
import { DurationPicker, nearestDuration } from '../../ui/DurationPicker.tsx'
import { DenyDialog } from './DenyDialog.tsx'

/** An approval cannot be taken back: from here on it is asked once more. */
const LONG_MINUTES = 120
const FALLBACK_MINUTES = 15

interface DecideFormProps {
  readonly request: RequestView
  readonly onDone: () => void
}

export function DecideForm({ request, onDone }: DecideFormProps) {
  const { data: settings } = useSettings()
  const approve = useApprove(request.id, ({ decision }) => {
    toast.done(
      'Approved',
      `${request.userName} has ${minutesText(decision?.minutes ?? 0)} on ${request.device.name}.`,
    )
    onDone()
  })
  const deny = useDeny(request.id, () => {
    toast.done('Denied', `${request.userName} is told why.`)
    onDone()
  })
  const wanted = request.minutes ?? settings?.minutesDefault ?? FALLBACK_MINUTES
  const [picked, setPicked] = useState<number | null>(null)
  const [ends, setEnds] = useState<boolean | null>(null)
  const [note, setNote] = useState('')
  const [asking, setAsking] = useState<'long' | 'deny' | null>(null)
  const minutes = picked ?? nearestDuration(wanted, request.ceilingMinutes)
  const endProcesses = ends ?? settings?.endProcesses ?? true

  const send = () =>
    approve.mutate({ minutes, endProcesses, note: note.trim() }, { onSettled: () => setAsking(null) })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (minutes >= LONG_MINUTES) setAsking('long')
    else send()
  }
  const trouble = approve.error ?? deny.error
  return (
    <form className="st-stack c-decide" onSubmit={submit}>
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
      <Textarea
        label={`Note to ${request.userName}`}
        autosize
        minRows={2}
        maxLength={1000}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      {trouble && <ErrorState trouble={asProblem(trouble)} size="inline" />}
      <div className="c-decide-actions">
        <Button type="submit" loading={approve.isPending}>
          Approve {minutesText(minutes)}
        </Button>
        <Button
          variant="default"
          color="danger"
          onClick={() => setAsking('deny')}
          disabled={approve.isPending}
        >
          Deny…
        </Button>
      </div>
      <ConfirmDialog
        opened={asking === 'long'}
        onClose={() => setAsking(null)}
        onConfirm={send}
        title={`Approve ${minutesText(minutes)}?`}
        confirm={`Approve ${minutesText(minutes)}`}
        pending={approve.isPending}
      >
        <p>
          {request.userName} can change anything on {request.device.name} for that long. An approval cannot be
          taken back, only the session ended.
        </p>
      </ConfirmDialog>
      <DenyDialog
        opened={asking === 'deny'}
        userName={request.userName}
        note={note}
        onNote={setNote}
        pending={deny.isPending}
        onClose={() => setAsking(null)}
        onDeny={() => deny.mutate({ note: note.trim() }, { onSettled: () => setAsking(null) })}
      />
    </form>
  )
}
