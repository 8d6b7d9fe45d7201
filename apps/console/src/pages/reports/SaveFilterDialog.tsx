import type { ReportName } from '@stint/elevation'
import { Button, ErrorState, Modal, Switch, TextInput, toast } from '@stint/ui'
import type { ReportFilter } from '@stint/wire/reports'
import { type FormEvent, useState } from 'react'
import { asProblem } from '../../api/client.ts'
import { useSaveFilter } from '../../api/reports.ts'

interface SaveFilterDialogProps {
  readonly opened: boolean
  readonly onClose: () => void
  readonly report: ReportName
  readonly filter: ReportFilter
}

export function SaveFilterDialog({ opened, onClose, report, filter }: SaveFilterDialogProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Save these filters"
      size="27rem"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <SaveForm onClose={onClose} report={report} filter={filter} />
    </Modal>
  )
}

function SaveForm({ onClose, report, filter }: Omit<SaveFilterDialogProps, 'opened'>) {
  const save = useSaveFilter()
  const [name, setName] = useState('')
  const [shared, setShared] = useState(false)
  const hasDays = filter.from !== undefined || filter.to !== undefined
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate(
      { name: name.trim(), report, filter, shared },
      {
        onSuccess: (saved) => {
          onClose()
          toast.done(
            'Saved',
            saved.shared ? 'Everybody who reads reports finds it under Saved.' : 'You find it under Saved.',
          )
        },
      },
    )
  }
  return (
    <form className="st-stack" onSubmit={submit} data-st-modal="">
      <TextInput
        label="Name"
        description={
          hasDays
            ? 'The exact days are kept with it.'
            : 'The period is not part of it: it is chosen when the filters are used.'
        }
        maxLength={100}
        required
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
      <Switch
        label="Share with everybody who reads reports"
        description="Only you can change it. A schedule can use it only while it is shared."
        checked={shared}
        onChange={(event) => setShared(event.currentTarget.checked)}
      />
      {save.error && <ErrorState trouble={asProblem(save.error)} size="inline" />}
      <div className="st-row" data-end data-gap="2">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={save.isPending} disabled={name.trim() === ''}>
          Save
        </Button>
      </div>
    </form>
  )
}
