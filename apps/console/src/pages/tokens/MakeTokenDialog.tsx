import { type Right, rights } from '@stint/elevation'
import { Button, Checkbox, CopyField, ErrorState, Modal, SegmentedControl, TextInput } from '@stint/ui'
import { type FormEvent, useState } from 'react'
import { asProblem } from '../../api/client.ts'
import { useMakeToken } from '../../api/people.ts'
import { rightTexts } from '../../ui/roles.ts'

const lifetimes = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
]

interface MakeTokenDialogProps {
  readonly opened: boolean
  readonly onClose: () => void
}

export function MakeTokenDialog({ opened, onClose }: MakeTokenDialogProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Make an API token"
      size="30rem"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <MakeToken onClose={onClose} />
    </Modal>
  )
}

function MakeToken({ onClose }: { readonly onClose: () => void }) {
  const make = useMakeToken()
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState<readonly string[]>(['see'])
  const [days, setDays] = useState('90')
  if (make.data) {
    return (
      <div className="st-stack" data-st-modal="">
        <CopyField
          label="Secret"
          description="Shown this once. It goes into the header authorization: Bearer …"
          value={make.data.secret}
        />
        <div className="st-row" data-end>
          <Button onClick={onClose}>Done</Button>
        </div>
      </div>
    )
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    make.mutate({
      name: name.trim(),
      rights: rights.filter((right) => chosen.includes(right)),
      days: Number(days),
    })
  }
  return (
    <form className="st-stack" onSubmit={submit} data-st-modal="">
      <TextInput
        label="Name"
        description="What uses it. It stands in the ledger."
        maxLength={100}
        required
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
      <Checkbox.Group label="It may" value={[...chosen]} onChange={setChosen}>
        <div className="c-radios">
          {rights.map((right: Right) => (
            <Checkbox key={right} value={right} label={rightTexts[right]} />
          ))}
        </div>
      </Checkbox.Group>
      <fieldset className="c-plain-fieldset">
        <legend>It runs out after</legend>
        <SegmentedControl data={lifetimes} value={days} onChange={setDays} fullWidth />
      </fieldset>
      {make.error && <ErrorState trouble={asProblem(make.error)} size="inline" />}
      <div className="st-row" data-end data-gap="2">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={make.isPending} disabled={name.trim() === '' || chosen.length === 0}>
          Make the token
        </Button>
      </div>
    </form>
  )
}
