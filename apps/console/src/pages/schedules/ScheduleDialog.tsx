import { type ReportName, reportLabels, reportNames } from '@stint/elevation'
import {
  Button,
  ErrorState,
  Modal,
  Notice,
  SegmentedControl,
  Select,
  Skeleton,
  TextInput,
  toast,
  useClock,
} from '@stint/ui'
import type { DeliveryMeans, Schedule, ScheduleBody } from '@stint/wire/report-schedules'
import { type FormEvent, useState } from 'react'
import { asProblem } from '../../api/client.ts'
import { useSavedFilters } from '../../api/reports.ts'
import { useDeliveryMeans, useKeepSchedule } from '../../api/schedules.ts'
import { TargetFields } from './TargetFields.tsx'
import { TimeFields } from './TimeFields.tsx'
import { bodyOf, subjectPreview } from './words.ts'

interface ScheduleDialogProps {
  /** Null: closed. */
  readonly schedule: Schedule | 'new' | null
  readonly onClose: () => void
}

export function ScheduleDialog({ schedule, onClose }: ScheduleDialogProps) {
  const means = useDeliveryMeans()
  const isNew = schedule === 'new'
  return (
    <Modal
      opened={schedule !== null}
      onClose={onClose}
      title={isNew ? 'Schedule a report' : 'Change the schedule'}
      size="34rem"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div data-st-modal="">
        {means.error ? (
          <ErrorState trouble={asProblem(means.error)} size="inline" />
        ) : !means.data ? (
          <Skeleton height={420} />
        ) : means.data.email === null && !means.data.folder ? (
          <Notice tone="warn" title="This server has nowhere to send reports to">
            It was started without a mail server and without a folder for reports. Whoever runs it finds both
            under “Scheduled reports” in the documentation.
          </Notice>
        ) : (
          <ScheduleForm
            schedule={schedule === 'new' ? null : schedule}
            means={means.data}
            onClose={onClose}
          />
        )}
      </div>
    </Modal>
  )
}

function usual(means: DeliveryMeans): ScheduleBody {
  return {
    name: '',
    report: 'usage',
    filterId: null,
    when: {
      every: 'weekly',
      weekday: 1,
      time: '07:00',
      zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    },
    target: means.email ? { kind: 'email', to: [] } : { kind: 'folder', path: '' },
    format: 'csv',
    subject: '{report}, {from} to {to}',
    enabled: true,
  }
}

interface ScheduleFormProps {
  readonly schedule: Schedule | null
  readonly means: DeliveryMeans
  readonly onClose: () => void
}

function ScheduleForm({ schedule, means, onClose }: ScheduleFormProps) {
  const clock = useClock()
  const keep = useKeepSchedule(schedule?.id ?? null)
  const { data: filters = [] } = useSavedFilters()
  const [draft, setDraft] = useState<ScheduleBody>(schedule ? bodyOf(schedule) : usual(means))
  const change = (to: Partial<ScheduleBody>) => setDraft({ ...draft, ...to })
  const shared = filters.filter((saved) => saved.shared && saved.report === draft.report)
  const isWhole = draft.name.trim() !== '' && (draft.target.kind === 'folder' || draft.target.to.length > 0)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    keep.mutate(
      { ...draft, name: draft.name.trim() },
      {
        onSuccess: () => {
          onClose()
          toast.done(schedule ? 'Changed' : 'Scheduled', 'Try it with Send now.')
        },
      },
    )
  }
  return (
    <form className="st-stack" onSubmit={submit}>
      <TextInput
        label="Name"
        required
        maxLength={100}
        value={draft.name}
        onChange={(event) => change({ name: event.currentTarget.value })}
        data-autofocus
      />
      <div className="c-form-two">
        <Select
          label="Report"
          data={reportNames.map((name) => ({ value: name, label: reportLabels[name] }))}
          value={draft.report}
          onChange={(report) => change({ report: report as ReportName, filterId: null })}
          allowDeselect={false}
        />
        <Select
          label="Filter"
          data={[
            { value: '', label: 'Everything' },
            ...shared.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          value={draft.filterId ?? ''}
          onChange={(id) => change({ filterId: id || null })}
          allowDeselect={false}
        />
      </div>
      <TimeFields when={draft.when} onChange={(when) => change({ when })} />
      <TargetFields means={means} target={draft.target} onChange={(target) => change({ target })} />
      <TextInput
        label={draft.target.kind === 'email' ? 'Subject' : 'Title'}
        description={`Reads: ${subjectPreview(draft.subject, draft.report, draft.when, clock.now())}`}
        required
        maxLength={200}
        value={draft.subject}
        onChange={(event) => change({ subject: event.currentTarget.value })}
      />
      <fieldset className="c-plain-fieldset">
        <legend>As</legend>
        <SegmentedControl
          data={[
            { value: 'csv', label: 'CSV' },
            { value: 'json', label: 'JSON' },
          ]}
          value={draft.format}
          onChange={(format) => change({ format: format as ScheduleBody['format'] })}
        />
      </fieldset>
      {keep.error && <ErrorState trouble={asProblem(keep.error)} size="inline" />}
      <div className="st-row" data-end data-gap="2">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={keep.isPending} disabled={!isWhole}>
          {schedule ? 'Save changes' : 'Schedule it'}
        </Button>
      </div>
    </form>
  )
}
