import { notifications } from '@mantine/notifications'
import type { Trouble } from './ErrorState.tsx'

const DONE_MS = 5_000
const closeButtonProps = { 'aria-label': 'Close this message' }

/** Short confirmations. What a person must act on does not belong in a toast. */
export const toast = {
  done(title: string, message = ''): void {
    notifications.show({
      title,
      message,
      color: 'accent',
      withBorder: false,
      autoClose: DONE_MS,
      closeButtonProps,
    })
  },
  /** Stays until it is closed: somebody may need the code. */
  trouble(trouble: Trouble): void {
    notifications.show({
      title: trouble.message,
      message: `${trouble.hint} (${trouble.code})`,
      color: 'danger',
      autoClose: false,
      closeButtonProps,
    })
  },
}
