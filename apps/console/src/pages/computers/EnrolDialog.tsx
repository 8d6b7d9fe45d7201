import { Button, CopyField, ErrorState, Modal, NumberInput, RelativeTime, SegmentedControl } from '@stint/ui'
import type { EnrollmentTokenMade } from '@stint/wire/console'
import { type FormEvent, useState } from 'react'
import { asProblem } from '../../api/client.ts'
import { useMakeEnrollmentToken } from '../../api/devices.ts'

const lifetimes = [
  { value: '60', label: '1 hour' },
  { value: '1440', label: '1 day' },
  { value: '10080', label: '1 week' },
]

interface EnrolDialogProps {
  readonly opened: boolean
  readonly onClose: () => void
}

export function EnrolDialog({ opened, onClose }: EnrolDialogProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Enrol a computer"
      size="36rem"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Enrol onClose={onClose} />
    </Modal>
  )
}

function Enrol({ onClose }: { readonly onClose: () => void }) {
  const make = useMakeEnrollmentToken()
  const [minutes, setMinutes] = useState('60')
  const [uses, setUses] = useState<number | string>(1)
  if (make.data) return <MadeToken made={make.data} onClose={onClose} />
  const submit = (event: FormEvent) => {
    event.preventDefault()
    make.mutate({ minutes: Number(minutes), uses: Number(uses) })
  }
  return (
    <form className="st-stack" onSubmit={submit} data-st-modal="">
      <p className="st-muted">
        You get one command that connects a computer to this server. It holds a secret, so it runs out by
        itself.
      </p>
      <fieldset className="c-plain-fieldset">
        <legend>The command works for</legend>
        <SegmentedControl data={lifetimes} value={minutes} onChange={setMinutes} fullWidth data-autofocus />
      </fieldset>
      <NumberInput
        label="On how many computers"
        min={1}
        max={10_000}
        allowDecimal={false}
        clampBehavior="strict"
        value={uses}
        onChange={setUses}
      />
      {make.error && <ErrorState trouble={asProblem(make.error)} size="inline" />}
      <div className="st-row" data-end data-gap="2">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={make.isPending} disabled={Number(uses) < 1}>
          Make the command
        </Button>
      </div>
    </form>
  )
}

function MadeToken({ made, onClose }: { readonly made: EnrollmentTokenMade; readonly onClose: () => void }) {
  return (
    <div className="st-stack" data-st-modal="">
      <CopyField
        label="Command"
        description="Run it as root on the computer. It is shown this once."
        value={made.command}
      />
      <p className="st-small st-muted">
        Works on {made.item.uses === 1 ? 'one computer' : `${made.item.uses} computers`} and runs out{' '}
        <RelativeTime at={made.item.expiresAt} />. The computer appears in the list by itself.
      </p>
      <div className="st-row" data-end>
        <Button onClick={onClose}>Done</Button>
      </div>
    </div>
  )
}
