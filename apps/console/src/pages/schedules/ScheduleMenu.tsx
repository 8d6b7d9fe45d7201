import { ActionIcon, Menu, toast } from '@stint/ui'
import type { Schedule } from '@stint/wire/report-schedules'
import {
  IconDots,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
  IconRefresh,
  IconSend,
  IconTrash,
} from '@tabler/icons-react'
import { asProblem } from '../../api/client.ts'
import { useKeepSchedule, useSendAgain, useSendNow } from '../../api/schedules.ts'
import { bodyOf } from './words.ts'

interface ScheduleMenuProps {
  readonly schedule: Schedule
  readonly onEdit: () => void
  readonly onDelete: () => void
}

/** What can be done with one schedule. */
export function ScheduleMenu({ schedule, onEdit, onDelete }: ScheduleMenuProps) {
  const keep = useKeepSchedule(schedule.id)
  const send = useSendNow()
  const again = useSendAgain()
  const { lastDelivery, enabled } = schedule
  const onError = (error: unknown) => toast.trouble(asProblem(error))
  const asked = () => toast.done('Being sent', 'What becomes of it is shown under Last sent.')
  const canAgain = lastDelivery?.state === 'failed' || lastDelivery?.state === 'uncertain'
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon variant="subtle" size={30} aria-label={`Actions for ${schedule.name}`}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconPencil size={16} />} onClick={onEdit}>
          Change…
        </Menu.Item>
        <Menu.Item
          leftSection={<IconSend size={16} />}
          onClick={() => send.mutate(schedule.id, { onSuccess: asked, onError })}
        >
          Send now
        </Menu.Item>
        {canAgain && (
          <Menu.Item
            leftSection={<IconRefresh size={16} />}
            onClick={() => again.mutate(lastDelivery.id, { onSuccess: asked, onError })}
          >
            Send the last one again
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={enabled ? <IconPlayerPause size={16} /> : <IconPlayerPlay size={16} />}
          onClick={() => keep.mutate({ ...bodyOf(schedule), enabled: !enabled }, { onError })}
        >
          {enabled ? 'Pause' : 'Resume'}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconTrash size={16} />} onClick={onDelete}>
          Delete…
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
