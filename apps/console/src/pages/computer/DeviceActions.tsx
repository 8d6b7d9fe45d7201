import { Button, ConfirmDialog, toast } from '@stint/ui'
import type { Device } from '@stint/wire/console'
import { useState } from 'react'
import { useMay } from '../../api/account.ts'
import { asProblem } from '../../api/client.ts'
import { useDeviceAction } from '../../api/devices.ts'

/** Revoke, and release for a suspended computer. */
export function DeviceActions({ device }: { readonly device: Device }) {
  const may = useMay()
  const [asking, setAsking] = useState<'revoke' | 'release' | null>(null)
  const revoke = useDeviceAction(device.id, 'revoke')
  const release = useDeviceAction(device.id, 'release')
  if (!may('administer-devices') || device.state === 'revoked') return null
  const close = () => setAsking(null)
  return (
    <>
      {device.state === 'suspended' && <Button onClick={() => setAsking('release')}>Release…</Button>}
      <Button variant="default" color="danger" onClick={() => setAsking('revoke')}>
        Revoke…
      </Button>
      <ConfirmDialog
        opened={asking === 'revoke'}
        onClose={close}
        tone="danger"
        title={`Revoke ${device.name}?`}
        confirm="Revoke computer"
        typed={device.name}
        pending={revoke.isPending}
        trouble={revoke.error ? asProblem(revoke.error) : null}
        onConfirm={() =>
          revoke.mutate(undefined, {
            onSuccess: () => {
              close()
              toast.done('Revoked', `${device.name} must be enrolled again before it can ask.`)
            },
          })
        }
      >
        <p>
          The server stops speaking with it and answers none of its codes. Open requests of it run out. A
          session that is live there still ends on time, by itself.
        </p>
        <p>This cannot be undone; the computer can be enrolled again as a new one.</p>
      </ConfirmDialog>
      <ConfirmDialog
        opened={asking === 'release'}
        onClose={close}
        title={`Release ${device.name}?`}
        confirm="Release"
        pending={release.isPending}
        trouble={release.error ? asProblem(release.error) : null}
        onConfirm={() =>
          release.mutate(undefined, {
            onSuccess: () => {
              close()
              toast.done('Released', `${device.name} may go on.`)
            },
          })
        }
      >
        <p>Do this only when the other computer that claimed its identity is gone.</p>
      </ConfirmDialog>
    </>
  )
}
