import { type Role, roleLabels, roles } from '@stint/elevation'
import { ActionIcon, ConfirmDialog, Menu, Modal, toast } from '@stint/ui'
import type { Person } from '@stint/wire/console'
import { IconCheck, IconDots, IconLink, IconUserCheck, IconUserOff } from '@tabler/icons-react'
import { useState } from 'react'
import { asProblem } from '../../api/client.ts'
import { useChangePerson, useNewLink } from '../../api/people.ts'
import { OneTimeLink } from '../../ui/OneTimeLink.tsx'

/** Role, new link, disable: what an owner can do with one person. */
export function PersonMenu({ person }: { readonly person: Person }) {
  const change = useChangePerson()
  const newLink = useNewLink()
  const [disabling, setDisabling] = useState(false)
  const name = person.name || person.email
  const isDisabled = person.state === 'disabled'
  const onError = (error: unknown) => {
    const { code, message, hint } = asProblem(error)
    toast.trouble({ code, message, hint })
  }
  const setRole = (role: Role) =>
    change.mutate(
      { id: person.id, role },
      { onSuccess: () => toast.done(`${name} is now ${roleLabels[role]}`), onError },
    )
  const setDisabled = (disabled: boolean) =>
    change.mutate(
      { id: person.id, disabled },
      {
        onSuccess: () => toast.done(disabled ? `${name} can no longer sign in` : `${name} can sign in again`),
        onError,
        onSettled: () => setDisabling(false),
      },
    )
  return (
    <>
      <Menu position="bottom-end" width={232}>
        <Menu.Target>
          <ActionIcon variant="subtle" size={32} aria-label={`Actions for ${name}`}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Role</Menu.Label>
          {roles.map((role) => (
            <Menu.Item
              key={role}
              onClick={() => setRole(role)}
              disabled={role === person.role}
              rightSection={role === person.role ? <IconCheck size={16} /> : null}
            >
              {roleLabels[role]}
            </Menu.Item>
          ))}
          <Menu.Divider />
          {!isDisabled && (
            <Menu.Item
              leftSection={<IconLink size={16} />}
              onClick={() => newLink.mutate(person.id, { onError })}
            >
              New one-time link
            </Menu.Item>
          )}
          {isDisabled ? (
            <Menu.Item leftSection={<IconUserCheck size={16} />} onClick={() => setDisabled(false)}>
              Let in again
            </Menu.Item>
          ) : (
            <Menu.Item leftSection={<IconUserOff size={16} />} onClick={() => setDisabling(true)}>
              Disable…
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <ConfirmDialog
        opened={disabling}
        onClose={() => setDisabling(false)}
        tone="danger"
        title={`Disable ${name}?`}
        confirm="Disable"
        pending={change.isPending}
        onConfirm={() => setDisabled(true)}
      >
        <p>
          They are signed out everywhere and cannot sign in. What they decided stays on record under their
          name. You can let them in again.
        </p>
      </ConfirmDialog>
      <Modal
        opened={newLink.data !== undefined}
        onClose={newLink.reset}
        title={`New link for ${name}`}
        size="30rem"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {newLink.data && (
          <OneTimeLink link={newLink.data.link} email={person.email} onClose={newLink.reset} />
        )}
      </Modal>
    </>
  )
}
