import { Button, Modal, TextInput } from '@mantine/core'
import { type FormEvent, type ReactNode, useState } from 'react'
import { ErrorState, type Trouble } from './ErrorState.tsx'

interface ConfirmDialogProps {
  readonly opened: boolean
  readonly onClose: () => void
  readonly onConfirm: () => void
  readonly title: string
  /** What will happen and what cannot be undone. */
  readonly children: ReactNode
  /** The verb: "Revoke computer". */
  readonly confirm: string
  readonly tone?: 'accent' | 'danger'
  /** The person types this before the button works. */
  readonly typed?: string
  readonly pending?: boolean
  readonly trouble?: Trouble | null
}

/** Asked before what cannot be undone. Focus starts on the way out, or on the field to type. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={props.title}
      size="26rem"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <ConfirmForm {...props} />
    </Modal>
  )
}

function ConfirmForm(props: ConfirmDialogProps) {
  const { typed, tone = 'accent' } = props
  const [text, setText] = useState('')
  const fits = typed === undefined || text.trim() === typed
  const submit = (event: FormEvent) => {
    event.preventDefault()
    // A portal's form still lies inside the form around it for React.
    event.stopPropagation()
    if (fits && !props.pending) props.onConfirm()
  }
  return (
    <form className="st-stack" onSubmit={submit} data-st-modal="">
      <div className="st-muted st-stack" data-gap="2">
        {props.children}
      </div>
      {typed !== undefined && (
        <TextInput
          label={
            <>
              Type <span className="st-mono">{typed}</span> to confirm
            </>
          }
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
        />
      )}
      {props.trouble && <ErrorState trouble={props.trouble} size="inline" />}
      <div className="st-row" data-end data-gap="2">
        <Button
          variant="default"
          onClick={props.onClose}
          {...(typed === undefined ? { 'data-autofocus': true } : {})}
        >
          Cancel
        </Button>
        <Button type="submit" color={tone} disabled={!fits} loading={props.pending ?? false}>
          {props.confirm}
        </Button>
      </div>
    </form>
  )
}
