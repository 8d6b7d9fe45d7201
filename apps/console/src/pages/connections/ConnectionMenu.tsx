import { ActionIcon, Menu, toast } from '@stint/ui'
import type { Sink } from '@stint/wire/sinks'
import {
  IconDots,
  IconKey,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
  IconSend,
  IconTrash,
} from '@tabler/icons-react'
import { asProblem } from '../../api/client.ts'
import { useNewSecret, usePauseSink, useTestSink } from '../../api/sinks.ts'

interface ConnectionMenuProps {
  readonly sink: Sink
  readonly onEdit: () => void
  readonly onDelete: () => void
  readonly onSecret: (secret: string) => void
}

/** What can be done with one connection. */
export function ConnectionMenu({ sink, onEdit, onDelete, onSecret }: ConnectionMenuProps) {
  const test = useTestSink()
  const pause = usePauseSink()
  const renew = useNewSecret()
  const onError = (error: unknown) => toast.trouble(asProblem(error))
  const isPaused = sink.state === 'paused'
  const tell = ({ delivered, error }: { readonly delivered: boolean; readonly error: string | null }) => {
    if (delivered) return toast.done('The test arrived', `${sink.name} took it.`)
    toast.trouble({
      code: 'test-failed',
      message: `${sink.name} did not take the test.`,
      hint: error ?? 'It did not say why.',
    })
  }
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon variant="subtle" size={30} aria-label={`Actions for ${sink.name}`}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconSend size={16} />}
          onClick={() => test.mutate(sink.id, { onSuccess: tell, onError })}
        >
          Send a test
        </Menu.Item>
        <Menu.Item leftSection={<IconPencil size={16} />} onClick={onEdit}>
          Change…
        </Menu.Item>
        <Menu.Item
          leftSection={isPaused ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />}
          onClick={() => pause.mutate({ id: sink.id, paused: !isPaused }, { onError })}
        >
          {isPaused ? 'Resume' : 'Pause'}
        </Menu.Item>
        {sink.kind === 'webhook' && (
          <Menu.Item
            leftSection={<IconKey size={16} />}
            onClick={() =>
              renew.mutate(sink.id, {
                onSuccess: ({ secret }) => secret !== null && onSecret(secret),
                onError,
              })
            }
          >
            New secret
          </Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Item leftSection={<IconTrash size={16} />} onClick={onDelete}>
          Disconnect…
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
