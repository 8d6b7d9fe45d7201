import { reportLabels } from '@stint/elevation'
import {
  Button,
  type Column,
  ConfirmDialog,
  DataTable,
  EmptyState,
  ErrorState,
  PageHeader,
  Panel,
  RelativeTime,
  toast,
} from '@stint/ui'
import type { Schedule } from '@stint/wire/report-schedules'
import { IconCalendarTime, IconPlus } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useMay } from '../../api/account.ts'
import { asProblem } from '../../api/client.ts'
import { useDeleteSchedule, useSchedules } from '../../api/schedules.ts'
import { NotForYou } from '../../ui/NotForYou.tsx'
import { LastDelivery } from './LastDelivery.tsx'
import { ScheduleDialog } from './ScheduleDialog.tsx'
import { ScheduleMenu } from './ScheduleMenu.tsx'
import { targetText, whenText } from './words.ts'

export function SchedulesPage() {
  const may = useMay()
  if (!may('schedule-reports')) return <NotForYou title="Scheduled reports" what="schedule reports" />
  return <Schedules />
}

function Schedules() {
  const schedules = useSchedules()
  const [editing, setEditing] = useState<Schedule | 'new' | null>(null)
  const [deleting, setDeleting] = useState<Schedule | null>(null)
  const button = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setEditing('new')}>
      Schedule a report
    </Button>
  )
  return (
    <>
      <PageHeader
        title="Scheduled reports"
        about="Reports that are sent by themselves, by e-mail or into a folder. One that could not be sent is tried again, and says so here."
        actions={button}
      />
      {schedules.error && !schedules.data ? (
        <ErrorState
          title="The schedules could not be read."
          trouble={asProblem(schedules.error)}
          onRetry={() => void schedules.refetch()}
        />
      ) : (
        <Panel flush>
          <DataTable
            caption="Scheduled reports"
            columns={columnsWith(setEditing, setDeleting)}
            rows={schedules.data}
            expected={3}
            rowKey={(schedule) => schedule.id}
            empty={
              <EmptyState
                icon={<IconCalendarTime size={22} />}
                title="No report is sent by itself yet"
                action={button}
              >
                A weekly report of who had administrator rights is a good first one.
              </EmptyState>
            }
          />
        </Panel>
      )}
      <ScheduleDialog schedule={editing} onClose={() => setEditing(null)} />
      <DeleteDialog schedule={deleting} onClose={() => setDeleting(null)} />
    </>
  )
}

function columnsWith(
  onEdit: (schedule: Schedule) => void,
  onDelete: (schedule: Schedule) => void,
): readonly Column<Schedule>[] {
  return [
    {
      key: 'name',
      header: 'Schedule',
      width: '24%',
      cell: (schedule) => (
        <span className="st-two">
          <span className="st-strong">{schedule.name}</span>
          <span>
            <Link to="/reports/$report" params={{ report: schedule.report }}>
              {reportLabels[schedule.report]}
            </Link>
            {schedule.filterName && `, ${schedule.filterName}`}
          </span>
        </span>
      ),
    },
    {
      key: 'when',
      header: 'When',
      width: '20%',
      cell: ({ when }) => (
        <span className="st-two">
          <span>{whenText(when)}</span>
          <span>{when.zone}</span>
        </span>
      ),
    },
    {
      key: 'to',
      header: 'To',
      width: '17%',
      cell: ({ target, format }) => (
        <span className="st-two">
          <span title={target.kind === 'email' ? target.to.join('\n') : undefined}>{targetText(target)}</span>
          <span>as {format.toUpperCase()}</span>
        </span>
      ),
    },
    {
      key: 'next',
      header: 'Next',
      width: '6.5rem',
      cell: ({ enabled, nextDueAt }) =>
        enabled ? <RelativeTime at={nextDueAt} /> : <span className="st-muted">Paused</span>,
    },
    {
      key: 'last',
      header: 'Last sent',
      onCard: 'line',
      cell: ({ lastDelivery }) => <LastDelivery delivery={lastDelivery} />,
    },
    {
      key: 'actions',
      header: 'Actions',
      onCard: 'corner',
      width: '5.5rem',
      align: 'end',
      cell: (schedule) => (
        <ScheduleMenu
          schedule={schedule}
          onEdit={() => onEdit(schedule)}
          onDelete={() => onDelete(schedule)}
        />
      ),
    },
  ]
}

interface DeleteDialogProps {
  readonly schedule: Schedule | null
  readonly onClose: () => void
}

function DeleteDialog({ schedule, onClose }: DeleteDialogProps) {
  const remove = useDeleteSchedule()
  return (
    <ConfirmDialog
      opened={schedule !== null}
      onClose={onClose}
      tone="danger"
      title={`Delete ${schedule?.name ?? 'this schedule'}?`}
      confirm="Delete schedule"
      pending={remove.isPending}
      trouble={remove.error ? asProblem(remove.error) : null}
      onConfirm={() => {
        if (!schedule) return
        remove.mutate(schedule.id, {
          onSuccess: () => {
            onClose()
            toast.done('Deleted', 'Nothing more is sent by it. What was sent stays in the ledger.')
          },
        })
      }}
    >
      <p>Nothing more is sent by it, and what waits to be sent again is given up. Pausing keeps it.</p>
    </ConfirmDialog>
  )
}
