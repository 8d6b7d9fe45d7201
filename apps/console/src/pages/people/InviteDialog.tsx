import { type Role, roleLabels, roles } from '@stint/elevation'
import { Button, ErrorState, Modal, Radio, TextInput } from '@stint/ui'
import { type FormEvent, useState } from 'react'
import { asProblem } from '../../api/client.ts'
import { useInvite } from '../../api/people.ts'
import { OneTimeLink } from '../../ui/OneTimeLink.tsx'
import { roleTexts } from '../../ui/roles.ts'

interface InviteDialogProps {
  readonly opened: boolean
  readonly onClose: () => void
}

export function InviteDialog({ opened, onClose }: InviteDialogProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Invite a person"
      size="30rem"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Invite onClose={onClose} />
    </Modal>
  )
}

function Invite({ onClose }: { readonly onClose: () => void }) {
  const invite = useInvite()
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<Role>('approver')
  if (invite.data)
    return <OneTimeLink link={invite.data.link} email={invite.data.person.email} onClose={onClose} />
  const submit = (event: FormEvent) => {
    event.preventDefault()
    invite.mutate({ email: email.trim(), role })
  }
  const problem = invite.error ? asProblem(invite.error) : null
  return (
    <form className="st-stack" onSubmit={submit} data-st-modal="">
      <TextInput
        label="E-mail"
        type="email"
        autoComplete="off"
        required
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
        error={problem?.fields.email}
        data-autofocus
      />
      <Radio.Group label="Role" value={role} onChange={(next) => setRole(next as Role)}>
        <div className="c-radios">
          {roles.map((name) => (
            <Radio key={name} value={name} label={roleLabels[name]} description={roleTexts[name]} />
          ))}
        </div>
      </Radio.Group>
      {problem && <ErrorState trouble={problem} size="inline" />}
      <div className="st-row" data-end data-gap="2">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={invite.isPending} disabled={!/^[^\s@]+@[^\s@]+$/.test(email.trim())}>
          Make the link
        </Button>
      </div>
    </form>
  )
}
