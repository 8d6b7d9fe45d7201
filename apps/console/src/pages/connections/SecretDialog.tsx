import { Button, CopyField, Modal } from '@stint/ui'

interface SecretDialogProps {
  /** Null: closed. */
  readonly secret: string | null
  readonly onClose: () => void
}

/** A webhook's secret, this once. */
export function SecretDialog({ secret, onClose }: SecretDialogProps) {
  return (
    <Modal
      opened={secret !== null}
      onClose={onClose}
      title="Secret of the webhook"
      size="30rem"
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div className="st-stack" data-st-modal="">
        <CopyField
          label="Signing secret"
          description="Shown this once. The receiver checks with it that a call comes from here. Any secret from before is worth nothing now."
          value={secret ?? ''}
        />
        <div className="st-row" data-end>
          <Button onClick={onClose}>Done</Button>
        </div>
      </div>
    </Modal>
  )
}
