import { Button } from '@stint/ui'
import { IconBell } from '@tabler/icons-react'
import { useState } from 'react'

/** Asks the browser to allow notifications of the desktop, where that is still open. */
export function NotifyButton({ label }: { readonly label: string }) {
  const [permission, setPermission] = useState(() =>
    'Notification' in window ? Notification.permission : 'denied',
  )
  if (permission !== 'default') return null
  return (
    <Button
      variant="subtle"
      leftSection={<IconBell size={16} />}
      onClick={() => void Notification.requestPermission().then(setPermission)}
    >
      {label}
    </Button>
  )
}
