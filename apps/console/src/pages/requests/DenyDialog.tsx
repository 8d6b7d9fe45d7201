import { Button, Modal, Textarea } from '@stint/ui'
import type { FormEvent } from 'react'

interface DenyDialogProps {
  readonly opened: boolean
  readonly userName: string
  readonly note: string
  readonly onNote: (note: string) => void
  readonly pending: boolean
  readonly onClose: () => void
  readonly onDeny: () => void
}

/** A denial always reaches the person, with words: so it has to have some. */
export function DenyDialog({ opened, userName, note, onNote, pending, onClose, onDeny }: DenyDialogProps) {
  const isEmpty = note.trim() === ''
  const submit = (event: FormEvent) => {
    event.preventDefault()
    // A portal's form still lies inside the other one for React.
    event.stopPropagation()
    if (!isEmpty) onDeny()
  }
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Deny this request"
      size="26rem"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form className="st-stack" onSubmit={submit} data-st-modal="">
        <Textarea
          label={`What should ${userName} do instead?`}
          description="They read exactly this."
          autosize
          minRows={3}
          maxLength={1000}
          required
          value={note}
          onChange={(event) => onNote(event.currentTarget.value)}
          data-autofocus
        />
        <div className="st-row" data-end data-gap="2">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" color="danger" disabled={isEmpty} loading={pending}>
            Deny
          </Button>
        </div>
      </form>
    </Modal>
  )
}
