import { ActionIcon, Button, ErrorState, Modal, Switch, TextInput } from '@stint/ui'
import type { SavedFilter } from '@stint/wire/report-schedules'
import type { ReportFilter } from '@stint/wire/reports'
import { IconTrash } from '@tabler/icons-react'
import { type FormEvent, useState } from 'react'
import { useMay } from '../../api/account.ts'
import { asProblem } from '../../api/client.ts'
import { useChangeFilter, useDeleteFilter } from '../../api/reports.ts'

interface ManageFiltersDialogProps {
  readonly opened: boolean
  readonly onClose: () => void
  readonly filters: readonly SavedFilter[]
  /** What is shown now: a saved filter can be made to hold it. */
  readonly now: ReportFilter
}

export function ManageFiltersDialog({ opened, onClose, filters, now }: ManageFiltersDialogProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Saved filters"
      size="36rem"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div className="st-stack" data-st-modal="">
        {filters.length === 0 && <p className="st-muted">None is left for this report.</p>}
        <ul className="c-saved">
          {filters.map((saved) => (
            <SavedRow key={saved.id} saved={saved} now={now} />
          ))}
        </ul>
        <div className="st-row" data-end>
          <Button onClick={onClose}>Done</Button>
        </div>
      </div>
    </Modal>
  )
}

function SavedRow({ saved, now }: { readonly saved: SavedFilter; readonly now: ReportFilter }) {
  const may = useMay()
  const change = useChangeFilter()
  const remove = useDeleteFilter()
  const [name, setName] = useState(saved.name)
  const [sure, setSure] = useState(false)
  const trouble = change.error ?? remove.error
  const rename = (event: FormEvent) => {
    event.preventDefault()
    if (name.trim() !== '' && name.trim() !== saved.name) change.mutate({ id: saved.id, name: name.trim() })
  }
  return (
    <li>
      <form className="c-saved-row" onSubmit={rename}>
        {saved.own ? (
          <TextInput
            className="c-grow"
            aria-label={`Name of ${saved.name}`}
            value={name}
            maxLength={100}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        ) : (
          <span className="st-two c-grow">
            <span>{saved.name}</span>
            <span>{saved.owner.name}</span>
          </span>
        )}
        {saved.own && name.trim() !== saved.name && (
          <Button type="submit" size="xs" loading={change.isPending}>
            Rename
          </Button>
        )}
        {saved.own && (
          <Switch
            label="Shared"
            aria-label={`Share ${saved.name}`}
            checked={saved.shared}
            onChange={(event) => change.mutate({ id: saved.id, shared: event.currentTarget.checked })}
          />
        )}
        {(saved.own || may('schedule-reports')) &&
          (sure ? (
            <Button
              size="xs"
              color="danger"
              loading={remove.isPending}
              onClick={() => remove.mutate(saved.id)}
            >
              Delete for good
            </Button>
          ) : (
            <ActionIcon variant="subtle" aria-label={`Delete ${saved.name}`} onClick={() => setSure(true)}>
              <IconTrash size={17} />
            </ActionIcon>
          ))}
      </form>
      {saved.own && (
        <Button
          variant="subtle"
          size="xs"
          onClick={() => change.mutate({ id: saved.id, filter: now })}
          disabled={JSON.stringify(now) === JSON.stringify(saved.filter)}
        >
          Use what is shown now
        </Button>
      )}
      {trouble && <ErrorState trouble={asProblem(trouble)} size="inline" />}
    </li>
  )
}
